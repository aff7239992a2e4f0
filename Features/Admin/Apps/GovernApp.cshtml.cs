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

        /// <summary>Nobody here registered it.</summary>
        public bool IsForeign { get; private set; }

        public async Task<IActionResult> OnGetAsync(string id, CancellationToken ct)
        {
            if (await mediator.Send(new ShowApp.Request(id), ct) is not ShowApp.Result.Found { App: { Kind: not ClientKind.Api } app })
                return NotFound();
            (Name, IsForeign) = (app.Name, app.Origin != ClientOrigin.Managed);
            Input = new Request { Id = id, OwnerEmail = app.OwnerEmail, SkipsConsent = app.SkipsConsent, IsVerified = app.VerifiedAt is not null, Version = app.UpdatedAt.UtcTicks };
            return Page();
        }

        public async Task<IActionResult> OnPostAsync(string id, CancellationToken ct)
        {
            switch (await mediator.Send(Input with { Id = id }, ct))
            {
                case Result.NotFound:
                    return NotFound();
                case Result.Conflict:
                    return this.Again("This app has changed since you opened it. Look at it again before you decide.");
                default:
                    TempData["Notice"] = "The app was changed.";
                    return RedirectToPage("/Features/RegisterApp/ShowApp", new { id });
            }
        }
    }
}
