using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Signet.Features;

/// <summary>A program registers itself (RFC 7591 §3): through the request that registers any app, by a caller who may have less.</summary>
internal static partial class RegisterClient
{
    /// <param name="Document">The JSON object that it sent.</param>
    /// <param name="Token">The initial access token that it showed; null where anybody may register.</param>
    public sealed record Request(JsonElement Document, InitialToken? Token) : IRequest<Result>;

    /// <summary>Every way this can end.</summary>
    public abstract record Result
    {
        public sealed record Registered(JsonObject Document) : Result;
        public sealed record Refused(OAuthError Error) : Result;
    }

    public sealed class Handler(AppDbContext db, IMediator mediator, ClientDirectory directory, SoftwareStatements statements, IOptions<SignetOptions> options)
        : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            if (request.Token is null && await db.Clients.ThatNobodyAllowed(db).CountAsync(app => app.Origin == ClientOrigin.Dynamic, ct) >= options.Value.Registration.MostUnusedApps)
                return new Result.Refused(OAuthError.TemporarilyUnavailable.Saying("Too many apps have registered themselves and wait to be used. Try again later, or ask an administrator."));
            var outcome = await statements.Read(request.Document, ct);
            if (outcome is not SoftwareStatements.Outcome.Read read)
                return new Result.Refused(((SoftwareStatements.Outcome.Refused)outcome).Error);
            var management = OpaqueValue.New(OpaqueValue.RegistrationAccess);
            try
            {
                var offer = await RegistrationMetadata.Offer.Of(directory, request.Token is not null, request.Token?.Scopes is { Length: > 0 } limit ? limit : null, ct);
                var metadata = RegistrationMetadata.Read(read.Metadata, offer, new());
                return await mediator.Send(new RegisterApp.Request
                {
                    Name = metadata.Name,
                    Kind = metadata.Kind,
                    AuthenticationMethod = metadata.AuthenticationMethod,
                    GrantTypes = metadata.GrantTypes,
                    RedirectUris = metadata.RedirectUris,
                    PostLogoutRedirectUris = metadata.PostLogoutRedirectUris,
                    Scopes = metadata.Scopes,
                    HomepageUri = metadata.HomepageUri,
                    Settings = metadata.Settings,
                    Registrant = new(request.Token, management.Hash(), read.Statement),
                }, ct) switch
                {
                    RegisterApp.Result.Registered registered => await Answer(registered, management, ct),
                    RegisterApp.Result.NotAllowed => new Result.Refused(OAuthError.InvalidToken.Saying("The initial access token is used up.")),
                    RegisterApp.Result.TooMany many => new Result.Refused(OAuthError.AccessDenied.Saying($"Whose token this is has {many.Most} apps, which is the most.") with { Status = StatusCodes.Status403Forbidden }),
                    _ => throw new UnreachableException(),
                };
            }
            catch (ValidationException invalid)
            {
                return new Result.Refused(RegistrationDocument.Error(invalid));
            }
        }

        private async Task<Result> Answer(RegisterApp.Result.Registered registered, Secret management, CancellationToken ct)
        {
            var app = await db.Clients.AsNoTracking().SingleAsync(app => app.Id == registered.Id, ct);
            return new Result.Registered(RegistrationDocument.Of(app, options.Value, management, registered.Secret));
        }
    }
}
