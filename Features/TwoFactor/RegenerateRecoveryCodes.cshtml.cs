using System.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class RegenerateRecoveryCodes
{
    [RecentSignIn]
    public sealed class Page(IMediator mediator) : PageModel
    {
        public RecoveryCodes.Sheet? Sheet { get; private set; }

        public async Task<IActionResult> OnPostAsync(CancellationToken ct)
        {
            switch (await mediator.Send(new Request(), ct))
            {
                case Result.Made made:
                    Sheet = made.Sheet;
                    return Page();
                case Result.IsOff:
                    return RedirectToPage("/Features/TwoFactor/EnrolTwoFactor");
                default:
                    throw new UnreachableException();
            }
        }
    }
}
