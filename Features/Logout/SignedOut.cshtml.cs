using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

/// <summary>The page after signing out: it opens the pages of the session's apps, so that they clear what they keep in this browser, and leads on (OpenID Connect Front-Channel Logout §3).</summary>
internal static class SignedOut
{
    /// <summary>How long apps have for it, in milliseconds.</summary>
    public const int Patience = 2000;

    [AllowAnonymous]
    public sealed class Page(ClientDirectory directory, Farewells farewells, IOptions<SignetOptions> options) : PageModel
    {
        public Farewell Farewell { get; private set; } = new();
        public List<string> Frames { get; } = [];

        public async Task<IActionResult> OnGetAsync([FromQuery(Name = "farewell")] string? carried, CancellationToken ct)
        {
            if (User.Identity?.IsAuthenticated == true)
                return RedirectToPage("/Features/Logout/Logout");
            Farewell = farewells.Open(carried) ?? new();
            foreach (var id in Farewell.ClientIds)
            {
                if (await directory.Find(id, ct) is not { DisabledAt: null, Settings: { FrontchannelLogoutUri: { } uri } settings })
                    continue;
                Frames.Add(settings.FrontchannelLogoutSessionRequired ? WithSession(uri) : uri);
                HttpContext.AllowFramesOf(RedirectUri.CspSource(uri));
            }

            if (Farewell is { GoesOn: true, Target: { } target })
                Response.Headers["Refresh"] = $"{(Patience / 1000) + 1}; url={target}"; // for browsers without JavaScript; the script is earlier
            return Page();
        }

        private string WithSession(string uri) =>
            $"{uri}{(uri.Contains('?', StringComparison.Ordinal) ? '&' : '?')}iss={Uri.EscapeDataString(options.Value.Issuer)}&sid={Farewell.SessionId}";
    }
}
