using System.Net;
using Signet.Infrastructure.Jose;
using Signet.Infrastructure.Outbound;

namespace Signet.Infrastructure.OAuth;

/// <summary>What an app must register to prove itself with a key or a certificate (RFC 7591 §2, RFC 8705 §2, OpenID Connect Registration §2).</summary>
internal static class ClientKeyRules
{
    private const int LongestName = 1024;

    public static string? Jwks(ClientSettingsRules.Subject app) => app.Settings switch
    {
        { Jwks: not null, JwksUri: not null } => "Register jwks or jwks_uri, not both (RFC 7591 section 2).",
        { Jwks: null, JwksUri: null } when NeedsKeys(app) => $"With {app.Shape.AuthenticationMethods[0]} the app needs its public keys here: register jwks or jwks_uri.",
        { Jwks: { } set } => JwkSet.Objection(set) ?? Unfit(app, JwkSet.Read(set)),
        _ => null,
    };

    public static string? JwksUri(ClientSettingsRules.Subject app) =>
        app.Settings.JwksUri is { } uri && OutboundClient.Objection(uri) is { } objection ? $"jwks_uri {objection}." : null;

    public static string? SigningAlgorithm(ClientSettingsRules.Subject app)
    {
        if (app.Settings.TokenEndpointAuthSigningAlg is not { } algorithm)
            return null;
        var allowed = Allowed(app);
        return allowed.Contains(algorithm) ? null : $"token_endpoint_auth_signing_alg must be one of {string.Join(", ", allowed)} for this app.";
    }

    public static string? CertificateName(ClientSettingsRules.Subject app)
    {
        var names = TlsClientAuth.Registered(app.Settings).OfType<string>().ToArray();
        if (names.Length != 1)
        {
            return app.Shape.AuthenticationMethods is [ClientAuthenticationMethods.TlsClientAuth]
                ? "With tls_client_auth register exactly one of tls_client_auth_subject_dn, tls_client_auth_san_dns, tls_client_auth_san_uri, tls_client_auth_san_ip and tls_client_auth_san_email (RFC 8705 section 2.1.2)."
                : null;
        }

        return app.Settings switch
        {
            _ when names[0].Length is 0 or > LongestName => $"The name of the certificate must have 1 to {LongestName} characters.",
            { TlsClientAuthSubjectDn: { } name } when DistinguishedName.Parse(name) is null =>
                "tls_client_auth_subject_dn must be a distinguished name such as CN=app,O=Example,C=DE (RFC 4514), the most specific part first, with one value in each part.",
            { TlsClientAuthSanIp: { } name } when !IPAddress.TryParse(name, out _) => "tls_client_auth_san_ip must be an IP address.",
            { TlsClientAuthSanUri: { } name } when !Uri.TryCreate(name, UriKind.Absolute, out _) => "tls_client_auth_san_uri must be an absolute URI.",
            _ => null,
        };
    }

    private static string[] Allowed(ClientSettingsRules.Subject app) => app.Shape.AuthenticationMethods switch
    {
        [ClientAuthenticationMethods.PrivateKeyJwt] => SigningAlgorithms.All,
        [ClientAuthenticationMethods.ClientSecretJwt] => [ClientSecretJwt.Algorithm],
        _ => [.. SigningAlgorithms.All, ClientSecretJwt.Algorithm], // without a use, but nothing unknown either
    };

    private static bool NeedsKeys(ClientSettingsRules.Subject app) =>
        app.Shape.AuthenticationMethods is [ClientAuthenticationMethods.PrivateKeyJwt or ClientAuthenticationMethods.SelfSignedTlsClientAuth];

    // Keys that all are for something else would only be noticed with the first refusal.
    private static string? Unfit(ClientSettingsRules.Subject app, JwkSet set) =>
        app.Shape.AuthenticationMethods is [ClientAuthenticationMethods.PrivateKeyJwt] && !set.Keys.Any(key => PrivateKeyJwt.Algorithms(app.Settings).Any(key.Fits))
            ? "None of the keys in jwks is for signing by an algorithm that this app may use."
            : null;
}
