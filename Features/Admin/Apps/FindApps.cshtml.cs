using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

/// <summary>Administrators find any app by its name, its id or its owner.</summary>
internal static class FindApps
{
    [Authorize(Policies.Admin)]
    public sealed class Page(IMediator mediator) : PageModel
    {
        [BindProperty(SupportsGet = true)] public string? Find { get; set; }

        [BindProperty(SupportsGet = true)] public bool Unverified { get; set; }

        public ListApps.Result List { get; private set; } = new([], 0, 1, 1);

        public async Task OnGetAsync(CancellationToken ct) => List = await mediator.Send(
            new ListApps.Request { OfEveryone = true, Find = Find, OnlyUnverified = Unverified, Page = Signet.Pages.PageNumber.Of(HttpContext.Request) }, ct);
    }
}
