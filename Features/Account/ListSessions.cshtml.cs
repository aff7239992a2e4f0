using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class ListSessions
{
    public sealed class Page(IMediator mediator) : PageModel
    {
        public Row[] Sessions { get; private set; } = [];

        public async Task OnGetAsync(CancellationToken ct) => Sessions = await mediator.Send(new Request(), ct);
    }
}
