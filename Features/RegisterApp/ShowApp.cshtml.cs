using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class ShowApp
{
    public sealed class Page(IMediator mediator, IOptions<SignetOptions> options) : PageModel
    {
        public App Shown { get; private set; } = null!;
        public AppExamples Examples { get; private set; } = null!;

        public async Task<IActionResult> OnGetAsync(string id, CancellationToken ct)
        {
            if (await mediator.Send(new Request(id), ct) is not Result.Found found)
                return NotFound();
            Shown = found.App;
            Examples = AppExamples.Of(found.App, options.Value.Issuer, null);
            return Page();
        }
    }
}
