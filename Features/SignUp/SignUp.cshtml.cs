using System.Diagnostics;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class SignUp
{
    [AllowAnonymous]
    public sealed class Page(IMediator mediator, IOptions<SignetOptions> options) : PageModel
    {
        [BindProperty] public Request Input { get; set; } = new();
        [BindProperty(SupportsGet = true, Name = "returnUrl")] public string? ReturnUrl { get; set; }
        public bool IsOpen => options.Value.Registration.Users == UserRegistration.Open;

        public async Task<IActionResult> OnPostAsync(CancellationToken ct) =>
            await mediator.Send(Input, ct) switch
            {
                Result.SignedUp { NeedsEnrolment: true } => RedirectToPage("/Features/TwoFactor/EnrolAtSignIn", new { returnUrl = this.Local(ReturnUrl) }),
                Result.SignedUp => this.Onward(ReturnUrl),
                Result.Taken => this.Again("This e-mail address cannot be used for a new account. If it is yours, sign in."),
                Result.Busy => this.Busy(),
                Result.Closed => new PageResult { StatusCode = StatusCodes.Status403Forbidden },
                _ => throw new UnreachableException(),
            };
    }
}
