using System.Diagnostics;

namespace Signet.Features;

internal static partial class RegisterClient
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/oauth/register", Post).AllowAnonymous().DisableAntiforgery().RequireCors(Cors.Programs);

    private static async Task<IResult> Post(HttpContext http, InitialTokens tokens, RegistrationAllowance allowance, IOptions<SignetOptions> options, IMediator mediator)
    {
        var ct = http.RequestAborted;
        var mode = options.Value.Registration.Dynamic;
        if (mode == DynamicRegistration.Off)
            return new OAuthRefusal(OAuthError.AccessDenied.Saying("Apps cannot register themselves here.") with { Status = StatusCodes.Status403Forbidden });
        InitialToken? token = null;
        if (mode == DynamicRegistration.Token || http.Request.Headers.Authorization.Count > 0)
        {
            if (PresentedToken.InHeader(http.Request, PresentedToken.Bearer) is not { } presented || (token = await tokens.Find(presented, ct)) is null)
                return new OAuthRefusal(OAuthError.InvalidToken.Saying("Registering an app needs an initial access token that is not expired, revoked or used up; send it as Bearer."));
            http.ActFor(token.UserId);
        }
        else if (!allowance.Take(http.Connection.RemoteIpAddress))
        {
            return new OAuthRefusal(OAuthError.SlowDown);
        }

        if (await RegistrationDocument.Read(http.Request, ct) is not { } document)
            return new OAuthRefusal(OAuthError.InvalidClientMetadata.Saying("Send the metadata as one JSON object (application/json), each member once."));
        return await mediator.Send(new Request(document, token), ct) switch
        {
            Result.Registered registered => RegistrationDocument.Answer(http, registered.Document, StatusCodes.Status201Created),
            Result.Refused refused => new OAuthRefusal(refused.Error),
            _ => throw new UnreachableException(),
        };
    }
}
