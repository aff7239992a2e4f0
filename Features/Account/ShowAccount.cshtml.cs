using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class ShowAccount
{
    public sealed class Page(IMediator mediator) : PageModel
    {
        public Result Account { get; private set; } = null!;

        public async Task OnGetAsync(CancellationToken ct) => Account = await mediator.Send(new Request(), ct);
    }
}
