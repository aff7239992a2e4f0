using Signet.Infrastructure.Mail;

namespace Signet.Features;

internal static partial class IssueToken
{
    /// <summary>
    /// A code becomes a grant and its first tokens (RFC 6749 §4.1.3). Inserting the grant under the code's unique hash is what
    /// redeems the code, so it happens once; a failed redemption inserts a dead grant and burns it.
    /// </summary>
    internal sealed partial class AuthorizationCodeGrant(
        AppDbContext db, AuthorizationCodes codes, Standings standings, Revocations revocations, Issuance issuance, Audiences audiences, AuditTrail trail, Notices notices,
        IOptions<LifetimeOptions> lifetimes, TimeProvider time, ILogger<AuthorizationCodeGrant> log) : IGrant
    {
        public string Type => "authorization_code";

        public async Task<Result> Issue(Request request, CancellationToken ct)
        {
            var (client, parameters) = (request.Client, request.Parameters);
            if (parameters["code"] is not { } text)
                return new Result.Refused(OAuthError.InvalidRequest.Saying("code is missing."));
            if (codes.Open(text) is not { } code)
                return new Result.Refused(OAuthError.InvalidGrant.Because("not a code of ours"));
            if (code.ExpiresAt <= time.GetUtcNow() && code.ClientId != client.Id)
                return await RefuseStranger(code, client, ct); // an old code in a stranger's hands ends nothing of its owner's
            if (code.ExpiresAt <= time.GetUtcNow())
                return await RefuseReuse(code, "the code has expired", ct);
            if (CodeRules.FirstObjection((code, client, parameters)) is { } objection)
            {
                if (code.ClientId != client.Id)
                    await RefuseStranger(code, client, ct);
                return await Burn(code, objection, ct);
            }

            if (await audiences.OfToken(code.Scopes, code.Audiences, parameters.Resources, ct) is not Audiences.Result.Resolved covers)
                return await Burn(code, OAuthError.InvalidTarget, ct);
            var standing = await standings.Of(db, code.ClientId, code.UserId, null, code.SessionId, null);
            if (standings.Objection(standing, code.Epoch, code.ClientId, code.UserId, null, code.SessionId) is { } reason)
                return await Burn(code, OAuthError.InvalidGrant.Because(reason), ct);
            if (standing.UserStamp != code.Stamp)
                return await Burn(code, OAuthError.InvalidGrant.Because("the person's password or second step was changed since"), ct);
            if (!client.SkipsConsent && !await db.Consents.AnyAsync(consent => consent.UserId == code.UserId && consent.ClientId == client.Id, ct))
                return await Burn(code, OAuthError.InvalidGrant.Because("the person has ended the app's access since"), ct);

            var refresh = client.GrantTypes.Contains("refresh_token") ? RefreshSecret.New() : null;
            var grant = NewGrant(code, refresh, client.RefreshTokenLifetime);
            if (!await db.InsertIfAbsent(grant, ct))
                return await RefuseReuse(code, "the code was used before", ct);
            Redeemed(grant.Id, client.Id);
            var user = new TokenUser(code.UserId, grant.Id, code.SessionId, code.AuthenticatedAt, code.Methods);
            return new Result.Issued(await issuance.Issue(client, covers, code.Epoch, user, null, refresh?.Seal().Text, code.Scopes, code.Nonce, ct));
        }

        private async Task<Result> RefuseStranger(AuthorizationCode code, Client stranger, CancellationToken ct)
        {
            await trail.Record(new AuditEntry("code_theft", $"client:{code.ClientId}", code.UserId, $"A code of this app was presented by client:{stranger.Id}; it was refused and is worth nothing any more."), ct);
            return new Result.Refused(OAuthError.InvalidGrant.Because("issued to another client"));
        }

        private Grant NewGrant(AuthorizationCode code, RefreshSecret? refresh, TimeSpan? refreshFor)
        {
            var now = time.GetUtcNow();
            var isOffline = code.Scopes.Contains(Scopes.OfflineAccess);
            var expires = refresh is null ? now + lifetimes.Value.AccessTokenMaximum : now + lifetimes.Value.RefreshTokenAbsolute;
            var sliding = now + (refreshFor ?? lifetimes.Value.RefreshTokenSliding);
            return new Grant
            {
                Id = Guid.CreateVersion7(now),
                CodeHash = code.Hash,
                ClientId = code.ClientId,
                UserId = code.UserId,
                SessionId = code.SessionId,
                IsOffline = isOffline,
                Scopes = code.Scopes,
                Audiences = code.Audiences,
                Nonce = code.Nonce,
                AuthenticatedAt = code.AuthenticatedAt,
                Methods = code.Methods,
                Epoch = code.Epoch,
                CreatedAt = now,
                LastUsedAt = now,
                ExpiresAt = expires,
                RefreshHandle = refresh?.HandleBytes,
                RefreshHash = refresh?.Hash(),
                RefreshExpiresAt = refresh is null ? null : sliding < expires ? sliding : expires,
            };
        }

        // A failed redemption ends the code: whoever tries a second verifier or redirect URI is not its owner.
        private async Task<Result> Burn(AuthorizationCode code, OAuthError error, CancellationToken ct)
        {
            var dead = NewGrant(code, null, null);
            dead.RevokedAt = dead.CreatedAt;
            dead.RevocationReason = "the code was burnt by a failed redemption";
            dead.ExpiresAt = dead.CreatedAt + lifetimes.Value.AuthorizationCode;
            if (await db.Clients.AnyAsync(client => client.Id == code.ClientId, ct) && await db.Users.AnyAsync(user => user.Id == code.UserId, ct))
            {
                if (!await db.InsertIfAbsent(dead, ct))
                    await RefuseReuse(code, "the code was used before", ct);
            }

            return new Result.Refused(error);
        }

        // RFC 6749 §4.1.2: a code that comes twice was stolen once; all that came of it ends.
        private async Task<Result> RefuseReuse(AuthorizationCode code, string reason, CancellationToken ct)
        {
            var hash = code.Hash;
            if (await revocations.OfGrants(db.Grants.Where(grant => grant.CodeHash == hash), "its code was presented twice", ct) > 0)
            {
                await trail.Record(new AuditEntry("code_reuse", $"client:{code.ClientId}", code.UserId, "The code was presented twice; everything that came of it was revoked."), CancellationToken.None);
                await notices.TellOfReuse(code.UserId, await db.Clients.Where(client => client.Id == code.ClientId).Select(client => client.Name).FirstOrDefaultAsync(CancellationToken.None) ?? code.ClientId);
            }

            return new Result.Refused(OAuthError.InvalidGrant.Because(reason));
        }

        /// <summary>What a code demands of the request that redeems it, in order.</summary>
        private static readonly Rule<(AuthorizationCode Code, Client Client, Parameters Parameters)>[] CodeRules =
        [
            new("the code was issued to this client (RFC 6749 §10.5)", it => it.Code.ClientId == it.Client.Id ? null : OAuthError.InvalidGrant),
            new("redirect_uri is the one of the authorization request (RFC 6749 §4.1.3)", it => it.Parameters["redirect_uri"] == it.Code.RedirectUri ? null : OAuthError.InvalidGrant.Saying("redirect_uri must be exactly the one of the authorization request.")),
            new("the verifier opens the challenge (RFC 7636 §4.6)", it => it.Code.CodeChallenge is { } challenge && !Pkce.Matches(it.Parameters["code_verifier"], challenge) ? OAuthError.InvalidGrant.Saying("code_verifier is missing or does not belong to the code_challenge.") : null),
            new("no verifier without a challenge (RFC 9700 §2.1.1)", it => it.Code.CodeChallenge is null && it.Parameters.Has("code_verifier") ? OAuthError.InvalidGrant.Saying("code_verifier was sent, but the authorization request had no code_challenge.") : null),
        ];

        [LoggerMessage(9, LogLevel.Information, "grant {GrantId} was made for client {ClientId}")]
        private partial void Redeemed(Guid grantId, string clientId);
    }
}
