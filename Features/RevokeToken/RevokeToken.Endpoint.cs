namespace Signet.Features;

internal static partial class RevokeToken
{
    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/oauth/revoke", Post).AllowAnonymous().DisableAntiforgery();

    /// <summary>Says 200 to a token it does not know: a client must not learn what exists (RFC 7009 §2.2).</summary>
    private static async Task<IResult> Post(HttpContext http, ClientAuthentication clients, IMediator mediator, CancellationToken ct)
    {
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.Pragma = "no-cache";
        if (await Parameters.FromBody(http.Request, ct) is not { } parameters)
            return new OAuthRefusal(OAuthError.InvalidRequest.Saying("Send a form or a JSON object."));
        var identity = await clients.Identify(http.Request, parameters, ct);
        if (identity is ClientAuthentication.Result.Refused refused)
            return new OAuthRefusal(refused.Error);
        if (parameters["token"] is not { } token)
            return new OAuthRefusal(OAuthError.InvalidRequest.Saying("The parameter token is missing."));

        var asker = ((ClientAuthentication.Result.Identified)identity).Client;
        http.ActAs(asker);
        await mediator.Send(new Request(asker, new Secret(token)), ct);
        return Results.Ok();
    }
}
