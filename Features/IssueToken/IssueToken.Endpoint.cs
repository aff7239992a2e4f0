using System.Diagnostics;

namespace Signet.Features;

internal static partial class IssueToken
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/oauth/token", Post).AllowAnonymous().DisableAntiforgery().RequireCors(Cors.Programs);

    private static async Task<IResult> Post(HttpContext http, ClientAuthentication clients, HolderOfKey holders, IMediator mediator)
    {
        var ct = http.RequestAborted;
        if (await Parameters.FromBody(http.Request, ct) is not { } parameters)
            return new OAuthRefusal(OAuthError.InvalidRequest.Saying("Send the parameters as application/x-www-form-urlencoded, or as a JSON object of strings."));
        var caller = await clients.Identify(http.Request, parameters, ct);
        if (caller is not ClientAuthentication.Result.Identified { Client: var client })
            return new OAuthRefusal(((ClientAuthentication.Result.Refused)caller).Error);
        var holding = await holders.Of(http.Request, client, ct);
        if (holding is not HolderOfKey.Result.Held { By: var holder })
            return new OAuthRefusal(((HolderOfKey.Result.Refused)holding).Error);
        // A caller that hung up while its request waited has asked again by now, and may be further on: doing it late would look like reuse.
        ct.ThrowIfCancellationRequested();
        // What was begun is finished when the caller hangs up: a code must not be burnt for an answer that was never made.
        return await mediator.Send(new Request(client, parameters, holder), CancellationToken.None) switch
        {
            Result.Issued issued => Answered(http, issued.Answer),
            Result.Refused refused => new OAuthRefusal(refused.Error),
            _ => throw new UnreachableException(),
        };
    }

    private static IResult Answered(HttpContext http, Answer answer)
    {
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.Pragma = "no-cache";
        return Results.Json(answer, AnswerJson.Default.Answer);
    }
}
