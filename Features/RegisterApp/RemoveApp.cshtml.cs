using System.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class RemoveApp
{
    [RecentSignIn]
    public sealed class Page(IMediator mediator) : PageModel
    {
        public ShowApp.App App { get; private set; } = null!;

        public async Task<IActionResult> OnGetAsync(string id, CancellationToken ct)
        {
            if (await mediator.Send(new ShowApp.Request(id), ct) is not ShowApp.Result.Found { App: { Kind: not ClientKind.Api } app })
                return NotFound();
            App = app;
            return Page();
        }

        public async Task<IActionResult> OnPostAsync(string id, CancellationToken ct)
        {
            switch (await mediator.Send(new Request { Id = id }, ct))
            {
                case Result.Removed removed:
                    TempData["Notice"] = $"{removed.Name} was removed. {removed.Grants} authorizations and {removed.Tokens} stored tokens ended with it.";
                    return RedirectToPage("ListApps");
                case Result.NotFound:
                    return NotFound();
                default:
                    throw new UnreachableException();
            }
        }
    }
}
