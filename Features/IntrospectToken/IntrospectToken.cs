using System.Security.Cryptography;
using System.Text.Json;

namespace Signet.Features;

/// <summary>Tells an app or an API whether a token is good right now, from the database each time (RFC 7662).</summary>
internal static partial class IntrospectToken
{
    public sealed record Request(Client Asker, Secret Token) : IRequest<Result>;

    public abstract record Result
    {
        public sealed record Active(Answer Answer) : Result;

        /// <summary>Unknown, malformed, expired, revoked, or none of the asker's business: one answer for all (RFC 7662 §2.2).</summary>
        public sealed record Inactive : Result;
    }

    public sealed class Handler(
        AppDbContext db, TokenReader tokens, Standings standings, Subjects subjects, ClientDirectory directory, IOptions<SignetOptions> options, TimeProvider time)
        : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct) =>
            await (RefreshSecret.Open(request.Token.Text) is { } refresh ? OfRefreshToken(refresh, request.Asker, ct) : OfAccessToken(request, ct)) is { } answer
                ? new Result.Active(answer)
                : new Result.Inactive();

        private async Task<Answer?> OfAccessToken(Request request, CancellationToken ct)
        {
            if (await tokens.Read(request.Token, ct) is not { } token)
                return null;
            if (token.ClientId != request.Asker.Id && !await directory.IsFor(request.Asker, token.Audiences, ct))
                return null;
            return new Answer
            {
                TokenType = Confirmation.TokenType(token.Confirmation),
                Scope = string.Join(' ', token.Scopes),
                ClientId = token.ClientId,
                Username = token.Scopes.Contains(Scopes.Email) ? token.UserEmail : null,
                ExpiresAt = token.ExpiresAt.ToUnixTimeSeconds(),
                IssuedAt = token.IssuedAt.ToUnixTimeSeconds(),
                Subject = token.Subject,
                Audiences = token.Audiences,
                Issuer = options.Value.Issuer,
                Id = token.Id,
                Confirmation = token.Confirmation is { } confirmation ? new() { [confirmation.Method] = confirmation.Thumbprint } : null,
                Details = Json(token.Details),
                Actor = Json(token.Actor),
                SessionId = token.SessionId,
                AuthenticatedAt = token.AuthenticatedAt?.ToUnixTimeSeconds(),
                Assurance = token.AuthenticatedAt is null ? null : Assurance.Of(token.Methods),
                Methods = token.AuthenticatedAt is null ? null : token.Methods,
            };
        }

        private static JsonElement? Json(string? text) => text is null ? null : JsonElement.Parse(text);

        // Only the app that holds it has anything to do with a refresh token: no API ever sees one.
        private async Task<Answer?> OfRefreshToken(RefreshSecret refresh, Client asker, CancellationToken ct)
        {
            var handle = refresh.HandleBytes;
            var now = time.GetUtcNow();
            var grant = await db.Grants.AsNoTracking().FirstOrDefaultAsync(
                grant => grant.RefreshHandle == handle && grant.ClientId == asker.Id && grant.RevokedAt == null && grant.RefreshExpiresAt > now, ct);
            if (grant is not { RefreshHash: { } current } || !CryptographicOperations.FixedTimeEquals(current, refresh.Hash()))
                return null;
            var standing = await standings.Of(db, grant.ClientId, grant.UserId, grant.Id, grant.SessionId, null);
            if (standings.Objection(standing, grant.Epoch, grant.ClientId, grant.UserId, grant.Id, grant.SessionId) is not null)
                return null;
            var end = grant.RefreshExpiresAt!.Value < grant.ExpiresAt ? grant.RefreshExpiresAt.Value : grant.ExpiresAt;
            return new Answer
            {
                Scope = string.Join(' ', grant.Scopes),
                ClientId = grant.ClientId,
                Username = grant.Scopes.Contains(Scopes.Email) ? standing.UserEmail : null,
                ExpiresAt = end.ToUnixTimeSeconds(),
                IssuedAt = (grant.RefreshRotatedAt ?? grant.CreatedAt).ToUnixTimeSeconds(),
                Subject = await subjects.Of(asker, grant.UserId, ct),
                Audiences = grant.Audiences,
                Issuer = options.Value.Issuer,
                SessionId = grant.SessionId,
                AuthenticatedAt = grant.AuthenticatedAt.ToUnixTimeSeconds(),
                Assurance = Assurance.Of(grant.Methods),
                Methods = grant.Methods,
            };
        }
    }
}
