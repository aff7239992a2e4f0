using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class ListApps
{
    public sealed class Page(IMediator mediator, Caller caller, IOptions<SignetOptions> options) : PageModel
    {
        public Result List { get; private set; } = new([], 0, 1, 1);

        public bool MayRegister => caller.MayRegisterApps(options.Value);

        public async Task OnGetAsync(CancellationToken ct) => List = await mediator.Send(new Request { Page = Signet.Pages.PageNumber.Of(HttpContext.Request) }, ct);
    }
}
