using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class EndSessions
{
    public sealed class Page(IMediator mediator) : PageModel
    {
        [BindProperty] public Request Input { get; set; } = new();

        public async Task<IActionResult> OnPostAsync(CancellationToken ct)
        {
            if (!ModelState.IsValid)
                return BadRequest();
            var ended = (await mediator.Send(Input, ct)).Count;
            TempData["Notice"] = ended == 1 ? "One session was ended." : $"{ended} sessions were ended.";
            return RedirectToPage("/Features/Account/ListSessions");
        }
    }
}
