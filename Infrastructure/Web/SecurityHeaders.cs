using System.Security.Cryptography;

namespace Signet.Infrastructure.Web;

/// <summary>The headers that every answer carries (ASVS 3.4), with a nonce of its own for each page.</summary>
internal static class SecurityHeaders
{
    private const string NonceItem = "csp-nonce";
    private const string FormActionItem = "csp-form-action";
    private const string FramesItem = "csp-frame-src";

    public static string CspNonce(this HttpContext http) =>
        (string)(http.Items[NonceItem] ??= Convert.ToBase64String(RandomNumberGenerator.GetBytes(16)));

    /// <summary>Lets this page's forms lead on to a place outside, for example a registered redirect URI: browsers apply form-action to redirects too.</summary>
    public static void AllowFormsTo(this HttpContext http, string source) =>
        http.Items[FormActionItem] = $"{http.Items[FormActionItem]} {source}";

    /// <summary>Lets this page show a frame of a place outside; no page shows any otherwise.</summary>
    public static void AllowFramesOf(this HttpContext http, string source) =>
        http.Items[FramesItem] = $"{http.Items[FramesItem] ?? "frame-src"} {source}";

    public static IApplicationBuilder UseSecurityHeaders(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        http.Response.OnStarting(() =>
        {
            var headers = http.Response.Headers;
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "no-referrer";
            headers["Permissions-Policy"] = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=(), publickey-credentials-get=(self)";
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            headers.TryAdd("Cross-Origin-Resource-Policy", "same-origin");
            headers.XFrameOptions = "DENY";
            if (http.Request.IsHttps)
                headers.StrictTransportSecurity = "max-age=63072000; includeSubDomains";
            if (headers.ContentSecurityPolicy.Count == 0)
                headers.ContentSecurityPolicy = Faults.IsForPrograms(http.Request.Path) ? ForPrograms : Policy(http);
            // Pages carry names, tokens and forms of one person; only static files say otherwise themselves.
            if (headers.CacheControl.Count == 0)
                headers.CacheControl = "no-store";
            return Task.CompletedTask;
        });
        return next(http);
    });

    // What programs read shows nothing, and needs no nonce on each answer.
    private const string ForPrograms = "default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

    private static string Policy(HttpContext http) => string.Join("; ",
        "default-src 'none'",
        $"script-src 'self' 'nonce-{http.CspNonce()}'",
        $"style-src 'self' 'nonce-{http.CspNonce()}'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        $"form-action 'self'{http.Items[FormActionItem]}",
        http.Items[FramesItem] as string ?? "frame-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'");
}
