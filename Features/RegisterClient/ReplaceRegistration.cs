using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Signet.Features;

/// <summary>A program that registered itself says anew what it is (RFC 7592 §2.2): what it leaves out gets its default again.</summary>
internal static class ReplaceRegistration
{
    /// <param name="App">The app, which has shown its registration access token.</param>
    /// <param name="Token">That token, which stays the same: a lost answer must not lock the app out.</param>
    public sealed record Request(Client App, Secret Token, JsonElement Document) : IRequest<Result>;

    /// <summary>Every way this can end.</summary>
    public abstract record Result
    {
        public sealed record Replaced(JsonObject Document) : Result;
        public sealed record Refused(OAuthError Error) : Result;
    }

    private static readonly string[] OfTheServer = ["registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at"];

    private sealed record Sent(Client App, JsonElement Document, DateTimeOffset Now)
    {
        public string? Text(string member) => Document.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        public bool Has(string member) => Document.TryGetProperty(member, out var value) && value.ValueKind != JsonValueKind.Null;
    }

    private static readonly Rule<Sent>[] Rules =
    [
        new("client_id is the app's (RFC 7592 §2.2)", it => it.Text("client_id") == it.App.Id ? null : OAuthError.InvalidClientMetadata.Saying("client_id must be that of this registration.")),
        new("client_secret is the app's (RFC 7592 §2.2)", it => !it.Has("client_secret") || IsSecretOf(it) ? null : OAuthError.InvalidClientMetadata.Saying("client_secret must be the one that the app has, or be left out; an app does not choose its secret.")),
        new("nothing is the server's to say (RFC 7592 §2.2)", it => OfTheServer.FirstOrDefault(it.Has) is { } member ? OAuthError.InvalidClientMetadata.Saying($"{member} is for the server to say; leave it out.") : null),
    ];

    private static bool IsSecretOf(Sent it) => it.Text("client_secret") is { } text
        && it.App.Secrets.Any(secret => secret.IsLive(it.Now) && System.Security.Cryptography.CryptographicOperations.FixedTimeEquals(secret.Hash, new Secret(text).Hash()));

    public sealed class Handler(AppDbContext db, IMediator mediator, ClientDirectory directory, SoftwareStatements statements, IOptions<SignetOptions> options, TimeProvider time)
        : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var (app, now) = (request.App, time.GetUtcNow());
            if (Rules.FirstObjection(new(app, request.Document, now)) is { } objection)
                return new Result.Refused(objection);
            var outcome = await statements.Read(request.Document, ct);
            if (outcome is not SoftwareStatements.Outcome.Read read)
                return new Result.Refused(((SoftwareStatements.Outcome.Refused)outcome).Error);
            try
            {
                var offer = (await RegistrationMetadata.Offer.Of(directory, app.Registration?.With is not null, app.Registration?.Scopes, ct)).With(app);
                var metadata = RegistrationMetadata.Read(read.Metadata, offer, app.Settings);
                if (metadata.ApplicationType is { } type && type != RegistrationDocument.ApplicationType(app))
                    return new Result.Refused(OAuthError.InvalidClientMetadata.Saying("application_type stays what it was registered as."));
                return await mediator.Send(Change(app, metadata, read.Statement), ct) switch
                {
                    EditApp.Result.Changed => new Result.Replaced(await Answer(request, now, ct)),
                    EditApp.Result.Conflict => new Result.Refused(OAuthError.TemporarilyUnavailable.Saying("The registration was changed at the same time; try again.")),
                    EditApp.Result.NotFound => new Result.Refused(OAuthError.InvalidToken),
                    _ => throw new UnreachableException(),
                };
            }
            catch (ValidationException invalid)
            {
                return new Result.Refused(RegistrationDocument.Error(invalid));
            }
        }

        // What these specifications know nothing of stays as it is.
        private static EditApp.Request Change(Client app, RegistrationMetadata metadata, string? statement) => new()
        {
            Id = app.Id,
            Name = metadata.Name,
            GrantTypes = metadata.GrantTypes,
            AuthenticationMethod = metadata.AuthenticationMethod,
            RedirectUris = metadata.RedirectUris,
            PostLogoutRedirectUris = metadata.PostLogoutRedirectUris,
            Scopes = metadata.Scopes,
            HomepageUri = metadata.HomepageUri,
            Settings = metadata.Settings,
            TokenFormat = app.TokenFormat,
            RefreshRotation = app.RefreshRotation,
            AccessTokenLifetime = app.AccessTokenLifetime,
            RefreshTokenLifetime = app.RefreshTokenLifetime,
            Registration = (app.Registration ?? new()) with { SoftwareStatement = statement },
            Version = app.UpdatedAt.UtcTicks,
        };

        private async Task<JsonObject> Answer(Request request, DateTimeOffset now, CancellationToken ct)
        {
            var app = await db.Clients.AsNoTracking().Include(app => app.Secrets).SingleAsync(app => app.Id == request.App.Id, ct);
            // An app that has begun to prove itself with a secret gets one; who has one that serves keeps it.
            var serves = app.Secrets.Any(secret => secret.IsLive(now) && (secret.Sealed is not null || !app.Registers(ClientAuthenticationMethods.ClientSecretJwt)));
            var made = app.HasSecret && !serves && await mediator.Send(new AddAppSecret.Request { AppId = app.Id, ReplacesOldest = true }, ct) is AddAppSecret.Result.Added added ? added.Secret : null;
            return RegistrationDocument.Of(app, options.Value, request.Token, made);
        }
    }
}
