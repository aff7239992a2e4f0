using Microsoft.AspNetCore.Mvc.ModelBinding;

namespace Signet.Features;

/// <summary>The metadata of an app changes; its kind stays what it was registered as.</summary>
internal static partial class EditApp
{
    public sealed record Request : IRequest<Result>, IAudited<Result>, IClientMetadata
    {
        public string Id { get; init; } = "";
        public string? Name { get; init => field = DisplayName.Clean(value); }

        /// <summary>Null leaves the grants as they are.</summary>
        public string[]? GrantTypes { get; init => field = Lists.Distinct(value); }

        /// <summary>The only method the app will use; null leaves it as it is.</summary>
        public string? AuthenticationMethod { get; init; }
        public string[] RedirectUris { get; init => field = Lists.Distinct(value) ?? []; } = [];
        public string[] PostLogoutRedirectUris { get; init => field = Lists.Distinct(value) ?? []; } = [];
        public string[]? Scopes { get; init => field = Lists.Distinct(value); }
        public TokenFormat TokenFormat { get; init; }
        public RefreshRotation RefreshRotation { get; init; }
        public TimeSpan? AccessTokenLifetime { get; init; }
        public TimeSpan? RefreshTokenLifetime { get; init; }
        public string? HomepageUri { get; init => field = string.IsNullOrWhiteSpace(value) ? null : value.Trim(); }

        /// <summary>The rest of the metadata, whole; null leaves it as it is.</summary>
        [BindNever] public ClientSettings? Settings { get; init; }

        /// <summary>Set where a program that registered itself changes its registration (RFC 7592 §2.2).</summary>
        internal ClientRegistration? Registration { get; init; }

        ClientSettings IClientMetadata.Settings => Settings ?? new();

        internal ClientShape Shape(ClientKind kind, string[] grants, string[] methods) =>
            new(kind, GrantTypes ?? grants, AuthenticationMethod is { } only ? [only] : methods) { Held = grants, Rotation = RefreshRotation };

        /// <summary>The request with all that the app's security profile switches on where the change says nothing else.</summary>
        internal Request WithProfile(SecurityProfiles.Traits kept)
        {
            var methods = AuthenticationMethod is { } only ? [only] : kept.AuthenticationMethods;
            var app = SecurityProfiles.SwitchedOn(kept with { AuthenticationMethods = methods, Rotation = RefreshRotation, RedirectUris = RedirectUris, Settings = Settings ?? kept.Settings }, kept);
            return this with
            {
                AuthenticationMethod = app.AuthenticationMethods.SequenceEqual(methods) ? AuthenticationMethod : app.AuthenticationMethods[0],
                RefreshRotation = app.Rotation,
                Settings = app.Settings,
            };
        }

        /// <summary>The <c>UpdatedAt</c> of what the caller saw, in UTC ticks; what somebody else has changed since is not overwritten.</summary>
        public long? Version { get; init; }

        /// <summary>A change of nothing, to change what is meant with <c>with</c>.</summary>
        internal static Request Of(ShowApp.App app) => new()
        {
            Id = app.Id,
            Name = app.Name,
            RedirectUris = app.RedirectUris,
            PostLogoutRedirectUris = app.PostLogoutRedirectUris,
            Scopes = app.Scopes,
            TokenFormat = app.TokenFormat,
            RefreshRotation = app.RefreshRotation,
            AccessTokenLifetime = app.AccessTokenLifetime,
            RefreshTokenLifetime = app.RefreshTokenLifetime,
            HomepageUri = app.HomepageUri,
            Settings = app.Settings,
            Version = app.UpdatedAt.UtcTicks,
        };

        public AuditEntry? Audit(Result result) => result is Result.Changed changed
            ? new("app changed", $"client:{Id}", changed.OwnerId, Name)
            : null;
    }

    public abstract record Result
    {
        public sealed record Changed(Guid? OwnerId) : Result;

        /// <summary>Somebody else has changed it since the caller looked.</summary>
        public sealed record Conflict : Result;

        public sealed record NotFound : Result;
    }

    public sealed class Validator : AbstractValidator<Request>
    {
        public Validator(ClientRules rules, Caller caller, AppDbContext db)
        {
            RuleFor(request => request).CustomAsync(async (request, objections, ct) =>
            {
                var app = await db.ManagedBy(caller).Where(app => app.Id == request.Id && app.Kind != ClientKind.Api)
                    .Select(app => new { app.Kind, app.GrantTypes, app.AuthenticationMethods, app.RefreshRotation, app.RedirectUris, app.Settings, app.Origin }).FirstOrDefaultAsync(ct);
                if (app is null) // of an app that is not there the handler tells
                    return;
                if (app.Origin == ClientOrigin.Document)
                {
                    objections.AddFailure(nameof(request.Id), "The document at the app's client_id describes this app; change it there.");
                    return;
                }

                var whole = request.WithProfile(new(app.Kind, app.AuthenticationMethods, app.RefreshRotation, app.RedirectUris, app.Settings));
                await rules.Check(whole, whole.Shape(app.Kind, app.GrantTypes, app.AuthenticationMethods) with { Kept = app.Settings }, objections, ct);
            });
            RuleFor(request => request.TokenFormat).IsInEnum().WithMessage("Choose a token format: jwt or opaque.");
            RuleFor(request => request.RefreshRotation).IsInEnum().WithMessage("Choose when refresh tokens rotate: auto, always or never.");
        }
    }

    public sealed class Handler(AppDbContext db, Caller caller, ClientDirectory directory, Logos logos, TimeProvider time) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request change, CancellationToken ct)
        {
            var app = await db.ManagedBy(caller).AsNoTracking().FirstOrDefaultAsync(app => app.Id == change.Id && app.Kind != ClientKind.Api, ct);
            if (app is null)
                return new Result.NotFound();
            var request = change.WithProfile(new(app.Kind, app.AuthenticationMethods, app.RefreshRotation, app.RedirectUris, app.Settings));
            if (request.Version is { } version && version != app.UpdatedAt.UtcTicks)
                return new Result.Conflict();
            var seen = app.UpdatedAt;
            var isAdmin = caller.IsAdmin;
            var now = ManagedApps.After(seen, time.GetUtcNow());
            var shape = request.Shape(app.Kind, app.GrantTypes, app.AuthenticationMethods);
            var settings = request.Settings ?? app.Settings;
            string[] scopes = [.. (request.Scopes ?? []).Where(scope => GrantTypes.AreForPeople(shape.Grants) || !Scopes.AboutPeople.Contains(scope))];
            var verified = request.Registration is { With: null } && Differs(app, request, settings) ? null : app.VerifiedAt;
            var registration = request.Registration ?? app.Registration;
            // Who has got tokens as one app shall not learn by them what people are called in another's sector.
            var ended = Subjects.Move(app, settings, request.RedirectUris) ? 1 : 0;
            // What somebody here takes from an app, the app could otherwise take back by itself (RFC 7592).
            var managesItself = request.Registration is not null || !(app.Scopes.Except(scopes).Any() || app.GrantTypes.Except(shape.Grants).Any());
            await using var all = await db.Database.BeginTransactionAsync(ct);
            var changed = await db.Clients.Where(row => row.Id == app.Id && row.UpdatedAt == seen).ExecuteUpdateAsync(
                set => set
                    .SetProperty(row => row.Name, request.Name!)
                    .SetProperty(row => row.RedirectUris, request.RedirectUris)
                    .SetProperty(row => row.PostLogoutRedirectUris, request.PostLogoutRedirectUris)
                    .SetProperty(row => row.Scopes, scopes)
                    .SetProperty(row => row.TokenFormat, request.TokenFormat)
                    .SetProperty(row => row.RefreshRotation, request.RefreshRotation)
                    .SetProperty(row => row.AccessTokenLifetime, request.AccessTokenLifetime)
                    .SetProperty(row => row.RefreshTokenLifetime, request.RefreshTokenLifetime)
                    .SetProperty(row => row.HomepageUri, request.HomepageUri)
                    .SetProperty(row => row.GrantTypes, shape.Grants)
                    .SetProperty(row => row.AuthenticationMethods, shape.AuthenticationMethods)
                    .SetProperty(row => row.Settings, settings)
                    // What an administrator trusted without asking people is not what somebody else has changed.
                    .SetProperty(row => row.SkipsConsent, row => row.SkipsConsent && isAdmin)
                    .SetProperty(row => row.VerifiedAt, verified)
                    .SetProperty(row => row.Registration, registration)
                    .SetProperty(row => row.RegistrationTokenHash, row => managesItself ? row.RegistrationTokenHash : null) // as it is now: who disables the app takes it away
                    .SetProperty(row => row.TokenEpoch, row => row.TokenEpoch + ended)
                    .SetProperty(row => row.UpdatedAt, now), ct);
            // Only who signs with a secret has it kept, and not a moment longer.
            if (changed == 1 && app.Registers(ClientAuthenticationMethods.ClientSecretJwt) && !shape.AuthenticationMethods.Contains(ClientAuthenticationMethods.ClientSecretJwt))
                await db.ClientSecrets.Where(secret => secret.ClientId == app.Id).ExecuteUpdateAsync(set => set.SetProperty(secret => secret.Sealed, (byte[]?)null), ct);
            await all.CommitAsync(ct);
            directory.Forget();
            await logos.Refresh(app.Id, ct);
            return changed == 1 ? new Result.Changed(app.OwnerId) : new Result.Conflict();
        }

        /// <summary>Whether it is no longer what an administrator has looked at.</summary>
        private static bool Differs(Client app, Request request, ClientSettings settings) =>
            app.Name != request.Name || app.HomepageUri != request.HomepageUri || app.Settings != settings
            || (request.AuthenticationMethod is { } method && !app.AuthenticationMethods.SequenceEqual([method]))
            || request.RedirectUris.Except(app.RedirectUris).Any() || request.PostLogoutRedirectUris.Except(app.PostLogoutRedirectUris).Any()
            || (request.Scopes ?? []).Except(app.Scopes).Any() || (request.GrantTypes ?? []).Except(app.GrantTypes).Any();
    }
}
