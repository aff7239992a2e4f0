using System.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class EnterUserCode
{
    public sealed class Page(IMediator mediator) : PageModel
    {
        /// <summary>The code as it was typed, or as the device's link carries it (<c>verification_uri_complete</c>).</summary>
        [BindProperty(SupportsGet = true, Name = "user_code")]
        public string? Typed { get; set; }

        /// <summary>What a device asks; null until its code is known.</summary>
        public Result.Asks? Asks { get; private set; }

        /// <summary>Opening a link shows what is asked; only a form decides.</summary>
        public async Task<IActionResult> OnGetAsync(CancellationToken ct) => Typed is null ? Page() : await Find(ct);

        public Task<IActionResult> OnPostAsync(CancellationToken ct) => Find(ct);

        public Task<IActionResult> OnPostAllowAsync(Guid id, CancellationToken ct) => Decide(id, true, ct);

        public Task<IActionResult> OnPostDenyAsync(Guid id, CancellationToken ct) => Decide(id, false, ct);

        private async Task<IActionResult> Find(CancellationToken ct)
        {
            switch (await mediator.Send(new Request(Typed), ct))
            {
                case Result.Asks asks:
                    Asks = asks;
                    return Page();
                case Result.NeedsProof { UserCode: var code }:
                    return Prove(Doorway.Admission.NeedsConfirmation, $"/device?user_code={code}");
                case Result.Unknown:
                    return this.Again("This code is not known, or it is over. Compare it with what your device shows, or start again there.");
                case Result.TooMany:
                    return this.TooMany("You have tried too many codes. Wait ten minutes, and start again on your device.", UserCodeGuesses.Window);
                default:
                    throw new UnreachableException();
            }
        }

        private LocalRedirectResult Prove(Doorway.Admission missing, string next) => LocalRedirect($"{missing.Page()}?returnUrl={Uri.EscapeDataString(next)}");

        private async Task<IActionResult> Decide(Guid id, bool allows, CancellationToken ct)
        {
            switch (await mediator.Send(new DecideOnDevice.Request(id, allows), ct))
            {
                case DecideOnDevice.Result.Allowed:
                    TempData["Notice"] = "Allowed. Go back to your device: it goes on by itself in a few seconds.";
                    return RedirectToPage();
                case DecideOnDevice.Result.Denied:
                    TempData["Notice"] = "Denied. The device gets nothing.";
                    return RedirectToPage();
                case DecideOnDevice.Result.Forbidden:
                    return this.Again("You cannot use this app, so the device was refused.", StatusCodes.Status403Forbidden);
                case DecideOnDevice.Result.NeedsProof { Missing: var missing }:
                    return Prove(missing, "/device");
                case DecideOnDevice.Result.Gone:
                    return this.Again("This code is over: it expired, or was decided on already. Start again on your device.");
                default:
                    throw new UnreachableException();
            }
        }
    }
}
