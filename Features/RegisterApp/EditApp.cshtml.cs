using System.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class EditApp
{
    [RecentSignIn(IsLongForm = true)]
    public sealed class Page(IMediator mediator, ClientDirectory directory) : PageModel
    {
        [BindProperty] public Request Input { get; set; } = new();
        [BindProperty] public string? RedirectUris { get; set; }
        [BindProperty] public string? PostLogoutRedirectUris { get; set; }
        [BindProperty] public double? AccessTokenMinutes { get; set; }
        [BindProperty] public double? RefreshTokenDays { get; set; }

        public Resource[] Apis { get; private set; } = [];
        public bool ActsForPeople { get; private set; }

        public async Task<IActionResult> OnGetAsync(string id, CancellationToken ct)
        {
            if (await Find(id, ct) is not { } app)
                return NotFound();
            Input = new Request
            {
                Id = app.Id,
                Name = app.Name,
                Scopes = app.Scopes,
                TokenFormat = app.TokenFormat,
                RefreshRotation = app.RefreshRotation,
                HomepageUri = app.HomepageUri,
                Version = app.UpdatedAt.UtcTicks,
            };
            RedirectUris = string.Join('\n', app.RedirectUris);
            PostLogoutRedirectUris = string.Join('\n', app.PostLogoutRedirectUris);
            AccessTokenMinutes = app.AccessTokenLifetime?.TotalMinutes;
            RefreshTokenDays = app.RefreshTokenLifetime?.TotalDays;
            return Page();
        }

        public async Task<IActionResult> OnPostAsync(string id, CancellationToken ct)
        {
            if (await Find(id, ct) is null)
                return NotFound();
            var request = Input with
            {
                Id = id,
                RedirectUris = Lists.Lines(RedirectUris),
                PostLogoutRedirectUris = Lists.Lines(PostLogoutRedirectUris),
                AccessTokenLifetime = Seconds(AccessTokenMinutes * 60),
                RefreshTokenLifetime = Seconds(RefreshTokenDays * 86_400),
            };
            switch (await mediator.Send(request, ct))
            {
                case Result.Changed:
                    TempData["Notice"] = "The app was changed.";
                    return RedirectToPage("ShowApp", new { id });
                case Result.NotFound:
                    return NotFound();
                case Result.Conflict:
                    ModelState.AddModelError("", "Somebody else has changed this app in the meantime. Open it again to see what it is now.");
                    return Page();
                default:
                    throw new UnreachableException();
            }
        }

        // What is out of every range stays out of range, for the validator to say.
        private static TimeSpan? Seconds(double? seconds) => seconds is { } given ? TimeSpan.FromSeconds(double.IsFinite(given) ? Math.Round(Math.Clamp(given, -1, int.MaxValue)) : -1) : null;

        private async Task<ShowApp.App?> Find(string id, CancellationToken ct)
        {
            Apis = await directory.Resources(ct);
            if (await mediator.Send(new ShowApp.Request(id), ct) is not ShowApp.Result.Found { App: { Kind: not ClientKind.Api, IsOfDocument: false } app })
                return null;
            ActsForPeople = app.ActsForPeople;
            return app;
        }
    }
}
