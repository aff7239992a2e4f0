using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class EditProfile
{
    public sealed class Page(IMediator mediator) : PageModel
    {
        [BindProperty] public Request Input { get; set; } = new();

        public async Task OnGetAsync(CancellationToken ct) => Input = await mediator.Send(new Question(), ct);

        public async Task<IActionResult> OnPostAsync(CancellationToken ct)
        {
            await mediator.Send(Input, ct);
            TempData["Notice"] = "Your profile is saved.";
            return RedirectToPage("/Features/Account/ShowAccount");
        }
    }
}
