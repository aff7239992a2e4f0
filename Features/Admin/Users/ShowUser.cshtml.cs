using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class ShowUser
{
    [Authorize(Policies.Admin)]
    public sealed class Page(IMediator mediator, Caller caller) : PageModel
    {
        public Result Shown { get; private set; } = null!; // set before the page is rendered
        public bool IsMe => Shown.Id == caller.UserId;

        public async Task<IActionResult> OnGetAsync(Guid id, CancellationToken ct)
        {
            if (await mediator.Send(new Request(id), ct) is not { } shown)
                return NotFound();
            Shown = shown;
            return Page();
        }
    }
}
