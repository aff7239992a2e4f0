using System.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class DisableTwoFactor
{
    [RecentSignIn]
    public sealed class Page(IMediator mediator) : PageModel
    {
        public async Task<IActionResult> OnPostAsync(CancellationToken ct)
        {
            switch (await mediator.Send(new Request(), ct))
            {
                case Result.TurnedOff { MustEnrolAgain: true }:
                    TempData["Notice"] = "Two-step sign-in is off. Sign in to set it up again: your account needs it.";
                    return RedirectToPage("/Features/Login/Login");
                case Result.TurnedOff:
                    TempData["Notice"] = "Two-step sign-in is off. You were signed out everywhere else.";
                    return RedirectToPage("/Features/TwoFactor/EnrolTwoFactor");
                case Result.WasOff:
                    return RedirectToPage("/Features/TwoFactor/EnrolTwoFactor");
                default:
                    throw new UnreachableException();
            }
        }
    }
}
