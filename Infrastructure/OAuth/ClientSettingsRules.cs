using System.Text.Json;
using Signet.Infrastructure.Jose;
using Signet.Infrastructure.Outbound;

namespace Signet.Infrastructure.OAuth;

/// <summary>
/// What the settings of an app must satisfy; each objection names the member, as on the wire, and what to do. A feature adds its
/// rules to the table.
/// </summary>
internal sealed class ClientSettingsRules(OutboundClient outbound)
{
    internal sealed record Subject(ClientSettings Settings, ClientShape Shape, string[] RedirectUris)
    {
        public SecurityProfiles.Traits Traits => new(Shape.Kind, Shape.AuthenticationMethods, Shape.Rotation, RedirectUris, Settings);
    }

    private sealed record SettingRule(string Member, Func<Subject, string?> Objection);

    private static readonly SettingRule[] Rules =
    [
        new("response_types", app => app.Settings.ResponseTypes is { } types && ((types is [] && app.Shape.Grants.Contains(GrantTypes.AuthorizationCode)) || types.Except(["code", "code id_token"]).Any())
            ? "response_types may have code and code id_token, and with the grant authorization_code needs one of them." : null),
        new("response_modes", app => app.Settings.ResponseModes is { } modes && (modes is [] || modes.Except(ResponseMode.All).Any()) ? $"response_modes may have {string.Join(", ", ResponseMode.All)}, and needs one of them." : null),
        new("request_object_signing_alg", app => app.Settings.RequestObjectSigningAlg is { } algorithm && !SigningAlgorithms.All.Contains(algorithm) ? $"request_object_signing_alg must be one of {string.Join(", ", SigningAlgorithms.All)}." : null),
        new("require_signed_request_object", app => app.Settings is { MustSignRequests: true, Jwks: null, JwksUri: null } ? "Signed requests need the app's keys; add jwks or jwks_uri." : null),
        new("request_uris", app => app.Settings.RequestUris is { Length: > MostRequestUris } ? $"request_uris may have {MostRequestUris} addresses." : null),
        new("request_uris", app => app.Settings.RequestUris?.Select(uri => OutboundClient.Objection(uri ?? "")).FirstOrDefault(objection => objection is not null) is { } objection ? $"Each of request_uris {objection}." : null),
        new("pkce_optional", app => app is { Settings.PkceOptional: true, Shape.IsPublic: true } ? "A public app always uses PKCE; leave pkce_optional out." : null),
        new("default_max_age", app => app.Settings.DefaultMaxAge is < 0 or > uint.MaxValue ? "default_max_age must be a number of seconds." : null),
        new("default_acr_values", app => app.Settings.DefaultAcrValues?.Except(Assurance.All).Any() == true ? $"default_acr_values may have {string.Join(" and ", Assurance.All)}." : null),
        new("dpop_bound_access_tokens", app => app.Settings is { DpopBoundAccessTokens: true, TlsClientCertificateBoundAccessTokens: true } ? "A token is bound to one key: choose dpop_bound_access_tokens or tls_client_certificate_bound_access_tokens." : null),
        new("subject_type", app => app.Settings.SubjectType is null or "public" or "pairwise" ? null : "subject_type must be public or pairwise."),
        new("sector_identifier_uri", app => app.Settings is { IsPairwise: true, SectorIdentifierUri: null } && app.RedirectUris.Select(Subjects.HostOf).Distinct(StringComparer.OrdinalIgnoreCase).Count() > 1
            ? "The redirect URIs have more than one host; name a sector_identifier_uri that lists them all (OpenID Connect Registration section 5)."
            : null),
        .. SignedResponses.Members.Select(response => new SettingRule(response.Member, app => response.Value(app.Settings) is { } algorithm && !SigningAlgorithms.All.Contains(algorithm)
            ? $"{response.Member} must be one of {string.Join(", ", SigningAlgorithms.All)}."
            : null)),
        Address("policy_uri", settings => settings.PolicyUri),
        Address("tos_uri", settings => settings.TosUri),
        Address("initiate_login_uri", settings => settings.InitiateLoginUri),
        Address("logo_uri", settings => settings.LogoUri),
        new("logo_uri", app => app.Settings.LogoUri?.Split('?')[0].EndsWith(".svg", StringComparison.OrdinalIgnoreCase) == true ? "logo_uri must be a PNG, JPEG, WebP or GIF picture; an SVG can be a program." : null),
        Address("sector_identifier_uri", settings => settings.SectorIdentifierUri),
        Address("backchannel_logout_uri", settings => settings.BackchannelLogoutUri),
        new("contacts", app => app.Settings.Contacts is { } contacts && (contacts.Length > 10 || !contacts.All(PersonDetails.IsEmail)) ? "contacts must be up to 10 e-mail addresses." : null),
        Short("software_id", settings => settings.SoftwareId),
        Short("software_version", settings => settings.SoftwareVersion),
        new("jwks", ClientKeyRules.Jwks),
        new("jwks_uri", ClientKeyRules.JwksUri),
        new("token_endpoint_auth_signing_alg", ClientKeyRules.SigningAlgorithm),
        new("AuthenticationMethod", ClientKeyRules.CertificateName),
        new("backchannel_token_delivery_mode", app => app.Settings.BackchannelTokenDeliveryMode is null or "poll" or "ping" ? null : "backchannel_token_delivery_mode must be poll or ping."),
        new("backchannel_client_notification_endpoint", app => (app.Settings.BackchannelClientNotificationEndpoint, app.Settings.BackchannelTokenDeliveryMode) switch
        {
            (null, "ping") => "backchannel_client_notification_endpoint is missing: give the https address that is told of a decision, or choose poll.",
            ({ } uri, _) when OutboundClient.Objection(uri) is { } objection => $"backchannel_client_notification_endpoint {objection}.",
            _ => null,
        }),
        new("backchannel_authentication_request_signing_alg", app => app.Settings.BackchannelAuthenticationRequestSigningAlg is { } algorithm && !SigningAlgorithms.All.Contains(algorithm) ? $"backchannel_authentication_request_signing_alg must be one of {string.Join(", ", SigningAlgorithms.All)}."
            : app.Settings is { BackchannelAuthenticationRequestSigningAlg: not null, Jwks: null, JwksUri: null } ? "Signed authentication requests need the app's keys; add jwks or jwks_uri." : null),
        new("frontchannel_logout_uri", FrontchannelLogoutUri),
        new("token_exchange", TrustRules.TokenExchange),
        new("trusted_issuers", TrustRules.TrustedIssuers),
    ];

    /// <summary>Members that say whom the installation trusts; what an administrator chose, an owner cannot change.</summary>
    public static readonly string[] ForAdministrators = ["token_exchange", "trusted_issuers"];

    // Front-Channel Logout §2: domain, port and scheme are those of a registered redirect URI.
    private static string? FrontchannelLogoutUri(Subject app) =>
        app.Settings.FrontchannelLogoutUri is not { } uri ? null
        : RedirectUri.Objection(uri, ClientKind.Web) is { } objection ? $"frontchannel_logout_uri {objection}."
        : app.RedirectUris.Any(registered => RedirectUri.CspSource(registered) == RedirectUri.CspSource(uri)) ? null
        : "frontchannel_logout_uri must have the scheme, host and port of a redirect URI of the app.";

    /// <summary>An address that Signet may come to ask, or to lead people to.</summary>
    private static SettingRule Address(string member, Func<ClientSettings, string?> of) =>
        new(member, app => of(app.Settings) is { } uri && OutboundClient.Objection(uri) is { } objection ? $"{member} {objection}." : null);

    private static SettingRule Short(string member, Func<ClientSettings, string?> of) =>
        new(member, app => of(app.Settings) is { Length: > LongestText } ? $"{member} has more than {LongestText} characters; shorten it." : null);

    private const int LongestText = 255;

    private const int MostRequestUris = 20;

    public async Task<List<(string Member, string Message)>> Objections(ClientSettings settings, ClientShape shape, string[] redirectUris, CancellationToken ct)
    {
        var subject = new Subject(settings, shape, redirectUris);
        var objections = new List<(string, string)>();
        foreach (var rule in Rules)
        {
            if (rule.Objection(subject) is { } message)
                objections.Add((rule.Member, message));
        }

        objections.AddRange(SecurityProfiles.Objections(subject.Traits));
        objections.AddRange(EncryptedResponses.Objections(settings));
        // Nobody out there is asked about an app that is refused anyhow.
        if (objections is [] && settings.SectorIdentifierUri is { } sector && await SectorObjection(sector, redirectUris, ct) is { } sectorObjection)
            objections.Add(("sector_identifier_uri", sectorObjection));
        return objections;
    }

    /// <summary>Who may answer for a host says which apps are of its sector (OpenID Connect Registration §5).</summary>
    private async Task<string?> SectorObjection(string uri, string[] redirectUris, CancellationToken ct)
    {
        if (await outbound.GetJson(uri, ct) is not { ValueKind: JsonValueKind.Array } list)
            return "sector_identifier_uri does not answer with a JSON list of redirect URIs.";
        var listed = list.EnumerateArray().Where(entry => entry.ValueKind == JsonValueKind.String).Select(entry => entry.GetString()!).ToHashSet(StringComparer.Ordinal);
        return redirectUris.FirstOrDefault(redirect => !listed.Contains(redirect)) is { } missing ? $"sector_identifier_uri does not list the redirect URI {missing}." : null;
    }
}
