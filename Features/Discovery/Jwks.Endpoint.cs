namespace Signet.Features;

/// <summary>The public keys, next and retired ones included (RFC 7517 §5). Answers from memory while the database is away.</summary>
internal static class Jwks
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/.well-known/jwks.json", Get).AllowAnonymous();

    private static async Task<IResult> Get(KeyRing keys, HttpContext http)
    {
        var published = await keys.Published(http.RequestAborted);
        http.Response.Headers.CacheControl = $"public, max-age={KeyRotation.CacheTime.TotalSeconds}";
        http.Response.Headers.AccessControlAllowOrigin = "*";
        http.Response.Headers["Cross-Origin-Resource-Policy"] = "cross-origin";
        return Results.Text($$"""{"keys":[{{string.Join(',', published.Select(key => key.PublicJwk))}}]}""", "application/json");
    }
}
