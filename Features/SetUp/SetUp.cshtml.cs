using System.Diagnostics;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class SetUp
{
    [AllowAnonymous]
    public sealed class Page(IMediator mediator) : PageModel
    {
        [BindProperty] public Request Input { get; set; } = new();
        public bool IsOpen { get; private set; } = true;

        public async Task OnGetAsync(string? code, CancellationToken ct)
        {
            Input = new Request { Code = string.IsNullOrEmpty(code) ? null : new Secret(code) };
            IsOpen = await mediator.Send(new Question(Input.Code), ct);
        }

        public async Task<IActionResult> OnPostAsync(CancellationToken ct)
        {
            switch (await mediator.Send(Input, ct))
            {
                case Result.Done { NeedsEnrolment: true }:
                    return RedirectToPage("/Features/TwoFactor/EnrolAtSignIn");
                case Result.Done:
                    return this.Onward("/");
                case Result.Taken:
                    return this.Again("There is an account with this e-mail address already. Use another one.");
                case Result.Busy:
                    return this.Busy();
                case Result.DeadLink:
                    IsOpen = false;
                    return Page();
                default:
                    throw new UnreachableException();
            }
        }
    }
}
