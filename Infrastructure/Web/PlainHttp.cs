using Microsoft.Net.Http.Headers;

namespace Signet.Infrastructure.Web;

/// <summary>What happens without TLS: nothing outside Development, and in Development the same as with it.</summary>
internal static class PlainHttp
{
    /// <summary>Refuses plain HTTP with an error, never a redirect: the request that would be redirected has leaked already. Probes may come without TLS.</summary>
    public static IApplicationBuilder UseHttpsOnly(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        if (http.Request.IsHttps || http.Request.Path.StartsWithSegments("/health"))
            return next(http);
        http.Response.StatusCode = StatusCodes.Status400BadRequest;
        http.Response.Headers.CacheControl = "no-store";
        return http.Response.WriteAsJsonAsync(new { error = "invalid_request", error_description = "Use https. Nothing is answered over plain HTTP here." });
    });

    /// <summary>Refuses what no text here can hold: a NUL in the query (the server refuses one in the path), and forms in an encoding other than UTF-8.</summary>
    public static IApplicationBuilder UseCleanInput(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        if (http.Request.QueryString.Value?.Contains("%00", StringComparison.Ordinal) == true)
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
        else if (IsInAnotherEncoding(http.Request.ContentType))
            http.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
        else
            return next(http);
        http.Request.ContentType = null; // the error page reads nothing of it
        return Task.CompletedTask;
    });

    private static bool IsInAnotherEncoding(string? contentType) =>
        contentType?.Contains("charset", StringComparison.OrdinalIgnoreCase) == true // most requests name none, and are not parsed for it
        && MediaTypeHeaderValue.TryParse(contentType, out var type) && type.Charset.HasValue && !type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase);

    /// <summary>Outside Development the host is the issuer's, whatever the request says: no link, no redirect URI can be made from a Host header.</summary>
    public static IApplicationBuilder UseIssuerHost(this WebApplication app)
    {
        if (app.Environment.IsDevelopment())
            return app;
        var issuer = new Uri(app.Services.GetRequiredService<IOptions<SignetOptions>>().Value.Issuer);
        var host = issuer.IsDefaultPort ? new HostString(issuer.Host) : new HostString(issuer.Host, issuer.Port);
        return app.Use((http, next) =>
        {
            http.Request.Host = host;
            return next(http);
        });
    }

    /// <summary>
    /// Every cookie is <c>__Host-</c> and Secure. No client keeps such a cookie from http://localhost, so over Development's
    /// plain HTTP they travel without the prefix and the flag, and the rest of Signet never notices.
    /// </summary>
    public static IApplicationBuilder UsePlainHttpCookies(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        if (http.Request.IsHttps)
            return next(http);
        var request = http.Request.Headers;
        request.Cookie = string.Join("; ", request.Cookie.SelectMany(header => (header ?? "").Split("; "))
            .Select(cookie => cookie.StartsWith("signet.", StringComparison.Ordinal) ? Prefix + cookie : cookie));
        http.Response.OnStarting(() =>
        {
            var cookies = SetCookieHeaderValue.ParseList([.. http.Response.Headers.SetCookie.Select(cookie => cookie!)]);
            foreach (var cookie in cookies.Where(cookie => cookie.Name.StartsWith(Prefix, StringComparison.Ordinal)))
            {
                cookie.Name = cookie.Name.Subsegment(Prefix.Length);
                cookie.Secure = false;
            }

            http.Response.Headers.SetCookie = cookies.Select(cookie => cookie.ToString()).ToArray();
            return Task.CompletedTask;
        });
        return next(http);
    });

    private const string Prefix = "__Host-";
}
