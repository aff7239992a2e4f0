using Signet.Infrastructure.Jose;
using Signet.Infrastructure.OAuth.Dpop;

namespace Signet.Features;

/// <summary>The provider's metadata (RFC 8414 §2, OpenID Connect Discovery §3): exactly what is served, no more, no less. Answers from memory while the database is away.</summary>
internal static class Discovery
{
    /// <summary>Where apps come themselves, and so may come with a certificate (RFC 8705 §5).</summary>
    private static readonly string[] Aliased =
    [
        "token_endpoint", "userinfo_endpoint", "introspection_endpoint", "revocation_endpoint", "device_authorization_endpoint", "backchannel_authentication_endpoint", "pushed_authorization_request_endpoint",
    ];

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/.well-known/openid-configuration", Get).AllowAnonymous().RequireCors(Cors.Programs);
        app.MapGet("/.well-known/oauth-authorization-server", Get).AllowAnonymous().RequireCors(Cors.Programs);
    }

    private static async Task<IResult> Get(ClientDirectory directory, IOptions<SignetOptions> options, HttpContext http)
    {
        var signet = options.Value;
        string[] assertionAlgorithms = [.. Infrastructure.Jose.SigningAlgorithms.All, ClientSecretJwt.Algorithm];
        var apis = await directory.LastKnownResources(http.RequestAborted);
        http.Response.Headers.CacheControl = "public, max-age=300";
        var metadata = new SortedDictionary<string, object>(StringComparer.Ordinal)
        {
            ["issuer"] = signet.Issuer,
            ["authorization_endpoint"] = signet.Url("/oauth/authorize"),
            ["token_endpoint"] = signet.Url("/oauth/token"),
            ["userinfo_endpoint"] = signet.Url("/oauth/userinfo"),
            ["introspection_endpoint"] = signet.Url("/oauth/introspect"),
            ["revocation_endpoint"] = signet.Url("/oauth/revoke"),
            ["device_authorization_endpoint"] = signet.Url("/oauth/device"),
            ["backchannel_authentication_endpoint"] = signet.Url("/oauth/backchannel"),
            ["backchannel_token_delivery_modes_supported"] = new[] { "poll", "ping" },
            ["backchannel_user_code_parameter_supported"] = false,
            ["backchannel_authentication_request_signing_alg_values_supported"] = SigningAlgorithms.All,
            ["end_session_endpoint"] = signet.Url("/oauth/logout"),
            ["backchannel_logout_supported"] = true,
            ["backchannel_logout_session_supported"] = true,
            ["frontchannel_logout_supported"] = true,
            ["frontchannel_logout_session_supported"] = true,
            ["jwks_uri"] = signet.Url("/.well-known/jwks.json"),
            ["scopes_supported"] = Scopes.OfSignet.Keys.Concat(apis.SelectMany(api => api.Scopes).Select(scope => scope.Name)).Distinct(),
            ["response_types_supported"] = new[] { "code", "code id_token" },
            ["response_modes_supported"] = ResponseMode.All,
            ["authorization_signing_alg_values_supported"] = SigningAlgorithms.All,
            ["grant_types_supported"] = GrantTypes.All,
            ["subject_types_supported"] = new[] { "public", "pairwise" },
            ["id_token_signing_alg_values_supported"] = SigningAlgorithms.All,
            ["userinfo_signing_alg_values_supported"] = SigningAlgorithms.All,
            ["introspection_signing_alg_values_supported"] = SigningAlgorithms.All,
            ["token_endpoint_auth_methods_supported"] = ClientAuthenticationMethods.All,
            ["token_endpoint_auth_signing_alg_values_supported"] = assertionAlgorithms,
            ["introspection_endpoint_auth_methods_supported"] = ClientAuthenticationMethods.Confidential,
            ["introspection_endpoint_auth_signing_alg_values_supported"] = assertionAlgorithms,
            ["revocation_endpoint_auth_methods_supported"] = ClientAuthenticationMethods.All,
            ["revocation_endpoint_auth_signing_alg_values_supported"] = assertionAlgorithms,
            ["dpop_signing_alg_values_supported"] = DpopProof.Algorithms,
            ["tls_client_certificate_bound_access_tokens"] = true,
            ["code_challenge_methods_supported"] = new[] { "S256" },
            ["authorization_response_iss_parameter_supported"] = true,
            ["claims_supported"] = ((string[])["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "at_hash", "c_hash"]).Concat(UserClaim.All.Select(claim => claim.Name)),
            ["authorization_details_types_supported"] = apis.SelectMany(api => api.DetailsTypes).Select(type => type.Name).Distinct(),
            ["acr_values_supported"] = Assurance.All,
            ["prompt_values_supported"] = ((string[])["none", "login", "consent", "select_account"]).Concat(signet.Registration.Users == UserRegistration.Open ? ["create"] : Array.Empty<string>()),
            ["display_values_supported"] = new[] { "page" },
            ["ui_locales_supported"] = new[] { "en" },
            ["claim_types_supported"] = new[] { "normal" },
            ["claims_parameter_supported"] = true,
            ["pushed_authorization_request_endpoint"] = signet.Url("/oauth/par"),
            ["require_pushed_authorization_requests"] = false,
            ["request_parameter_supported"] = true,
            ["request_uri_parameter_supported"] = true,
            ["require_request_uri_registration"] = true,
            ["require_signed_request_object"] = false,
            ["request_object_signing_alg_values_supported"] = SigningAlgorithms.All,
            ["protected_resources"] = apis.Select(api => api.Audience).Prepend(signet.Issuer),
        };
        if (signet.Registration.Dynamic != DynamicRegistration.Off)
            metadata["registration_endpoint"] = signet.Url("/oauth/register");
        if (signet.Registration.Documents == ClientIdDocuments.On)
            metadata["client_id_metadata_document_supported"] = true;
        foreach (var kind in EncryptedResponses.All)
        {
            metadata[$"{kind.Name}_encryption_alg_values_supported"] = Jwe.Algorithms;
            metadata[$"{kind.Name}_encryption_enc_values_supported"] = new[] { Jwe.A256Gcm };
        }

        if (signet.MutualTls.Url("") is not null)
            metadata["mtls_endpoint_aliases"] = Aliased.ToDictionary(member => member, member => signet.MutualTls.Url(((string)metadata[member])[signet.Issuer.Length..]));
        // What has no elements is left out (RFC 8414 §3.2).
        foreach (var (name, _) in metadata.Where(member => member.Value is IEnumerable<string> texts && !texts.Any()).ToArray())
            metadata.Remove(name);
        return Results.Json(metadata);
    }
}
