namespace Signet.Features;

internal static partial class RevokeToken
{
    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/oauth/revoke", Post).AllowAnonymous().DisableAntiforgery();

    /// <summary>Says 200 to a token it does not know: a client must not learn what exists (RFC 7009 §2.2).</summary>
    private static async Task<IResult> Post(HttpContext http, ClientAuthentication clients, IMediator mediator, CancellationToken ct)
    {
        var (request, refusal) = await ClientRequest.Read(http, clients, ct);
        if (request is null)
            return refusal!;
        if (request.Parameters["token"] is not { } token)
            return new OAuthRefusal(OAuthError.InvalidRequest.Saying("The parameter token is missing."));

        http.ActAs(request.Client);
        await mediator.Send(new Request(request.Client, new Secret(token)), ct);
        return Results.Ok();
    }
}
