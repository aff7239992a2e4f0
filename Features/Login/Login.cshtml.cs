using System.Diagnostics;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class Login
{
    [AllowAnonymous]
    public sealed class Page(IMediator mediator, IOptions<SignetOptions> options, TimeProvider time) : PageModel
    {
        // A refusal takes a multiple of it; a hash and its statements fit in one, so the time does not tell what had to be written down.
        private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(400);

        [BindProperty] public Request Input { get; set; } = new();
        [BindProperty(SupportsGet = true, Name = "returnUrl")] public string? ReturnUrl { get; set; }
        public bool MaySignUp => options.Value.Registration.Users == UserRegistration.Open;

        public async Task<IActionResult> OnPostAsync(CancellationToken ct)
        {
            var arrived = time.GetTimestamp();
            var result = await mediator.Send(Input, ct);
            if (result is Result.Refused)
                await Task.Delay(TimeSpan.FromTicks(Beat.Ticks - (time.GetElapsedTime(arrived).Ticks % Beat.Ticks)), time, ct);
            return result switch
            {
                Result.SignedIn => this.Onward(ReturnUrl),
                Result.NeedsSecondFactor => RedirectToPage("/Features/TwoFactor/VerifySecondFactor", new { returnUrl = this.Local(ReturnUrl) }),
                Result.NeedsEnrolment => RedirectToPage("/Features/TwoFactor/EnrolAtSignIn", new { returnUrl = this.Local(ReturnUrl) }),
                Result.Refused => this.Again("Wrong e-mail address or password. After several wrong attempts an account is locked for a few minutes."),
                Result.Busy => this.Busy(),
                _ => throw new UnreachableException(),
            };
        }
    }
}
