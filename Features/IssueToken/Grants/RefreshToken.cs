using System.Security.Cryptography;
using Signet.Infrastructure.Mail;

namespace Signet.Features;

internal static partial class IssueToken
{
    /// <summary>
    /// A refresh token is exchanged (RFC 6749 §6). Where it rotates, one conditional update decides who rotated it; the same token
    /// presented again within the reuse window gets the same successor, and after that it is theft: the grant ends (RFC 9700 §4.14.2).
    /// </summary>
    internal sealed class RefreshTokenGrant(
        AppDbContext db, Standings standings, Subjects subjects, Revocations revocations, Issuance issuance, Audiences audiences, AuditTrail trail, Notices notices,
        IOptions<LifetimeOptions> lifetimes, TimeProvider time) : IGrant
    {
        private const int SaltLength = 16;
        private const int Tries = 3;

        public async Task<Result> Issue(Request request, CancellationToken ct)
        {
            if (request.Parameters["refresh_token"] is not { } text)
                return new Result.Refused(OAuthError.InvalidRequest.Saying("refresh_token is missing."));
            if (RefreshSecret.Open(text) is not { } presented)
                return Refuse("not a refresh token of ours");
            // The first try loses only to a refresh of the same token at the same moment; then the row tells what became of it.
            for (var i = 0; i < Tries; i++)
            {
                if (await Try(request, presented, ct) is { } result)
                    return result;
            }

            return new Result.Refused(OAuthError.TemporarilyUnavailable);
        }

        private async Task<Result?> Try(Request request, RefreshSecret presented, CancellationToken ct)
        {
            var (client, parameters) = (request.Client, request.Parameters);
            var handle = presented.HandleBytes;
            var now = time.GetUtcNow();
            if (await db.Grants.AsNoTracking().FirstOrDefaultAsync(grant => grant.RefreshHandle == handle, ct) is not { } grant)
                return Refuse("no such grant");
            if (grant.ClientId != client.Id)
                return Refuse("issued to another client");
            var standing = await standings.Of(db, grant.ClientId, grant.UserId, grant.Id, grant.SessionId, null);
            if (standings.Objection(standing, grant.Epoch, grant.ClientId, grant.UserId, grant.Id, grant.SessionId) is { } objection)
                return Refuse(objection);
            if (Confirmation.Parse(grant.Confirmation) is { } bound && bound != request.Holder)
                return new Result.Refused(OAuthError.InvalidGrant.Saying("The refresh token is bound to a key; prove that you hold it, by a DPoP proof or the client certificate."));
            if (grant.RefreshExpiresAt <= now)
                return Refuse("the refresh token has expired");

            // What the app is no longer registered for is over, whatever it was granted.
            var left = grant.Scopes.Intersect(client.Scopes).ToArray();
            if (left is [] && grant.Scopes is not [])
                return new Result.Refused(OAuthError.InvalidScope.Saying("The app is no longer registered for any scope of this authorization."));
            var scopes = parameters["scope"] is { } scope ? Scopes.Parse(scope)! : left;
            if (scopes.Except(left).Any())
                return new Result.Refused(OAuthError.InvalidScope.Saying("scope may not go beyond what was granted (RFC 6749 section 6), nor beyond what the app is registered for."));
            var details = AuthorizationDetails.Of(grant.Details, parameters["authorization_details"], out var isBeyond);
            if (isBeyond)
                return new Result.Refused(OAuthError.InvalidAuthorizationDetails.Saying(AuthorizationDetails.BeyondGrant));
            var resolution = await audiences.OfToken(scopes, grant.Audiences, parameters.Resources, details, ct);
            if (resolution is not Audiences.Result.Resolved covers)
                return new Result.Refused(((Audiences.Result.Refused)resolution).Error);

            var hash = presented.Hash();
            RefreshSecret? next;
            if (CryptographicOperations.FixedTimeEquals(hash, grant.RefreshHash))
                next = client.Rotates(isBound: grant.Confirmation is not null) ? await Rotate(client, grant, presented, hash, now, ct) : await Use(client, grant, presented, hash, now, ct);
            else if (IsRepetition(grant, hash, now))
                next = presented.Successor(grant.RefreshSalt!);
            else
                return await RefuseReuse(client, grant, ct);
            if (next is null)
                return null;

            var subject = await subjects.Of(client, grant.UserId, ct);
            return new Result.Issued(await issuance.Issue(Ticket.Of(grant, client, covers, subject) with
            {
                RefreshToken = next.Seal().Text,
                WithIdToken = left.Contains(Scopes.OpenId),
                Holder = request.Holder,
                Details = (await audiences.DetailsFor(details, covers.Audiences, ct))?.ToString(),
            }, ct));
        }

        private bool IsRepetition(Grant grant, byte[] hash, DateTimeOffset now) =>
            grant.PreviousRefreshHash is { } previous && CryptographicOperations.FixedTimeEquals(hash, previous)
            && now - grant.RefreshRotatedAt <= lifetimes.Value.RefreshReuseWindow;

        private async Task<RefreshSecret?> Rotate(Client client, Grant grant, RefreshSecret presented, byte[] hash, DateTimeOffset now, CancellationToken ct)
        {
            var salt = RandomNumberGenerator.GetBytes(SaltLength);
            var successor = presented.Successor(salt);
            var successorHash = successor.Hash();
            var expires = Expiry(client, grant, now);
            return await db.Grants.Where(row => row.Id == grant.Id && row.RefreshHash == hash && row.RevokedAt == null).ExecuteUpdateAsync(set => set
                .SetProperty(row => row.PreviousRefreshHash, hash)
                .SetProperty(row => row.RefreshHash, successorHash)
                .SetProperty(row => row.RefreshSalt, salt)
                .SetProperty(row => row.RefreshGeneration, row => row.RefreshGeneration + 1)
                .SetProperty(row => row.RefreshRotatedAt, now)
                .SetProperty(row => row.RefreshExpiresAt, expires)
                .SetProperty(row => row.LastUsedAt, now), ct) == 1 ? successor : null;
        }

        private async Task<RefreshSecret?> Use(Client client, Grant grant, RefreshSecret presented, byte[] hash, DateTimeOffset now, CancellationToken ct)
        {
            var expires = Expiry(client, grant, now);
            return await db.Grants.Where(row => row.Id == grant.Id && row.RefreshHash == hash && row.RevokedAt == null).ExecuteUpdateAsync(set => set
                .SetProperty(row => row.RefreshExpiresAt, expires)
                .SetProperty(row => row.LastUsedAt, now), ct) == 1 ? presented : null;
        }

        private DateTimeOffset Expiry(Client client, Grant grant, DateTimeOffset now)
        {
            var sliding = now + (client.RefreshTokenLifetime ?? lifetimes.Value.RefreshTokenSliding);
            return sliding < grant.ExpiresAt ? sliding : grant.ExpiresAt;
        }

        // The verdict is one statement, so a storm of replays costs one update, one entry and one mail; and it is told even when the caller hangs up.
        private async Task<Result> RefuseReuse(Client client, Grant grant, CancellationToken ct)
        {
            if (await revocations.OfGrants(db.Grants.Where(row => row.Id == grant.Id), "a used refresh token was presented again", ct) == 1)
            {
                await trail.Record(new AuditEntry("refresh_reuse", $"grant:{grant.Id}", grant.UserId, $"A used refresh token of the app {grant.ClientId} was presented again; the app's access was ended."), CancellationToken.None);
                await notices.TellOfReuse(grant.UserId, client.Name);
            }

            return Refuse("a used refresh token was presented again");
        }

        private static Result.Refused Refuse(string reason) => new(OAuthError.InvalidGrant.Because(reason));
    }
}
