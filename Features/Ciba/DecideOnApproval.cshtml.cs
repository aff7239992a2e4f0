using System.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class DecideOnApproval
{
    [RecentSignIn(MayBeRead = true)]
    public sealed class Page(IMediator mediator) : PageModel
    {
        public IReadOnlyList<ListApprovals.Row> Approvals { get; private set; } = [];

        public async Task OnGetAsync(CancellationToken ct) => Approvals = await mediator.Send(new ListApprovals.Request(), ct);

        public Task<IActionResult> OnPostAllowAsync(Guid id, CancellationToken ct) => Decide(id, true, ct);

        public Task<IActionResult> OnPostDenyAsync(Guid id, CancellationToken ct) => Decide(id, false, ct);

        private async Task<IActionResult> Decide(Guid id, bool allows, CancellationToken ct)
        {
            var result = await mediator.Send(new Request(id, allows), ct);
            if (result is Result.NeedsProof more)
                return LocalRedirect($"{more.Missing.Page()}?returnUrl={Uri.EscapeDataString("/account/approvals")}");
            TempData["Notice"] = result switch
            {
                Result.Allowed => "Allowed. The app goes on by itself.",
                Result.Denied => "Denied. The app gets nothing.",
                Result.Forbidden => "You cannot use this app, so it was refused.",
                Result.Gone => "That was over already: it expired, or was decided on.",
                _ => throw new UnreachableException(),
            };
            return RedirectToPage();
        }
    }
}
