namespace Signet.Features;

internal static partial class IssueToken
{
    /// <summary>
    /// Turns what a person allowed into a grant and its first tokens, whichever way the person was asked. Inserting the grant under
    /// the unique hash of what is redeemed is what redeems it, so it happens once.
    /// </summary>
    internal sealed partial class Redemption(
        AppDbContext db, Standings standings, Subjects subjects, Issuance issuance, Audiences audiences,
        IOptions<LifetimeOptions> lifetimes, TimeProvider time, ILogger<Redemption> log)
    {
        /// <summary>Every way a redemption can end.</summary>
        public abstract record Outcome
        {
            public sealed record Redeemed(Answer Answer) : Outcome;

            /// <summary>Nothing was redeemed; the caller decides whether the attempt burns it.</summary>
            public sealed record Refused(OAuthError Error) : Outcome;
            public sealed record UsedBefore : Outcome;
        }

        /// <param name="once">SHA-256 of what makes the redeemed value one of a kind.</param>
        public async Task<Outcome> Redeem(Request request, Authorization authorization, byte[] once, CancellationToken ct)
        {
            var client = request.Client;
            var details = AuthorizationDetails.Of(authorization.Details, request.Parameters["authorization_details"], out var isBeyond);
            if (isBeyond)
                return new Outcome.Refused(OAuthError.InvalidAuthorizationDetails.Saying(AuthorizationDetails.BeyondGrant));
            if (await audiences.OfToken(authorization.Scopes, authorization.Audiences, request.Parameters.Resources, details, ct) is not Audiences.Result.Resolved covers)
                return new Outcome.Refused(OAuthError.InvalidTarget);
            var standing = await standings.Of(db, authorization.ClientId, authorization.UserId, null, authorization.SessionId, null);
            if (standings.Objection(standing, authorization.Epoch, authorization.ClientId, authorization.UserId, null, authorization.SessionId) is { } reason)
                return new Outcome.Refused(OAuthError.InvalidGrant.Because(reason));
            if (standing.UserStamp != authorization.Stamp)
                return new Outcome.Refused(OAuthError.InvalidGrant.Because("the person's password or second step was changed since"));

            var refresh = client.GrantTypes.Contains(GrantTypes.RefreshToken) ? RefreshSecret.New() : null;
            var grant = NewGrant(authorization, once, refresh, client.RefreshTokenLifetime, client.IsPublic ? request.Holder : null);
            if (!await db.InsertIfAbsent(grant, ct))
                return new Outcome.UsedBefore();
            Redeemed(grant.Id, client.Id);
            var subject = await subjects.Of(client, grant.UserId, ct);
            return new Outcome.Redeemed(await issuance.Issue(Ticket.Of(grant, client, covers, subject) with
            {
                RefreshToken = refresh?.Seal().Text,
                Nonce = authorization.Nonce,
                Holder = request.Holder,
                Details = (await audiences.DetailsFor(details, covers.Audiences, ct))?.ToString(),
            }, ct));
        }

        /// <summary>Ends what could have been redeemed, before it was; false when it was already.</summary>
        public async Task<bool> Burn(Authorization authorization, byte[] once, CancellationToken ct)
        {
            if (!await db.Clients.AnyAsync(client => client.Id == authorization.ClientId, ct) || !await db.Users.AnyAsync(user => user.Id == authorization.UserId, ct))
                return true;
            var dead = NewGrant(authorization, once, null, null, null);
            dead.RevokedAt = dead.CreatedAt;
            dead.RevocationReason = "burnt by a failed redemption";
            dead.ExpiresAt = dead.CreatedAt + lifetimes.Value.AuthorizationCode;
            return await db.InsertIfAbsent(dead, ct);
        }

        private Grant NewGrant(Authorization authorization, byte[] once, RefreshSecret? refresh, TimeSpan? refreshFor, Confirmation? holder)
        {
            var now = time.GetUtcNow();
            var expires = now + (refresh is null ? lifetimes.Value.AccessTokenMaximum : lifetimes.Value.RefreshTokenAbsolute);
            var sliding = now + (refreshFor ?? lifetimes.Value.RefreshTokenSliding);
            return new Grant
            {
                Id = Guid.CreateVersion7(now),
                CodeHash = once,
                ClientId = authorization.ClientId,
                UserId = authorization.UserId,
                SessionId = authorization.SessionId,
                IsOffline = authorization.Scopes.Contains(Scopes.OfflineAccess),
                Scopes = authorization.Scopes,
                Audiences = authorization.Audiences,
                Nonce = authorization.Nonce,
                Claims = authorization.Claims,
                Details = authorization.Details,
                Confirmation = holder?.ToString(),
                AuthenticatedAt = authorization.AuthenticatedAt,
                Methods = authorization.Methods,
                Epoch = authorization.Epoch,
                CreatedAt = now,
                LastUsedAt = now,
                ExpiresAt = expires,
                RefreshHandle = refresh?.HandleBytes,
                RefreshHash = refresh?.Hash(),
                RefreshExpiresAt = refresh is null ? null : sliding < expires ? sliding : expires,
            };
        }

        [LoggerMessage(9, LogLevel.Information, "grant {GrantId} was made for client {ClientId}")]
        private partial void Redeemed(Guid grantId, string clientId);
    }
}
