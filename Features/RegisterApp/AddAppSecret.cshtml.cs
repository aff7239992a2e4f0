using System.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class AddAppSecret
{
    [RecentSignIn]
    public sealed class Page(IMediator mediator, IOptions<SignetOptions> options, TimeProvider time) : PageModel
    {
        [BindProperty] public int? ExpiresInDays { get; set; }

        public ShowApp.App App { get; private set; } = null!;
        public Result.Added? Made { get; private set; }
        public AppExamples? Examples { get; private set; }

        public async Task<IActionResult> OnGetAsync(string id, CancellationToken ct) => await Find(id, ct) ? Page() : NotFound();

        public async Task<IActionResult> OnPostAsync(string id, CancellationToken ct)
        {
            if (!await Find(id, ct))
                return NotFound();
            var expiresAt = ExpiresInDays is { } days ? time.GetUtcNow().AddDays(Math.Clamp(days, -1, 10_000)) : (DateTimeOffset?)null;
            switch (await mediator.Send(new Request { AppId = id, ExpiresAt = expiresAt }, ct))
            {
                case Result.Added added:
                    Made = added;
                    Examples = AppExamples.Of(App, options.Value.Issuer, added.Secret);
                    return Page();
                case Result.TooMany:
                    ModelState.AddModelError("", "There are two live secrets already. Revoke one of them first.");
                    return Page();
                case Result.NeedsNone:
                    ModelState.AddModelError("", "This app has no secrets: it is public, or proves itself with a key or a certificate.");
                    return Page();
                case Result.NotFound:
                    return NotFound();
                default:
                    throw new UnreachableException();
            }
        }

        private async Task<bool> Find(string id, CancellationToken ct)
        {
            if (await mediator.Send(new ShowApp.Request(id), ct) is not ShowApp.Result.Found found)
                return false;
            App = found.App;
            return true;
        }
    }
}
