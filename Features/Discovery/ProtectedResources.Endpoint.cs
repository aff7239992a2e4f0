using Signet.Infrastructure.OAuth.Dpop;

namespace Signet.Features;

/// <summary>
/// What an API says of how to get a token for it (RFC 9728 §2), served here in its place: the API names the address in its 401 (§5.1).
/// Signet's own API, and APIs that live on Signet's host, are at the address that is derived from their audience (§3.1). Answers from
/// memory while the database is away.
/// </summary>
internal static class ProtectedResources
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(ResourceMetadata.Path, GetOwn).AllowAnonymous().RequireCors(Cors.Programs);
        app.MapGet(ResourceMetadata.Path + "/{**of}", Get).AllowAnonymous().RequireCors(Cors.Programs);
    }

    private static IResult GetOwn(IOptions<SignetOptions> options, HttpContext http) => Answer(http, options.Value, new SortedDictionary<string, object>(StringComparer.Ordinal)
    {
        ["resource"] = options.Value.Issuer,
        ["resource_name"] = "Signet",
        ["scopes_supported"] = Scopes.OfSignet.Keys,
        ["dpop_signing_alg_values_supported"] = DpopProof.Algorithms,
        ["tls_client_certificate_bound_access_tokens"] = true,
    });

    private static async Task<IResult> Get(string of, ClientDirectory directory, IOptions<SignetOptions> options, HttpContext http)
    {
        var apis = await directory.LastKnownResources(http.RequestAborted);
        if ((apis.FirstOrDefault(api => api.Audience == options.Value.Url("/" + of)) ?? apis.FirstOrDefault(api => api.ClientId == of)) is not { } api)
            return Results.NotFound();
        var metadata = new SortedDictionary<string, object>(StringComparer.Ordinal)
        {
            ["resource"] = api.Audience,
            ["resource_name"] = api.Name,
            ["scopes_supported"] = api.Scopes.Select(scope => scope.Name).Order(StringComparer.Ordinal),
        };
        if (api.DetailsTypes is not [])
            metadata["authorization_details_types_supported"] = api.DetailsTypes.Select(type => type.Name);
        if (api.DocumentationUri is { } documentation)
            metadata["resource_documentation"] = documentation;
        return Answer(http, options.Value, metadata);
    }

    private static IResult Answer(HttpContext http, SignetOptions options, SortedDictionary<string, object> metadata)
    {
        metadata["authorization_servers"] = new[] { options.Issuer };
        metadata["bearer_methods_supported"] = new[] { "header" };
        http.Response.Headers.CacheControl = "public, max-age=300";
        return Results.Json(metadata);
    }
}
