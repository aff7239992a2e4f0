using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class EndAppAccess
{
    [Authorize]
    public sealed class Page(IMediator mediator) : PageModel
    {
        public IReadOnlyList<ListAppAccess.App> Apps { get; private set; } = [];

        public async Task OnGetAsync(CancellationToken ct) => Apps = (await mediator.Send(new ListAppAccess.Request(), ct)).Apps;

        public async Task<IActionResult> OnPostAsync(string clientId, CancellationToken ct)
        {
            TempData["Notice"] = await mediator.Send(new Request(clientId), ct) is Result.Ended
                ? "The app has no access to your account any more."
                : "That app had no access to your account.";
            return RedirectToPage();
        }
    }
}
