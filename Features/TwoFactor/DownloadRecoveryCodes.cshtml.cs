using System.Text;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class DownloadRecoveryCodes
{
    public sealed class Page(IMediator mediator) : PageModel
    {
        [BindProperty] public string? Codes { get; set; }

        public IActionResult OnGet() => RedirectToPage("/Features/TwoFactor/EnrolTwoFactor");

        public async Task<IActionResult> OnPostAsync(CancellationToken ct) => (await mediator.Send(new Request(Codes), ct)).Text is { } text
            ? File(Encoding.UTF8.GetBytes(text.Text), "text/plain; charset=utf-8", "signet-recovery-codes.txt")
            : RedirectToPage("/Features/TwoFactor/EnrolTwoFactor");
    }
}
