using System.Diagnostics;

namespace Signet.Features;

internal static partial class IntrospectToken
{
    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/oauth/introspect", Post).AllowAnonymous().DisableAntiforgery();

    /// <summary>Answers those only who prove who they are (RFC 7662 §2.1): a public client cannot.</summary>
    private static async Task<IResult> Post(HttpContext http, ClientAuthentication clients, IMediator mediator, CancellationToken ct)
    {
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.Pragma = "no-cache";
        if (await Parameters.FromBody(http.Request, ct) is not { } parameters)
            return new OAuthRefusal(OAuthError.InvalidRequest.Saying("Send a form or a JSON object."));
        var identity = await clients.Identify(http.Request, parameters, ct);
        if (identity is ClientAuthentication.Result.Refused refused)
            return new OAuthRefusal(refused.Error);
        var asker = ((ClientAuthentication.Result.Identified)identity).Client;
        if (asker.IsPublic)
            return new OAuthRefusal(OAuthError.InvalidClient.Saying("Only a client that proves who it is may introspect."));
        if (parameters["token"] is not { } token)
            return new OAuthRefusal(OAuthError.InvalidRequest.Saying("The parameter token is missing."));

        return await mediator.Send(new Request(asker, new Secret(token)), ct) switch
        {
            Result.Active active => Results.Json(active.Answer, IntrospectTokenJson.Default.Answer),
            Result.Inactive => Results.Json(new NoAnswer(), IntrospectTokenJson.Default.NoAnswer),
            _ => throw new UnreachableException(),
        };
    }
}
