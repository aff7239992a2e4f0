using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class DisableApp
{
    public sealed class Page(IMediator mediator) : PageModel
    {
        [BindProperty] public bool Enable { get; set; }

        public ShowApp.App App { get; private set; } = null!;

        public async Task<IActionResult> OnGetAsync(string id, CancellationToken ct)
        {
            if (await mediator.Send(new ShowApp.Request(id), ct) is not ShowApp.Result.Found { App: { Kind: not ClientKind.Api } app })
                return NotFound();
            (App, Enable) = (app, app.DisabledAt is not null);
            return Page();
        }

        public async Task<IActionResult> OnPostAsync(string id, CancellationToken ct)
        {
            if (await mediator.Send(new Request { Id = id, Enable = Enable }, ct) is Result.NotFound)
                return NotFound();
            TempData["Notice"] = Enable ? "The app is enabled." : "The app is disabled, and what was issued to it has ended.";
            return RedirectToPage("ShowApp", new { id });
        }
    }
}
