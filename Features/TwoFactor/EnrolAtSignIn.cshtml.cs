using System.Diagnostics;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class EnrolTwoFactor
{
    /// <summary>The same enrolment for a person who waits at sign-in because Signet:RequireTwoFactor asks for it.</summary>
    [AllowAnonymous]
    public sealed class AtSignInPage(IMediator mediator) : PageModel
    {
        [BindProperty] public Request Input { get; set; } = new();
        [BindProperty(SupportsGet = true, Name = "returnUrl")] public string? ReturnUrl { get; set; }
        public State State { get; private set; } = null!;
        public RecoveryCodes.Sheet? Sheet { get; private set; }
        public string Onward => this.Local(ReturnUrl) ?? "/account";

        public async Task<IActionResult> OnGetAsync(CancellationToken ct)
        {
            if (await mediator.Send(new Question(AtSignIn: true), ct) is not { } state)
                return SignInFirst();
            State = state;
            return state.IsOn ? RedirectToPage("/Features/TwoFactor/VerifySecondFactor", new { returnUrl = this.Local(ReturnUrl) }) : Page();
        }

        public async Task<IActionResult> OnPostAsync(CancellationToken ct)
        {
            switch (await mediator.Send(Input with { AtSignIn = true }, ct))
            {
                case Result.Enrolled enrolled:
                    Sheet = enrolled.Sheet;
                    return Page();
                case Result.WrongCode wrong:
                    State = wrong.State;
                    return this.Again("This code is not right. Check the time of your phone, and enter the code that the app shows now.");
                case Result.Expired or Result.AlreadyOn:
                    return RedirectToPage(new { returnUrl = this.Local(ReturnUrl) });
                case Result.NobodyWaits:
                    return SignInFirst();
                default:
                    throw new UnreachableException();
            }
        }

        private RedirectToPageResult SignInFirst() => RedirectToPage("/Features/Login/Login", new { returnUrl = this.Local(ReturnUrl) });
    }
}
