using System.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class ListLogins
{
    [RecentSignIn]
    public sealed class Page(IMediator mediator, ExternalProviders providers) : PageModel
    {
        public Result Ways { get; private set; } = null!;
        public IEnumerable<ExternalProvider> Linkable => providers.All.Where(provider => Ways.Logins.All(login => login.Key != provider.Key));

        public async Task OnGetAsync(CancellationToken ct) => Ways = await mediator.Send(new Request(), ct);

        public async Task<IActionResult> OnPostUnlinkAsync(string provider, CancellationToken ct)
        {
            switch (await mediator.Send(new UnlinkLogin.Request(provider), ct))
            {
                case UnlinkLogin.Result.Unlinked:
                    TempData["Notice"] = "That login was removed.";
                    return RedirectToPage();
                case UnlinkLogin.Result.IsTheLastWayIn:
                    await OnGetAsync(ct);
                    return this.Again("This is your only way to sign in. Link another login first.");
                case UnlinkLogin.Result.NotFound:
                    return NotFound();
                default:
                    throw new UnreachableException();
            }
        }
    }
}
