using System.Diagnostics;

namespace Signet.Features;

internal static partial class AskForApproval
{
    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/oauth/backchannel", Post).AllowAnonymous().DisableAntiforgery();

    private static async Task<IResult> Post(HttpContext http, ClientAuthentication clients, IMediator mediator)
    {
        var ct = http.RequestAborted;
        var (request, refusal) = await ClientRequest.Read(http, clients, ct);
        if (request is null)
            return refusal!;
        http.ActAs(request.Client);
        // What was begun is finished when the caller hangs up: a person must not be told of a request that is not there.
        return await mediator.Send(new Request(request.Client, request.Parameters, http.Request.Headers.UserAgent), CancellationToken.None) switch
        {
            Result.Asked asked => Results.Json(asked.Answer, ApprovalAnswerJson.Default.Answer),
            Result.Refused refused => new OAuthRefusal(refused.Error),
            _ => throw new UnreachableException(),
        };
    }
}
