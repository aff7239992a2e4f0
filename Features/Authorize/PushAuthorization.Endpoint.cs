using System.Diagnostics;
using System.Text.Json.Serialization;
using Signet.Infrastructure.OAuth.Dpop;

namespace Signet.Features;

internal static partial class PushAuthorization
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/oauth/par", Post).AllowAnonymous().DisableAntiforgery().RequireCors(Cors.Programs);

    private static async Task<IResult> Post(HttpContext http, ClientAuthentication clients, DpopProofs proofs, IMediator mediator)
    {
        var ct = http.RequestAborted;
        var (request, refusal) = await ClientRequest.Read(http, clients, ct);
        if (request is null)
            return refusal!;
        // §10.1 of RFC 9449: a proof here binds the code that will come of it.
        var proof = await proofs.Check(http.Request, ct);
        if (proof is DpopProofs.Result.Refused objected)
            return new OAuthRefusal(objected.Error);
        var holder = proof is DpopProofs.Result.Proven proven ? new Confirmation(Confirmation.Dpop, proven.Thumbprint) : null;
        return await mediator.Send(new Request(request.Client, request.Parameters, holder), ct) switch
        {
            Result.Pushed pushed => Results.Json(new PushedAnswer(pushed.RequestUri, (long)pushed.Lifetime.TotalSeconds), PushedAnswerJson.Default.PushedAnswer, statusCode: StatusCodes.Status201Created),
            Result.Refused refused => new OAuthRefusal(refused.Error),
            _ => throw new UnreachableException(),
        };
    }

    /// <summary>The answer on the wire (RFC 9126 §2.2).</summary>
    internal sealed record PushedAnswer(
        [property: JsonPropertyName("request_uri")] string RequestUri,
        [property: JsonPropertyName("expires_in")] long ExpiresIn);

    [JsonSerializable(typeof(PushedAnswer))]
    internal sealed partial class PushedAnswerJson : JsonSerializerContext;
}
