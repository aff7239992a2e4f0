using System.Text.Encodings.Web;
using Signet.Infrastructure.Jose;

namespace Signet.Features;

internal static partial class Authorize
{
    /// <summary>Turns an ending into an answer; the consent page answers with the same ones.</summary>
    internal sealed partial class Responder(TokenWriter writer, IOptions<SignetOptions> options, TimeProvider time, ILogger<Responder> log)
    {
        private static readonly TimeSpan JwtLifetime = TimeSpan.FromMinutes(5); // JARM §2.1 recommends at most ten

        public Task Send(HttpContext http, Result result)
        {
            switch (result)
            {
                case Result.RefusedHere refused:
                    http.Refuse(StatusCodes.Status400BadRequest, refused.Explanation);
                    return Task.CompletedTask;
                case Result.NeedsSignIn signIn:
                    var hint = signIn.LoginHint is { Length: <= 256 } text ? "&loginHint=" + Uri.EscapeDataString(text) : "";
                    return Lead(http, "/login", signIn.ReturnUrl, hint);
                case Result.NeedsSignUp signUp:
                    return Lead(http, options.Value.Registration.Users == UserRegistration.Open ? "/signup" : "/login", signUp.ReturnUrl);
                case Result.NeedsSecondFactor second:
                    return Lead(http, second.Missing.Page(), second.ReturnUrl);
                case Result.NeedsProof proof:
                    return Lead(http, "/login/confirm", proof.ReturnUrl);
                case Result.NeedsConsent consent:
                    return Lead(http, "/consent", consent.ReturnUrl);
                case Result.RefusedToApp refused:
                    Refused(refused.Error.Code, refused.Error.Reason ?? refused.Error.Description);
                    return Send(http, refused.To, [("error", refused.Error.Code), ("error_description", refused.Error.Description)]);
                case Result.Granted { IdToken: { } idToken } granted:
                    return Send(http, granted.To, [("code", granted.Code.Text), ("id_token", idToken)]);
                case Result.Granted granted:
                    return Send(http, granted.To, [("code", granted.Code.Text)]);
                default:
                    throw new System.Diagnostics.UnreachableException();
            }
        }

        private static Task Lead(HttpContext http, string page, string returnUrl, string more = "")
        {
            http.Response.Redirect($"{page}?returnUrl={Uri.EscapeDataString(returnUrl)}{more}");
            return Task.CompletedTask;
        }

        private async Task Send(HttpContext http, Destination to, (string Name, string Value)[] answer)
        {
            (string Name, string Value)[] all = [.. answer, .. to.State is { } state ? [("state", state)] : Array.Empty<(string, string)>(), ("iss", options.Value.Issuer)];
            if (to.Mode.IsJwt)
                all = [("response", await Wrap(to.Client, all, http.RequestAborted))];
            http.Response.Headers.CacheControl = "no-store";
            if (to.Mode.Carrier == Carrier.Form)
            {
                await SendByForm(http, to.RedirectUri, all);
                return;
            }

            var text = string.Join('&', all.Select(pair => $"{pair.Name}={Uri.EscapeDataString(pair.Value)}"));
            var separator = to.Mode.Carrier == Carrier.Fragment ? '#' : to.RedirectUri.Contains('?', StringComparison.Ordinal) ? '&' : '?';
            http.SeeOther($"{to.RedirectUri}{separator}{text}");
        }

        /// <summary>The answer as one JWT (JARM §2.1), by the algorithm that the app registered; RS256 without, or what FAPI 2.0 allows.</summary>
        private ValueTask<string> Wrap(Client client, (string Name, string Value)[] answer, CancellationToken ct)
        {
            var algorithm = client.Settings.AuthorizationSignedResponseAlg ?? (client.Settings.IsFapi ? SigningAlgorithms.Ps256 : SigningAlgorithms.Rs256);
            return writer.AuthorizationResponse(algorithm, client, time.GetUtcNow() + JwtLifetime, answer, ct);
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
        private partial void Refused(string code, string reason);
    }
}
