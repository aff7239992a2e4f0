using System.Diagnostics;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Signet.Infrastructure.Mail;

namespace Signet.Features;

internal static partial class SignUp
{
    /// <summary>Where this browser remembers what to go on to once the link of the mail has made the account.</summary>
    public const string Destination = "sign-up goes on at";
    private const int LongestDestination = 4096;

    [AllowAnonymous]
    public sealed class Page(IMediator mediator, Mailer mailer, IOptions<SignetOptions> options) : PageModel
    {
        [BindProperty] public Request Input { get; set; } = new();
        [BindProperty(SupportsGet = true, Name = "returnUrl")] public string? ReturnUrl { get; set; }
        public bool IsOpen => options.Value.Registration.Users == UserRegistration.Open;
        public bool IsByMail => mailer.CanSend;

        /// <summary>Where a mail is on its way to.</summary>
        public string? MailedTo { get; private set; }

        public async Task<IActionResult> OnPostAsync(CancellationToken ct) =>
            await mediator.Send(Input, ct) switch
            {
                Result.SignedUp { NeedsEnrolment: true } => RedirectToPage("/Features/TwoFactor/EnrolAtSignIn", new { returnUrl = this.Local(ReturnUrl) }),
                Result.SignedUp => this.Onward(ReturnUrl),
                Result.Mailed { Email: var email } => Mailed(email),
                Result.Taken => this.Again("This e-mail address cannot be used for a new account. If it is yours, sign in."),
                Result.Busy => this.Busy(),
                Result.Closed => new PageResult { StatusCode = StatusCodes.Status403Forbidden },
                _ => throw new UnreachableException(),
            };

        // The destination stays in this browser: in the mail, whoever asked could lead whoever reads it.
        private PageResult Mailed(string email)
        {
            MailedTo = email;
            TempData.Remove(Destination);
            if (this.Local(ReturnUrl) is { Length: <= LongestDestination } destination)
                TempData[Destination] = destination;
            return Page();
        }
    }
}
