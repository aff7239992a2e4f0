using System.Diagnostics;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class ConfirmSignUp
{
    /// <summary>Opening it changes nothing: scanners of mail open every link.</summary>
    [AllowAnonymous]
    public sealed class Page(IMediator mediator, IOptions<SignetOptions> options) : PageModel
    {
        [BindProperty] public Request Input { get; set; } = new();
        public Standing Link { get; private set; } = new(null, false);
        public bool IsOpen => options.Value.Registration.Users == UserRegistration.Open;

        public async Task OnGetAsync(string? code, CancellationToken ct)
        {
            Input = new Request { Code = string.IsNullOrEmpty(code) ? null : new Secret(code) };
            Link = await mediator.Send(new Question(Input.Code), ct);
        }

        public async Task<IActionResult> OnPostAsync(CancellationToken ct)
        {
            Link = await mediator.Send(new Question(Input.Code), ct);
            if (Link.Email is null || Link.IsUsed)
                return Page();
            switch (await mediator.Send(Input, ct))
            {
                case Result.SignedUp { NeedsEnrolment: var needsEnrolment }:
                    // Where the sign-up of this very browser was going; the link itself leads nobody anywhere.
                    var returnUrl = this.Local(TempData[SignUp.Destination] as string);
                    return needsEnrolment ? RedirectToPage("/Features/TwoFactor/EnrolAtSignIn", new { returnUrl }) : this.Onward(returnUrl);
                case Result.Used:
                    Link = Link with { IsUsed = true };
                    return Page();
                case Result.DeadLink:
                    Link = new Standing(null, false);
                    return Page();
                case Result.Busy:
                    return this.Busy();
                case Result.Closed:
                    return new PageResult { StatusCode = StatusCodes.Status403Forbidden };
                default:
                    throw new UnreachableException();
            }
        }
    }
}
