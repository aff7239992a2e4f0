using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class RemoveApi
{
    [Authorize(Policies.Admin)]
    [RecentSignIn]
    public sealed class Page(IMediator mediator, ClientDirectory directory) : PageModel
    {
        public Resource Api { get; private set; } = null!;

        public async Task<IActionResult> OnGetAsync(Guid id, CancellationToken ct)
        {
            if ((await directory.Resources(ct)).FirstOrDefault(api => api.Id == id) is not { } api)
                return NotFound();
            Api = api;
            return Page();
        }

        public async Task<IActionResult> OnPostAsync(Guid id, CancellationToken ct)
        {
            if (await mediator.Send(new Request(id), ct) is not Result.Removed removed)
                return NotFound();
            TempData["Notice"] = $"{removed.Audience} was removed.";
            return RedirectToPage("ListApis");
        }
    }
}
