using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class RotateKeys
{
    [Authorize(Policies.Admin)]
    [RecentSignIn]
    public sealed class Page(IMediator mediator) : PageModel
    {
        public IReadOnlyList<ListKeys.Key> Keys { get; private set; } = [];

        public async Task OnGetAsync(CancellationToken ct) => Keys = (await mediator.Send(new ListKeys.Request(), ct)).Keys;

        public async Task<IActionResult> OnPostAsync(CancellationToken ct)
        {
            var rotated = await mediator.Send(new Request(), ct);
            var from = rotated.From is { } time ? $"The next keys sign from {time.Words()}. " : "";
            TempData["Notice"] = (from + rotated.Advice).TrimEnd();
            return RedirectToPage();
        }
    }
}
