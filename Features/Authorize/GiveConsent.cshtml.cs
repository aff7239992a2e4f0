using System.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class GiveConsent
{
    public sealed class Page(IMediator mediator, Authorize.Responder responder) : PageModel
    {
        [BindProperty(SupportsGet = true, Name = "returnUrl")]
        public string? ReturnUrl { get; set; }

        /// <summary>What the form that was sent had shown.</summary>
        [BindProperty(Name = "shown")]
        public string? Shown { get; set; }
        public Result.Asks Asks { get; private set; } = null!;

        public Task<IActionResult> OnGetAsync(CancellationToken ct) => Answer(null, ct);

        public Task<IActionResult> OnPostAllowAsync(CancellationToken ct) => Answer(true, ct);

        public Task<IActionResult> OnPostDenyAsync(CancellationToken ct) => Answer(false, ct);

        private async Task<IActionResult> Answer(bool? allows, CancellationToken ct)
        {
            switch (await mediator.Send(new Request(ReturnUrl ?? "", allows, Shown), ct))
            {
                case Result.Asks asks:
                    Asks = asks;
                    return Page();
                case Result.Allowed allowed:
                    return LocalRedirect(allowed.ReturnUrl);
                case Result.Passed passed:
                    return LocalRedirect(passed.ReturnUrl);
                case Result.Denied denied:
                    await responder.Send(HttpContext, new Authorize.Result.RefusedToApp(denied.To, OAuthError.AccessDenied.Saying("The person did not allow it.")));
                    return new EmptyResult();
                case Result.Unreadable:
                    HttpContext.Refuse(StatusCodes.Status400BadRequest, "There is no app's request to decide on here. Go back to the app and start again.");
                    return new EmptyResult();
                default:
                    throw new UnreachableException();
            }
        }
    }
}
