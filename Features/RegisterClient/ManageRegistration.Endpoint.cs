using System.Diagnostics;
using System.Security.Cryptography;

namespace Signet.Features;

/// <summary>
/// What an app that registered itself does with its registration (RFC 7592 §2), by its registration access token alone. It goes on
/// when nobody may register any more, and ends when the app is disabled or removed.
/// </summary>
internal static class ManageRegistration
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var registration = app.MapGroup("/oauth/register/{id}").AllowAnonymous().DisableAntiforgery().RequireCors(Cors.Programs);
        registration.MapGet("", Get);
        registration.MapPut("", Put);
        registration.MapDelete("", Delete);
    }

    private static readonly OAuthError NotYours = OAuthError.InvalidToken.Saying("The registration access token is missing, wrong, or of an app that is not there any more.");

    private static async Task<IResult> Get(string id, HttpContext http, AppDbContext db, IOptions<SignetOptions> options) =>
        await Identify(id, http, db) is var (app, token) ? RegistrationDocument.Answer(http, RegistrationDocument.Of(app, options.Value, token, null), StatusCodes.Status200OK) : new OAuthRefusal(NotYours);

    private static async Task<IResult> Put(string id, HttpContext http, AppDbContext db, RegistrationAllowance allowance, IMediator mediator)
    {
        if (await Identify(id, http, db) is not var (app, token))
            return new OAuthRefusal(NotYours);
        // A change leaves as much behind as a registration, and makes us ask as many addresses.
        if (app.Registration?.With is null && !allowance.Take(http.Connection.RemoteIpAddress))
            return new OAuthRefusal(OAuthError.SlowDown);
        if (await RegistrationDocument.Read(http.Request, http.RequestAborted) is not { } document)
            return new OAuthRefusal(OAuthError.InvalidClientMetadata.Saying("Send the metadata as one JSON object (application/json), each member once."));
        return await mediator.Send(new ReplaceRegistration.Request(app, token, document), http.RequestAborted) switch
        {
            ReplaceRegistration.Result.Replaced replaced => RegistrationDocument.Answer(http, replaced.Document, StatusCodes.Status200OK),
            ReplaceRegistration.Result.Refused refused => new OAuthRefusal(refused.Error),
            _ => throw new UnreachableException(),
        };
    }

    private static async Task<IResult> Delete(string id, HttpContext http, AppDbContext db, IMediator mediator)
    {
        if (await Identify(id, http, db) is null || await mediator.Send(new RemoveApp.Request { Id = id }, http.RequestAborted) is not RemoveApp.Result.Removed)
            return new OAuthRefusal(NotYours);
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.Pragma = "no-cache";
        return Results.NoContent();
    }

    /// <summary>The app whose token this is; null for any other, and nobody learns which apps there are.</summary>
    private static async Task<(Client App, Secret Token)?> Identify(string id, HttpContext http, AppDbContext db)
    {
        if (PresentedToken.InHeader(http.Request, PresentedToken.Bearer) is not { } token || OpaqueValue.Open(OpaqueValue.RegistrationAccess, token.Text) is null || !ClientIds.IsValid(id))
            return null;
        var app = await db.Clients.AsNoTracking().Include(app => app.Secrets).FirstOrDefaultAsync(app => app.Id == id && app.DisabledAt == null, http.RequestAborted);
        if (app?.RegistrationTokenHash is not { } hash || !CryptographicOperations.FixedTimeEquals(hash, token.Hash()))
            return null;
        http.ActAs(app);
        return (app, token);
    }
}
