using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class FindUsers
{
    [Authorize(Policies.Admin)]
    public sealed class Page(IMediator mediator) : PageModel
    {
        [BindProperty(SupportsGet = true, Name = "q")] public string? Text { get; set; }
        [BindProperty(SupportsGet = true, Name = "page")] public int Number { get; set; } = 1;

        public Result Found { get; private set; } = new([], 1, false);

        public async Task OnGetAsync(CancellationToken ct) => Found = await mediator.Send(new Request { Text = Text, Page = Number }, ct);
    }
}
