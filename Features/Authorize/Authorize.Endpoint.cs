using System.Text.Encodings.Web;

namespace Signet.Features;

internal static partial class Authorize
{
    public static IServiceCollection AddAuthorize(this IServiceCollection services) => services
        .AddSingleton<Interaction>()
        .Configure<Microsoft.AspNetCore.Mvc.MvcOptions>(mvc => mvc.Filters.Add<ReturnToApp>());

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/oauth/authorize", Get).AllowAnonymous();
        // A cross-site POST brings no session cookie (SameSite); the same request as a GET does. 303, never 307 (RFC 9700 §4.12).
        app.MapPost("/oauth/authorize", Post).AllowAnonymous().DisableAntiforgery();
    }

    private const int LongestQuery = 8 * 1024; // what a request line and a return URL around it can carry

    private static async Task Get(HttpContext http, IMediator mediator, IOptions<SignetOptions> options)
    {
        var result = await mediator.Send(new Request(Parameters.From(http.Request.Query)), http.RequestAborted);
        await Answer(http, result, options.Value.Issuer);
    }

    private static async Task Post(HttpContext http)
    {
        if (!http.Request.HasFormContentType)
        {
            http.Refuse(StatusCodes.Status415UnsupportedMediaType, "The app sent its request in a form that we do not read.");
            return;
        }

        var query = QueryString.Create(await http.Request.ReadFormAsync(http.RequestAborted));
        if (query.Value!.Length > LongestQuery)
        {
            http.Refuse(StatusCodes.Status413PayloadTooLarge, "The app sent a request that is too long.");
            return;
        }

        http.Response.StatusCode = StatusCodes.Status303SeeOther;
        http.Response.Headers.Location = "/oauth/authorize" + query;
    }

    /// <summary>Turns an ending into a response; the consent page answers with the same ones.</summary>
    public static Task Answer(HttpContext http, Result result, string issuer)
    {
        switch (result)
        {
            case Result.RefusedHere refused:
                http.Refuse(StatusCodes.Status400BadRequest, refused.Explanation);
                return Task.CompletedTask;
            case Result.NeedsSignIn signIn:
                var hint = signIn.LoginHint is { Length: <= 256 } text ? "&loginHint=" + Uri.EscapeDataString(text) : "";
                http.Response.Redirect("/login?returnUrl=" + Uri.EscapeDataString(signIn.ReturnUrl) + hint);
                return Task.CompletedTask;
            case Result.NeedsProof proof:
                http.Response.Redirect("/login/confirm?returnUrl=" + Uri.EscapeDataString(proof.ReturnUrl));
                return Task.CompletedTask;
            case Result.NeedsConsent consent:
                http.Response.Redirect("/consent?returnUrl=" + Uri.EscapeDataString(consent.ReturnUrl));
                return Task.CompletedTask;
            case Result.RefusedToApp refused:
                Refused(http.RequestServices.GetRequiredService<ILogger<Handler>>(), refused.Error.Code, refused.Error.Reason ?? refused.Error.Description);
                return Send(http, refused.To, issuer, ("error", refused.Error.Code), ("error_description", refused.Error.Description));
            case Result.Granted granted:
                return Send(http, granted.To, issuer, ("code", granted.Code.Text));
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private static Task Send(HttpContext http, Destination to, string issuer, params (string Name, string Value)[] answer)
    {
        (string Name, string Value)[] all = [.. answer, .. to.State is { } state ? [("state", state)] : Array.Empty<(string, string)>(), ("iss", issuer)];
        http.Response.Headers.CacheControl = "no-store";
        if (to.UsesFormPost)
            return SendByForm(http, to.RedirectUri, all);
        var query = string.Join('&', all.Select(pair => $"{pair.Name}={Uri.EscapeDataString(pair.Value)}"));
        var separator = to.RedirectUri.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        http.Response.StatusCode = StatusCodes.Status303SeeOther;
        http.Response.Headers.Location = $"{to.RedirectUri}{separator}{query}";
        return Task.CompletedTask;
    }

    /// <summary>OAuth 2.0 Form Post Response Mode §2; without JavaScript the person presses the button.</summary>
    private static Task SendByForm(HttpContext http, string redirectUri, (string Name, string Value)[] answer)
    {
        var encode = HtmlEncoder.Default;
        http.Response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; script-src 'nonce-{http.CspNonce()}'; form-action {RedirectUri.CspSource(redirectUri)}; base-uri 'none'; frame-ancestors 'none'";
        http.Response.ContentType = "text/html; charset=utf-8";
        return http.Response.WriteAsync($"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>Back to the app</title></head>
            <body><form method="post" action="{encode.Encode(redirectUri)}">
            {string.Concat(answer.Select(pair => $"<input type=\"hidden\" name=\"{pair.Name}\" value=\"{encode.Encode(pair.Value)}\">"))}
            <button>Continue to the app</button></form>
            <script nonce="{http.CspNonce()}">document.forms[0].submit()</script></body></html>
            """, http.RequestAborted);
    }

    [LoggerMessage(8, LogLevel.Information, "authorization refused: {Code}, {Reason}")]
    private static partial void Refused(ILogger log, string code, string reason);
}
