namespace Signet.Features;

/// <summary>Everything about one app but its secrets, of which nothing is left to show.</summary>
internal static partial class ShowApp
{
    public sealed record Request(string Id) : IRequest<Result>;

    public abstract record Result
    {
        public sealed record Found(App App) : Result;

        /// <summary>It does not exist, or not for this caller: nobody learns which.</summary>
        public sealed record NotFound : Result;
    }

    public sealed record App
    {
        public required string Id { get; init; }
        public required string Name { get; init; }
        public required ClientKind Kind { get; init; }
        public required string[] AuthenticationMethods { get; init; }
        public required string[] GrantTypes { get; init; }
        public required string[] RedirectUris { get; init; }
        public required string[] PostLogoutRedirectUris { get; init; }
        public required string[] Scopes { get; init; }
        public required TokenFormat TokenFormat { get; init; }
        public required RefreshRotation RefreshRotation { get; init; }
        public required bool SkipsConsent { get; init; }
        public required TimeSpan? AccessTokenLifetime { get; init; }
        public required TimeSpan? RefreshTokenLifetime { get; init; }
        public required string? HomepageUri { get; init; }
        public required ClientSettings Settings { get; init; }
        public required ClientOrigin Origin { get; init; }
        public required DateTimeOffset? VerifiedAt { get; init; }
        public required DateTimeOffset? DocumentReadAt { get; init; }
        public required Guid? OwnerId { get; init; }
        public required string? OwnerEmail { get; init; }
        public required DateTimeOffset CreatedAt { get; init; }
        public required DateTimeOffset UpdatedAt { get; init; }
        public required DateTimeOffset? DisabledAt { get; init; }
        public required ClientRegistration? Registration { get; init; }
        public required bool HasLogo { get; init; }
        public required Secret[] Secrets { get; init; }

        /// <summary>What a removal would end: authorizations by people, how many people that is, and stored tokens.</summary>
        public required int LiveGrants { get; init; }
        public required int LivePeople { get; init; }
        public required int LiveTokens { get; init; }

        /// <summary>The audience, where this is how an API proves itself.</summary>
        public required Guid? ApiId { get; init; }

        public bool IsUnverified => Origin != ClientOrigin.Managed && VerifiedAt is null;
        public bool IsOfDocument => Origin == ClientOrigin.Document;
        public bool IsPublic => AuthenticationMethods is [ClientAuthenticationMethods.None];
        public bool HasSecret => AuthenticationMethods.Any(ClientAuthenticationMethods.WithSecret.Contains);
        public bool ActsForPeople => Infrastructure.OAuth.GrantTypes.AreForPeople(GrantTypes);

        public sealed record Secret(Guid Id, string Hint, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt, bool IsExpired);
    }

    public sealed class Handler(AppDbContext db, Caller caller, TimeProvider time) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var now = time.GetUtcNow();
            var found = await (
                from app in db.ManagedBy(caller)
                where app.Id == request.Id
                select new
                {
                    App = app,
                    app.Secrets,
                    OwnerEmail = db.Users.Where(user => user.Id == app.OwnerId).Select(user => user.Email).FirstOrDefault(),
                    LiveGrants = db.Grants.Count(grant => grant.ClientId == app.Id && grant.RevokedAt == null && grant.ExpiresAt > now),
                    LivePeople = db.Grants.Where(grant => grant.ClientId == app.Id && grant.RevokedAt == null && grant.ExpiresAt > now).Select(grant => grant.UserId).Distinct().Count(),
                    LiveTokens = db.Tokens.Count(token => token.ClientId == app.Id && token.RevokedAt == null && token.ExpiresAt > now),
                    HasLogo = db.ClientLogos.Any(logo => logo.ClientId == app.Id),
                    ApiId = db.Resources.Where(api => api.ClientId == app.Id).Select(api => (Guid?)api.Id).FirstOrDefault(),
                }).AsNoTracking().FirstOrDefaultAsync(ct);
            return found is null ? new Result.NotFound() : new Result.Found(new App
            {
                Id = found.App.Id,
                Name = found.App.Name,
                Kind = found.App.Kind,
                AuthenticationMethods = found.App.AuthenticationMethods,
                GrantTypes = found.App.GrantTypes,
                RedirectUris = found.App.RedirectUris,
                PostLogoutRedirectUris = found.App.PostLogoutRedirectUris,
                Scopes = found.App.Scopes,
                TokenFormat = found.App.TokenFormat,
                RefreshRotation = found.App.RefreshRotation,
                SkipsConsent = found.App.SkipsConsent,
                AccessTokenLifetime = found.App.AccessTokenLifetime,
                RefreshTokenLifetime = found.App.RefreshTokenLifetime,
                HomepageUri = found.App.HomepageUri,
                Settings = found.App.Settings,
                Origin = found.App.Origin,
                VerifiedAt = found.App.VerifiedAt,
                DocumentReadAt = found.App.DocumentReadAt,
                OwnerId = found.App.OwnerId,
                OwnerEmail = found.OwnerEmail,
                CreatedAt = found.App.CreatedAt,
                UpdatedAt = found.App.UpdatedAt,
                DisabledAt = found.App.DisabledAt,
                Registration = found.App.Registration,
                HasLogo = found.HasLogo,
                Secrets = [.. found.Secrets.OrderBy(secret => secret.CreatedAt).Select(secret =>
                    new App.Secret(secret.Id, secret.Hint, secret.CreatedAt, secret.ExpiresAt, secret.LastUsedAt, secret.ExpiresAt <= now))],
                LiveGrants = found.LiveGrants,
                LivePeople = found.LivePeople,
                LiveTokens = found.LiveTokens,
                ApiId = found.ApiId,
            });
        }
    }
}
