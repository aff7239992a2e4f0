using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class VerifyApp
{
    [Authorize(Policies.Admin)]
    [RecentSignIn(IsLongForm = true)]
    public sealed class Page(IMediator mediator) : PageModel
    {
        [BindProperty] public long? Version { get; set; }

        public ShowApp.App App { get; private set; } = null!;

        public async Task<IActionResult> OnGetAsync(string id, CancellationToken ct) => await Load(id, ct) ? Page() : NotFound();

        public Task<IActionResult> OnPostVerifyAsync(string id, CancellationToken ct) => Send(id, withdraw: false, ct);

        public Task<IActionResult> OnPostWithdrawAsync(string id, CancellationToken ct) => Send(id, withdraw: true, ct);

        private async Task<IActionResult> Send(string id, bool withdraw, CancellationToken ct)
        {
            switch (await mediator.Send(new Request { Id = id, Withdraw = withdraw, Version = Version }, ct))
            {
                case Result.NotFound:
                    return NotFound();
                case Result.Conflict: // or it was removed
                    return await Load(id, ct) ? this.Again("This app has changed since you opened it. Look at it again before you decide.") : NotFound();
                default:
                    TempData["Notice"] = withdraw ? "The app counts as unverified." : "The app is verified. It stays so until it changes what you have seen.";
                    return RedirectToPage("/Features/RegisterApp/ShowApp", new { id });
            }
        }

        private async Task<bool> Load(string id, CancellationToken ct)
        {
            if (await mediator.Send(new ShowApp.Request(id), ct) is not ShowApp.Result.Found { App: { Kind: not ClientKind.Api, Origin: not ClientOrigin.Managed } app })
                return false;
            App = app;
            Version = app.UpdatedAt.UtcTicks;
            ModelState.Remove(nameof(Version));
            return true;
        }
    }
}
