using System.Diagnostics;

namespace Signet.Features;

internal static partial class AskForApproval
{
    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/oauth/backchannel", Post).AllowAnonymous().DisableAntiforgery();

    private static async Task<IResult> Post(HttpContext http, ClientAuthentication clients, IMediator mediator)
    {
        var ct = http.RequestAborted;
        if (await Parameters.FromBody(http.Request, ct) is not { } parameters)
            return new OAuthRefusal(OAuthError.InvalidRequest.Saying("Send the parameters as application/x-www-form-urlencoded, or as a JSON object of strings."));
        var caller = await clients.Identify(http.Request, parameters, ct);
        if (caller is not ClientAuthentication.Result.Identified { Client: var client })
            return new OAuthRefusal(((ClientAuthentication.Result.Refused)caller).Error);
        http.ActAs(client);
        // What was begun is finished when the caller hangs up: a person must not be told of a request that is not there.
        switch (await mediator.Send(new Request(client, parameters, http.Request.Headers.UserAgent), CancellationToken.None))
        {
            case Result.Asked asked:
                http.Response.Headers.CacheControl = "no-store";
                return Results.Json(asked.Answer, ApprovalAnswerJson.Default.Answer);
            case Result.Refused refused:
                return new OAuthRefusal(refused.Error);
            default:
                throw new UnreachableException();
        }
    }
}
