using System.Diagnostics;

namespace Signet.Features;

internal static partial class AskForDeviceCode
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/oauth/device", Post).AllowAnonymous().DisableAntiforgery().RequireCors(Cors.Programs);

    private static async Task<IResult> Post(HttpContext http, ClientAuthentication clients, IMediator mediator)
    {
        var ct = http.RequestAborted;
        var (request, refusal) = await ClientRequest.Read(http, clients, ct);
        if (request is null)
            return refusal!;
        http.ActAs(request.Client);
        return await mediator.Send(new Request(request.Client, request.Parameters, http.Request.Headers.UserAgent), ct) switch
        {
            Result.Asked asked => Results.Json(asked.Answer, DeviceAnswerJson.Default.Answer),
            Result.Refused refused => new OAuthRefusal(refused.Error),
            _ => throw new UnreachableException(),
        };
    }
}
