using System.Diagnostics;

namespace Signet.Features;

internal static partial class IssueToken
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/oauth/token", Post).AllowAnonymous().DisableAntiforgery().RequireCors(Cors.Programs);

    private static async Task<IResult> Post(HttpContext http, ClientAuthentication clients, HolderOfKey holders, IMediator mediator)
    {
        var ct = http.RequestAborted;
        var (request, refusal) = await ClientRequest.Read(http, clients, ct);
        if (request is null)
            return refusal!;
        var holding = await holders.Of(http.Request, request.Client, ct);
        if (holding is not HolderOfKey.Result.Held { By: var holder })
            return new OAuthRefusal(((HolderOfKey.Result.Refused)holding).Error);
        // A caller that hung up while its request waited has asked again by now, and may be further on: doing it late would look like reuse.
        ct.ThrowIfCancellationRequested();
        // What was begun is finished when the caller hangs up: a code must not be burnt for an answer that was never made.
        return await mediator.Send(new Request(request.Client, request.Parameters, holder), CancellationToken.None) switch
        {
            Result.Issued issued => Results.Json(issued.Answer, AnswerJson.Default.Answer),
            Result.Refused refused => new OAuthRefusal(refused.Error),
            _ => throw new UnreachableException(),
        };
    }
}
