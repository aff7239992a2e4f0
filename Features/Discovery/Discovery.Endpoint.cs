using Signet.Infrastructure.Jose;
using Signet.Infrastructure.OAuth.Dpop;

namespace Signet.Features;

/// <summary>The provider's metadata (RFC 8414 §2, OpenID Connect Discovery §3): exactly what is served, no more, no less. Answers from memory while the database is away.</summary>
internal static class Discovery
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/.well-known/openid-configuration", Get).AllowAnonymous().RequireCors(Cors.Programs);
        app.MapGet("/.well-known/oauth-authorization-server", Get).AllowAnonymous().RequireCors(Cors.Programs);
    }

    private static async Task<IResult> Get(ClientDirectory directory, IOptions<SignetOptions> options, HttpContext http)
    {
        var signet = options.Value;
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
            ["jwks_uri"] = signet.Url("/.well-known/jwks.json"),
            ["scopes_supported"] = Scopes.OfSignet.Keys.Concat(apis.SelectMany(api => api.Scopes).Select(scope => scope.Name)).Distinct(),
            ["response_types_supported"] = new[] { "code" },
            ["response_modes_supported"] = new[] { "query", "form_post" },
            ["grant_types_supported"] = new[] { "authorization_code", "client_credentials", "refresh_token" },
            ["subject_types_supported"] = new[] { "public", "pairwise" },
            ["id_token_signing_alg_values_supported"] = SigningAlgorithms.All,
            ["userinfo_signing_alg_values_supported"] = SigningAlgorithms.All,
            ["introspection_signing_alg_values_supported"] = SigningAlgorithms.All,
            ["token_endpoint_auth_methods_supported"] = new[] { "client_secret_basic", "client_secret_post", "none" },
            ["introspection_endpoint_auth_methods_supported"] = new[] { "client_secret_basic", "client_secret_post" },
            ["revocation_endpoint_auth_methods_supported"] = new[] { "client_secret_basic", "client_secret_post", "none" },
            ["dpop_signing_alg_values_supported"] = DpopProof.Algorithms,
            ["tls_client_certificate_bound_access_tokens"] = true,
            ["code_challenge_methods_supported"] = new[] { "S256" },
            ["authorization_response_iss_parameter_supported"] = true,
            ["claims_supported"] = ((string[])["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "at_hash", "c_hash"]).Concat(UserClaim.All.Select(claim => claim.Name)),
            ["acr_values_supported"] = new[] { Assurance.OneFactor, Assurance.TwoFactors },
            ["prompt_values_supported"] = new[] { "none", "login", "consent", "select_account" },
            ["claims_parameter_supported"] = false,
            ["request_parameter_supported"] = false,
            ["request_uri_parameter_supported"] = false,
        };
        foreach (var kind in EncryptedResponses.All)
        {
            metadata[$"{kind.Name}_encryption_alg_values_supported"] = Jwe.Algorithms;
            metadata[$"{kind.Name}_encryption_enc_values_supported"] = new[] { Jwe.A256Gcm };
        }

        return Results.Json(metadata);
    }
}
