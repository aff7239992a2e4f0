using Signet.Infrastructure.Jose;
using Signet.Infrastructure.Outbound;

namespace Signet.Infrastructure.OAuth;

/// <summary>What the settings must satisfy that say whose tokens (RFC 8693) and whose assertions (RFC 7523 §2.1) an app may turn into tokens.</summary>
internal static class TrustRules
{
    public const string AnyClient = "*";
    private const int Most = 50;
    private const int LongestIssuer = 512;

    public static string? TokenExchange(ClientSettingsRules.Subject app) => app.Settings.TokenExchange switch
    {
        null => null,
        { Length: > Most } => $"token_exchange may have {Most} rules.",
        var rules => rules.Select(Objection).FirstOrDefault(objection => objection is not null),
    };

    public static string? TrustedIssuers(ClientSettingsRules.Subject app) => app.Settings.TrustedIssuers switch
    {
        null => null,
        { Length: > Most } => $"trusted_issuers may have {Most} issuers.",
        var issuers when issuers.Select(Objection).FirstOrDefault(objection => objection is not null) is { } objection => objection,
        var issuers => issuers.DistinctBy(issuer => issuer.Issuer, StringComparer.Ordinal).Count() < issuers.Length ? "trusted_issuers has an issuer twice; put its keys together." : null,
    };

    private static string? Objection(ExchangeRule? rule) => rule switch
    {
        null or { SubjectClient: null } => "Each rule of token_exchange must be an object with subject_client and audiences.",
        _ when rule.SubjectClient != AnyClient && !ClientIds.IsValid(rule.SubjectClient) => "subject_client must be the client_id whose tokens may be exchanged, or * for any.",
        { Audiences: null or [] or { Length: > Most } } => $"audiences must be 1 to {Most} APIs that the new token may be for.",
        _ when !rule.Audiences.All(IsAudience) => "Each of audiences must be the audience of an API: an absolute URI without fragment.",
        _ => null,
    };

    private static string? Objection(TrustedIssuer? issuer) => issuer switch
    {
        null or { Issuer: null or "" or { Length: > LongestIssuer } } => $"Each of trusted_issuers must be an object with issuer, the iss of its assertions, of 1 to {LongestIssuer} characters.",
        { Jwks: null, JwksUri: null } or { Jwks: not null, JwksUri: not null } => "Each of trusted_issuers must have its keys, in jwks or at jwks_uri, and not both.",
        { Jwks: { } keys } => JwkSet.Objection(keys),
        { JwksUri: { } uri } => OutboundClient.Objection(uri) is { } objection ? $"The jwks_uri of a trusted issuer {objection}." : null,
    };

    private static bool IsAudience(string? audience) =>
        audience is { Length: <= LongestIssuer } && Uri.TryCreate(audience, UriKind.Absolute, out _) && !audience.StartsWith('/') && !audience.Contains('#', StringComparison.Ordinal);
}
