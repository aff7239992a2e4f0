using System.Diagnostics;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class AddApi
{
    [Authorize(Policies.Admin)]
    [RecentSignIn(IsLongForm = true)]
    public sealed class Page(IMediator mediator, IOptions<SignetOptions> options) : PageModel
    {
        [BindProperty] public Request Input { get; set; } = new();
        [BindProperty] public double? Minutes { get; set; }

        public Result.Added? Made { get; private set; }
        public string Issuer => options.Value.Issuer;

        public async Task<IActionResult> OnPostAsync(CancellationToken ct)
        {
            switch (await mediator.Send(Input with { AccessTokenLifetime = ApiRules.Minutes(Minutes) }, ct))
            {
                case Result.Added added:
                    Made = added;
                    return Page();
                case Result.AudienceTaken:
                    ModelState.AddModelError("Input.Audience", "Another API has this audience; choose another.");
                    return Page();
                case Result.NotAllowed:
                    return Forbid();
                default:
                    throw new UnreachableException();
            }
        }
    }
}
