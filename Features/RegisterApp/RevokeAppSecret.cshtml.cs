using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class RevokeAppSecret
{
    [RecentSignIn]
    public sealed class Page(IMediator mediator) : PageModel
    {
        public ShowApp.App App { get; private set; } = null!;
        public ShowApp.App.Secret Shown { get; private set; } = null!;
        public bool IsLast => App.Secrets.Length == 1;

        public async Task<IActionResult> OnGetAsync(string id, Guid secretId, CancellationToken ct)
        {
            if (await mediator.Send(new ShowApp.Request(id), ct) is not ShowApp.Result.Found found
                || found.App.Secrets.FirstOrDefault(secret => secret.Id == secretId) is not { } shown)
                return NotFound();
            (App, Shown) = (found.App, shown);
            return Page();
        }

        public async Task<IActionResult> OnPostAsync(string id, Guid secretId, CancellationToken ct)
        {
            if (await mediator.Send(new Request(id, secretId), ct) is Result.NotFound)
                return NotFound();
            TempData["Notice"] = "The secret was revoked.";
            return RedirectToPage("ShowApp", new { id });
        }
    }
}
