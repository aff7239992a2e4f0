using System.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class ConfirmPassword
{
    public sealed class Page(IMediator mediator) : PageModel
    {
        [BindProperty] public Request Input { get; set; } = new();
        [BindProperty(SupportsGet = true, Name = "returnUrl")] public string? ReturnUrl { get; set; }
        public Demand Asked { get; private set; } = null!;

        public async Task OnGetAsync(CancellationToken ct) => Asked = await mediator.Send(new Question(), ct);

        public async Task<IActionResult> OnPostAsync(CancellationToken ct)
        {
            await OnGetAsync(ct);
            return await mediator.Send(Input, ct) switch
            {
                Result.Confirmed => this.Onward(ReturnUrl),
                Result.Refused => this.Again(Asked.HasTwoFactor ? "Wrong password or code." : "Wrong password."),
                Result.Locked => this.TooMany("Too many wrong attempts. Please try again in a few minutes.", Attempts.LockedFor),
                Result.Busy => this.Busy(),
                _ => throw new UnreachableException(),
            };
        }
    }
}
