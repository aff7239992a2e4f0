using System.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class EnrolTwoFactor
{
    [RecentSignIn]
    public sealed class Page(IMediator mediator) : PageModel
    {
        [BindProperty] public Request Input { get; set; } = new();
        public State State { get; private set; } = null!;
        public RecoveryCodes.Sheet? Sheet { get; private set; }

        public async Task OnGetAsync(CancellationToken ct) => State = (await mediator.Send(new Question(AtSignIn: false), ct))!;

        public async Task<IActionResult> OnPostAsync(CancellationToken ct)
        {
            switch (await mediator.Send(Input with { AtSignIn = false }, ct))
            {
                case Result.Enrolled enrolled:
                    Sheet = enrolled.Sheet;
                    return Page();
                case Result.WrongCode wrong:
                    State = wrong.State;
                    return this.Again("This code is not right. Check the time of your phone, and enter the code that the app shows now.");
                case Result.Expired:
                    ModelState.Clear();
                    await OnGetAsync(ct);
                    return this.Again("This took too long. Scan the new code below.");
                case Result.AlreadyOn:
                    return RedirectToPage();
                default:
                    throw new UnreachableException();
            }
        }
    }
}
