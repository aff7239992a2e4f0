using Signet.Infrastructure.Jose;

namespace Signet.Features;

/// <summary>The public keys, next and retired ones included (RFC 7517 §5). Answers from memory while the database is away.</summary>
internal static class Jwks
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/.well-known/jwks.json", Get).AllowAnonymous();

    private static async Task<IResult> Get(KeyRing keys, HttpContext http)
    {
        var published = await keys.Published(http.RequestAborted);
        http.Response.Headers.Append("Vary", "Accept");
        if (KnowsNoKeySets(http.Request))
            published = [.. published.Where(key => key.Algorithm != SigningAlgorithms.EdDsa)];
        http.Response.Headers.CacheControl = $"public, max-age={KeyRotation.CacheTime.TotalSeconds}";
        http.Response.Headers.AccessControlAllowOrigin = "*";
        http.Response.Headers["Cross-Origin-Resource-Policy"] = "cross-origin";
        return Results.Text($$"""{"keys":[{{string.Join(',', published.Select(key => key.PublicJwk))}}]}""", "application/json");
    }

    /// <summary>
    /// A reader is to ignore keys of a type that it does not know (RFC 7517 §5), but some, OpenIddict 7 among them, refuse the whole set
    /// for one. So who takes plain JSON and nothing else gets RSA and EC keys; who takes a key set (§8.5.2) or anything gets all.
    /// </summary>
    private static bool KnowsNoKeySets(HttpRequest request) =>
        request.GetTypedHeaders().Accept is { Count: > 0 } accepted && accepted.All(type => type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase));
}
