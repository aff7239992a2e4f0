using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

/// <summary>Every API that tokens can be for.</summary>
internal static class ListApis
{
    [Authorize(Policies.Admin)]
    public sealed class Page(ClientDirectory directory) : PageModel
    {
        public Resource[] Apis { get; private set; } = [];

        public async Task OnGetAsync(CancellationToken ct) => Apis = await directory.Resources(ct);
    }
}
