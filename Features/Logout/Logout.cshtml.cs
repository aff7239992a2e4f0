using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class Logout
{
    [AllowAnonymous]
    public sealed class Page(IMediator mediator) : PageModel
    {
        public async Task<IActionResult> OnPostAsync(CancellationToken ct)
        {
            await mediator.Send(new Request(), ct);
            TempData["Notice"] = "You are signed out.";
            return RedirectToPage("/Features/Login/Login");
        }
    }
}
