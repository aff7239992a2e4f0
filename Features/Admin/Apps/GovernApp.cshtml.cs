using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class GovernApp
{
    [Authorize(Policies.Admin)]
    [RecentSignIn(IsLongForm = true)]
    public sealed class Page(IMediator mediator) : PageModel
    {
        [BindProperty] public Request Input { get; set; } = new();

        public string Name { get; private set; } = "";

        public async Task<IActionResult> OnGetAsync(string id, CancellationToken ct)
        {
            if (await mediator.Send(new ShowApp.Request(id), ct) is not ShowApp.Result.Found { App: { Kind: not ClientKind.Api } app })
                return NotFound();
            Name = app.Name;
            Input = new Request { Id = id, OwnerEmail = app.OwnerEmail, SkipsConsent = app.SkipsConsent };
            return Page();
        }

        public async Task<IActionResult> OnPostAsync(string id, CancellationToken ct)
        {
            if (await mediator.Send(Input with { Id = id }, ct) is Result.NotFound)
                return NotFound();
            TempData["Notice"] = "The app was changed.";
            return RedirectToPage("/Features/RegisterApp/ShowApp", new { id });
        }
    }
}
