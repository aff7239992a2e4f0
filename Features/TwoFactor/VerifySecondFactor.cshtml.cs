using System.Diagnostics;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class VerifySecondFactor
{
    [AllowAnonymous]
    public sealed class Page(IMediator mediator) : PageModel
    {
        [BindProperty] public Request Input { get; set; } = new();
        [BindProperty(SupportsGet = true, Name = "returnUrl")] public string? ReturnUrl { get; set; }

        public async Task<IActionResult> OnGetAsync(CancellationToken ct) => await mediator.Send(new Question(), ct) ? Page() : SignInFirst();

        public async Task<IActionResult> OnPostAsync(CancellationToken ct)
        {
            var result = await mediator.Send(Input, ct);
            if (result is Result.SignedIn { Method: AuthenticationMethods.RecoveryCode, CodesLeft: var left })
                TempData["Notice"] = $"You used a recovery code. {left} are left.";
            return result switch
            {
                Result.SignedIn => this.Onward(ReturnUrl),
                Result.Wrong => this.Again("This code is not right, or it was used already. Wait for the next one."),
                Result.Locked => this.TooMany("Too many wrong codes. Please try again in a few minutes.", Attempts.LockedFor),
                Result.NobodyWaits => SignInFirst(),
                _ => throw new UnreachableException(),
            };
        }

        private RedirectToPageResult SignInFirst() => RedirectToPage("/Features/Login/Login", new { returnUrl = this.Local(ReturnUrl) });
    }
}
