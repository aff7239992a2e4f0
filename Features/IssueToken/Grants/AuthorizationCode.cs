using Signet.Infrastructure.Mail;

namespace Signet.Features;

internal static partial class IssueToken
{
    /// <summary>A code becomes a grant and its first tokens (RFC 6749 §4.1.3), once; a failed redemption burns it.</summary>
    internal sealed class AuthorizationCodeGrant(
        AppDbContext db, AuthorizationCodes codes, Redemption redemption, Revocations revocations, AuditTrail trail, Notices notices, TimeProvider time) : IGrant
    {
        public async Task<Result> Issue(Request request, CancellationToken ct)
        {
            if (request.Parameters["code"] is not { } text)
                return new Result.Refused(OAuthError.InvalidRequest.Saying("code is missing."));
            if (codes.Open(text) is not { } code)
                return new Result.Refused(OAuthError.InvalidGrant.Because("not a code of ours"));
            if (code.ExpiresAt <= time.GetUtcNow())
            {
                // An old code in a stranger's hands ends nothing of its owner's.
                return code.Authorization.ClientId == request.Client.Id ? await RefuseReuse(code, "the code has expired", ct) : new Result.Refused(OAuthError.InvalidGrant.Because("expired, and issued to another client"));
            }

            if (CodeRules.FirstObjection((code, request)) is { } objection)
                return await Burn(code, objection, request.Client, ct);
            if (!request.Client.GoesUnasked(code.Authorization.Scopes) && !await db.Consents.AnyAsync(consent => consent.UserId == code.Authorization.UserId && consent.ClientId == request.Client.Id, ct))
                return await Burn(code, OAuthError.InvalidGrant.Because("the person has ended the app's access since"), request.Client, ct);
            return await redemption.Redeem(request, code.Authorization, code.Hash, ct) switch
            {
                Redemption.Outcome.Redeemed redeemed => new Result.Issued(redeemed.Answer),
                Redemption.Outcome.Refused refused => await Burn(code, refused.Error, request.Client, ct),
                _ => await RefuseReuse(code, "the code was used before", ct),
            };
        }

        // A failed redemption ends the code: whoever tries a second verifier or redirect URI is not its owner. A theft is told once, when it does.
        private async Task<Result> Burn(AuthorizationCode code, OAuthError error, Client presenter, CancellationToken ct)
        {
            if (!await redemption.Burn(code.Authorization, code.Hash, ct))
                await RefuseReuse(code, "the code was used before", ct);
            else if (code.Authorization.ClientId != presenter.Id)
                await trail.Record(new AuditEntry("code_theft", $"client:{code.Authorization.ClientId}", code.Authorization.UserId, $"A code of this app was presented by client:{presenter.Id}; it was refused and is worth nothing any more."), ct);
            return new Result.Refused(error);
        }

        // RFC 6749 §4.1.2: a code that comes twice was stolen once; all that came of it ends.
        private async Task<Result> RefuseReuse(AuthorizationCode code, string reason, CancellationToken ct)
        {
            var (hash, clientId, userId) = (code.Hash, code.Authorization.ClientId, code.Authorization.UserId);
            if (await revocations.OfGrants(db.Grants.Where(grant => grant.CodeHash == hash), "its code was presented twice", ct) > 0)
            {
                await trail.Record(new AuditEntry("code_reuse", $"client:{clientId}", userId, "The code was presented twice; everything that came of it was revoked."), CancellationToken.None);
                await notices.TellOfReuse(userId, await db.Clients.Where(client => client.Id == clientId).Select(client => client.Name).FirstOrDefaultAsync(CancellationToken.None) ?? clientId);
            }

            return new Result.Refused(OAuthError.InvalidGrant.Because(reason));
        }

        /// <summary>What a code demands of the request that redeems it, in order.</summary>
        private static readonly Rule<(AuthorizationCode Code, Request Request)>[] CodeRules =
        [
            new("the code was issued to this client (RFC 6749 §10.5)", it => it.Code.Authorization.ClientId == it.Request.Client.Id ? null : OAuthError.InvalidGrant),
            new("redirect_uri is the one of the authorization request (RFC 6749 §4.1.3)", it => it.Request.Parameters["redirect_uri"] == it.Code.RedirectUri ? null : OAuthError.InvalidGrant.Saying("redirect_uri must be exactly the one of the authorization request.")),
            new("the verifier opens the challenge (RFC 7636 §4.6)", it => it.Code.CodeChallenge is { } challenge && !Pkce.Matches(it.Request.Parameters["code_verifier"], challenge) ? OAuthError.InvalidGrant.Saying("code_verifier is missing or does not belong to the code_challenge.") : null),
            new("no verifier without a challenge (RFC 9700 §2.1.1)", it => it.Code.CodeChallenge is null && it.Request.Parameters.Has("code_verifier") ? OAuthError.InvalidGrant.Saying("code_verifier was sent, but the authorization request had no code_challenge.") : null),
            new("the proof is made with the key that the code is bound to (RFC 9449 §10)", it => it.Code.DpopThumbprint is { } bound && it.Request.Holder is not { Method: Confirmation.Dpop } holder
                ? OAuthError.InvalidGrant.Saying("The code is bound to a DPoP key; send a proof made with it.")
                : it.Code.DpopThumbprint is { } key && it.Request.Holder!.Thumbprint != key ? OAuthError.InvalidGrant.Saying("The DPoP proof was made with another key than the code is bound to.") : null),
        ];
    }
}
