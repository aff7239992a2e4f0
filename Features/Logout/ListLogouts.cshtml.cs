using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class ListLogouts
{
    [Authorize(Policies.Admin)]
    public sealed class Page(IMediator mediator) : PageModel
    {
        public Result Found { get; private set; } = null!;

        public async Task<IActionResult> OnGetAsync(string id, [FromQuery] int page, CancellationToken ct)
        {
            if (await mediator.Send(new Request(id, page), ct) is not { } found)
                return NotFound();
            Found = found;
            return Page();
        }
    }
}
