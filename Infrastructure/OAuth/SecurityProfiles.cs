using System.Text.Json;
using Signet.Infrastructure.Jose;

namespace Signet.Infrastructure.OAuth;

/// <summary>
/// What each security profile demands of an app (OAuth 2.1; FAPI 2.0 Security Profile §5.3.2, §5.4.1; FAPI 2.0 Message Signing
/// §5.3 to §5.5), in one table: the sentence that the app's page shows, what choosing the profile switches on, and what is
/// refused from then on.
/// </summary>
internal static class SecurityProfiles
{
    /// <summary>What of an app a profile looks at.</summary>
    internal sealed record Traits(ClientKind Kind, string[] AuthenticationMethods, RefreshRotation Rotation, string[] RedirectUris, ClientSettings Settings)
    {
        public Traits With(string member, object? value) => this with { Settings = Settings.With([new(member, JsonSerializer.SerializeToElement(value))]) };
    }

    /// <summary>One thing that a profile demands. What no setting can change has no part: it holds wherever requests are judged.</summary>
    internal sealed record Demand(string Sentence, params Part[] Parts);

    /// <param name="Member">The setting, as its objection names it.</param>
    /// <param name="Holds">Whether the app is as the profile wants it.</param>
    /// <param name="Objection">What to do about it, in a sentence.</param>
    /// <param name="SwitchOn">Makes it so where nobody chose otherwise; null where that needs a person.</param>
    internal sealed record Part(string Member, Func<Traits, bool> Holds, string Objection, Func<Traits, Traits>? SwitchOn = null)
    {
        /// <summary>Settings that choose the same thing in other words.</summary>
        public string[] Beside { get; init; } = [];
    }

    private const string AuthenticationMethod = "AuthenticationMethod", Rotation = "RefreshRotation", RedirectUris = "RedirectUris";

    /// <summary>The ways of authentication in which nothing is shared.</summary>
    public static readonly string[] ByKey = [ClientAuthenticationMethods.PrivateKeyJwt, ClientAuthenticationMethods.TlsClientAuth, ClientAuthenticationMethods.SelfSignedTlsClientAuth];

    /// <summary>For how long a code is good under FAPI 2.0, whatever the installation says (Security Profile §5.3.2.1).</summary>
    public static readonly TimeSpan LongestCode = TimeSpan.FromSeconds(60);

    private static readonly Demand[] OAuth21 =
    [
        new("Requests for a code carry a PKCE challenge (S256), and codes are good once."),
        new("Redirect URIs are compared letter by letter, and every answer says which server it is from (iss)."),
        new("Refresh tokens of an app without a secret are bound to a key, or change with every use."),
        new("There are no implicit and no password grants."),
    ];

    private static readonly Demand[] Fapi2Security =
    [
        new("The app proves itself by a key or a certificate, never by a shared secret.", new Part(AuthenticationMethod,
            app => app.AuthenticationMethods.All(ByKey.Contains),
            $"An app of a FAPI 2.0 profile proves itself without a shared secret: choose {string.Join(", ", ByKey)} as token_endpoint_auth_method, and register jwks, jwks_uri or the name of its certificate.",
            app => app with { AuthenticationMethods = MethodOf(app) })),
        new("Its assertions are for this server's issuer alone, and each is good once."),
        new("Access tokens are bound to its key (DPoP) or its certificate.", new Part("dpop_bound_access_tokens",
            app => app.Settings.DpopBoundAccessTokens || app.Settings.TlsClientCertificateBoundAccessTokens,
            "An app of a FAPI 2.0 profile binds its tokens to a key: choose dpop_bound_access_tokens or tls_client_certificate_bound_access_tokens.",
            app => app.With(IsByCertificate(app) ? "tls_client_certificate_bound_access_tokens" : "dpop_bound_access_tokens", true))
        { Beside = ["tls_client_certificate_bound_access_tokens"] }),
        new("Authorization requests are pushed first (PAR), with PKCE (S256) and a redirect_uri.", Flag("require_pushed_authorization_requests", settings => settings.RequirePushedAuthorizationRequests),
            new Part("pkce_optional", app => !app.Settings.PkceOptional, "Under a FAPI 2.0 profile PKCE is not optional; leave pkce_optional out.", app => app.With("pkce_optional", false))),
        new("The response type is code alone, and the code is good for 60 seconds at most.", new Part("response_types",
            app => app.Settings.ResponseTypes?.Contains("code id_token") != true,
            "response_types may have code alone under a FAPI 2.0 profile.",
            app => app.With("response_types", (string[])["code"]))),
        new("Signatures are by PS256, ES256 or EdDSA, the app's and ours.",
            Algorithm("id_token_signed_response_alg", settings => settings.IdTokenSignedResponseAlg, SigningAlgorithms.Ps256),
            Algorithm("userinfo_signed_response_alg", settings => settings.UserinfoSignedResponseAlg),
            Algorithm("introspection_signed_response_alg", settings => settings.IntrospectionSignedResponseAlg),
            Algorithm("authorization_signed_response_alg", settings => settings.AuthorizationSignedResponseAlg),
            Algorithm("token_endpoint_auth_signing_alg", settings => settings.TokenEndpointAuthSigningAlg),
            Algorithm("request_object_signing_alg", settings => settings.RequestObjectSigningAlg),
            Algorithm("backchannel_authentication_request_signing_alg", settings => settings.BackchannelAuthenticationRequestSigningAlg)),
        new("Refresh tokens stay the same: a stolen one is worth nothing without the app's key.", new Part(Rotation,
            app => app.Rotation != RefreshRotation.Always,
            "Refresh tokens do not rotate under a FAPI 2.0 profile; choose auto or never as refresh_token_rotation.",
            app => app with { Rotation = RefreshRotation.Auto })),
        new("Redirect URIs are https; on the loopback interface, for desktop apps, http.", new Part(RedirectUris,
            app => app.Kind == ClientKind.Native || !app.RedirectUris.Any(uri => uri.StartsWith("http:", StringComparison.Ordinal)),
            "Under a FAPI 2.0 profile redirect URIs must be https, even those of your own machine.")),
    ];

    private static readonly Demand[] Fapi2MessageSigning =
    [
        new("Authorization requests are signed by the app, for an hour at most (nbf, exp).", Flag("require_signed_request_object", settings => settings.RequireSignedRequestObject)),
        new("Answers to them are signed by us (response_mode jwt); an unsigned one is never sent.",
            new Part("response_modes",
                app => app.Settings.ResponseModes is { Length: > 0 } modes && modes.All(ResponseMode.Signed.Contains),
                $"response_modes may have {string.Join(", ", ResponseMode.Signed)} under FAPI 2.0 Message Signing.",
                app => app.With("response_modes", SignedModes(app.Settings))),
            Algorithm("authorization_signed_response_alg", settings => settings.AuthorizationSignedResponseAlg, SigningAlgorithms.Ps256)),
        new("Introspection answers the app with a signed JWT, asked for or not.", Algorithm("introspection_signed_response_alg", settings => settings.IntrospectionSignedResponseAlg, SigningAlgorithms.Ps256)),
    ];

    public static string Title(this SecurityProfile profile) => profile switch
    {
        SecurityProfile.Fapi2Security => "FAPI 2.0 Security Profile",
        SecurityProfile.Fapi2MessageSigning => "FAPI 2.0 Message Signing",
        _ => "OAuth 2.1",
    };

    /// <summary>All that an app of this profile is held to; the stricter profile has the demands of the other too.</summary>
    public static Demand[] Demands(this SecurityProfile profile) => profile switch
    {
        SecurityProfile.Fapi2Security => Fapi2Security,
        SecurityProfile.Fapi2MessageSigning => [.. Fapi2Security, .. Fapi2MessageSigning],
        _ => OAuth21,
    };

    /// <summary>The app with all switched on that its profile demands, save where the change itself chose the contrary.</summary>
    /// <param name="kept">The app before the change; what is the same in both was not chosen now.</param>
    public static Traits SwitchedOn(Traits wanted, Traits kept)
    {
        var app = wanted;
        foreach (var part in Parts(wanted))
        {
            if (part.SwitchOn is { } switchOn && !part.Holds(app) && !((string[])[part.Member, .. part.Beside]).Any(member => IsChosen(member, wanted, kept)))
                app = switchOn(app);
        }

        return app;
    }

    /// <summary>What is not as the app's profile demands: the setting, and what to do.</summary>
    public static IEnumerable<(string Member, string Message)> Objections(Traits app) =>
        Parts(app).Where(part => !part.Holds(app)).DistinctBy(part => part.Member).Select(part => (part.Member, part.Objection));

    private static IEnumerable<Part> Parts(Traits app) => app.Settings.Profile.Demands().SelectMany(demand => demand.Parts);

    private static bool IsChosen(string member, Traits wanted, Traits kept) => member switch
    {
        AuthenticationMethod => !wanted.AuthenticationMethods.SequenceEqual(kept.AuthenticationMethods),
        Rotation => wanted.Rotation != kept.Rotation,
        _ => !wanted.Settings.HasSame(member, kept.Settings),
    };

    private static Part Flag(string member, Func<ClientSettings, bool> of) =>
        new(member, app => of(app.Settings), $"The app's FAPI 2.0 profile demands {member}; leave it on, or choose another security_profile.", app => app.With(member, true));

    /// <param name="instead">Where the default that others would read out of an absent member is one that FAPI 2.0 has not.</param>
    private static Part Algorithm(string member, Func<ClientSettings, string?> of, string? instead = null) => new(
        member, app => of(app.Settings) is { } algorithm ? SigningAlgorithms.Fapi.Contains(algorithm) : instead is null,
        $"{member} must be one of {string.Join(", ", SigningAlgorithms.Fapi)} under a FAPI 2.0 profile.", app => app.With(member, instead));

    // What the app has registered tells how it can prove itself; without anything the old way stays, and is objected to.
    private static string[] MethodOf(Traits app) =>
        app.Settings is { Jwks: not null } or { JwksUri: not null } ? [ClientAuthenticationMethods.PrivateKeyJwt]
        : TlsClientAuth.Registered(app.Settings).Any(name => name is not null) ? [ClientAuthenticationMethods.TlsClientAuth]
        : app.AuthenticationMethods;

    private static bool IsByCertificate(Traits app) => app.AuthenticationMethods is [ClientAuthenticationMethods.TlsClientAuth or ClientAuthenticationMethods.SelfSignedTlsClientAuth];

    private static string[] SignedModes(ClientSettings settings) => settings.ResponseModes?.Intersect(ResponseMode.Signed).ToArray() is { Length: > 0 } kept ? kept : ["jwt"];
}
