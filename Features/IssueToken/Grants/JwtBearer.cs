using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Text;
using Signet.Infrastructure.Jose;
using Signet.Infrastructure.Outbound;
using Signet.Infrastructure.Telemetry;

namespace Signet.Features;

internal static partial class IssueToken
{
    /// <summary>
    /// An issuer that the app may rely on says in a signed assertion for whom the app asks (RFC 7523 §2.1). The person has allowed the
    /// app what it gets, sees it among the apps that have access, and can end it there. It is no sign-in, and the token says none.
    /// </summary>
    internal sealed class JwtBearerGrant(
        AppDbContext db, RemoteKeys keys, Once once, Standings standings, Subjects subjects, Issuance issuance, Audiences audiences,
        IOptions<SignetOptions> options, IOptions<LifetimeOptions> lifetimes, TimeProvider time) : IGrant
    {
        private const int Longest = 8 * 1024;
        private const int LongestJti = 512;
        private static readonly TimeSpan LongestLife = TimeSpan.FromHours(1);
        private static readonly TimeSpan Skew = TimeSpan.FromSeconds(60);
        private static readonly Counter<long> Redeemed = Telemetry.Meter.CreateCounter<long>("signet.assertions.redeemed", "{assertion}", "Assertions of other issuers that became access tokens.");

        private sealed record Presented(Jws Jws, string Issuer, string[] TokenEndpoints, DateTimeOffset Now);

        public async Task<Result> Issue(Request request, CancellationToken ct)
        {
            var (client, parameters, now) = (request.Client, request.Parameters, time.GetUtcNow());
            if (client.IsPublic)
                return new Result.Refused(OAuthError.UnauthorizedClient.Saying("A public client cannot present assertions."));
            if (client.Settings.TrustedIssuers is null or [])
                return new Result.Refused(OAuthError.UnauthorizedClient.Saying("No administrator has said whose assertions this client may present (trusted_issuers)."));
            if (parameters["assertion"] is not { } text)
                return new Result.Refused(OAuthError.InvalidRequest.Saying("assertion is missing."));
            if (Jws.Read(text, Longest) is not { } jws)
                return Refuse("it is not a signed JWT in compact form.");
            if (AssertionRules.FirstObjection(new(jws, options.Value.Issuer, options.Value.Urls("/oauth/token"), now)) is { } objection)
                return new Result.Refused(objection);
            if (!await IsSigned(client, jws, ct))
                return Refuse("its issuer is not one that this client may rely on, or did not sign it.");
            if (await db.UserIdMeantBy(jws["sub"]!, ct) is not { } userId)
                return Refuse("its sub is nobody here.");

            var scopes = parameters["scope"] is { } asked ? Scopes.Parse(asked)! : [.. client.Scopes.Where(scope => scope != Scopes.OfflineAccess)];
            if (scopes.Except(client.Scopes).Any() || scopes.Contains(Scopes.OfflineAccess))
                return new Result.Refused(OAuthError.InvalidScope.Saying("The app is not registered for one of the scopes, or the scope is offline_access, which no assertion gives."));
            var resolution = await audiences.OfGrant(scopes, parameters.Resources, ct);
            if (resolution is not Audiences.Result.Resolved covers)
                return new Result.Refused(((Audiences.Result.Refused)resolution).Error);
            var standing = await standings.Of(db, client.Id, userId, null, null, null);
            if (standings.Objection(standing, standing.Epoch, client.Id, userId, null, null) is { } reason)
                return new Result.Refused(OAuthError.InvalidGrant.Because(reason));
            if (!await HasConsent(client, userId, covers, ct))
                return new Result.Refused(OAuthError.InvalidGrant.Saying("The person has not allowed this app what it asks for; let them sign in to the app once."));
            // The last question: what is refused for another reason may be presented again.
            if (!await once.Take($"assertion of {jws["iss"]}", jws["jti"]!, jws.Time("exp")!.Value, ct))
                return Refuse("it was used before. Have a new one made, with a jti of its own, for each request.");

            var grant = await Grant(client, userId, covers, standing.Epoch, text, now, ct);
            var answer = await issuance.Issue(Ticket.Of(grant, client, covers, await subjects.Of(client, userId, ct)) with
            {
                WithIdToken = false,
                NotAfter = grant.ExpiresAt,
                Holder = request.Holder,
            }, ct);
            Redeemed.Add(1);
            return new Result.Issued(answer);
        }

        private async Task<bool> IsSigned(Client client, Jws jws, CancellationToken ct)
        {
            if (client.Settings.TrustedIssuers!.FirstOrDefault(issuer => issuer.Issuer == jws["iss"]) is not { } trusted)
                return false;
            var allowed = client.Settings.IsFapi ? SigningAlgorithms.Fapi : SigningAlgorithms.All;
            return allowed.Contains(jws.Algorithm) && (await keys.For(jws, trusted.Jwks, trusted.JwksUri, ct)).Any(key => jws.IsSignedBy(key, allowed));
        }

        private async Task<bool> HasConsent(Client client, Guid userId, Audiences.Result.Resolved covers, CancellationToken ct) =>
            client.GoesUnasked(covers.Scopes)
            || (await db.Consents.AsNoTracking().FirstOrDefaultAsync(consent => consent.UserId == userId && consent.ClientId == client.Id, ct) is { } consent
                && !covers.Scopes.Except(consent.Scopes).Any() && !covers.Audiences.Except(consent.Resources).Any());

        private async Task<Grant> Grant(Client client, Guid userId, Audiences.Result.Resolved covers, long epoch, string assertion, DateTimeOffset now, CancellationToken ct)
        {
            var grant = new Grant
            {
                Id = Guid.CreateVersion7(now),
                CodeHash = SHA256.HashData(Encoding.UTF8.GetBytes(assertion)),
                ClientId = client.Id,
                UserId = userId,
                SessionId = Guid.Empty,
                IsOffline = true,
                Scopes = covers.Scopes,
                Audiences = covers.Audiences,
                AuthenticatedAt = now,
                Methods = [],
                Epoch = epoch,
                CreatedAt = now,
                LastUsedAt = now,
                ExpiresAt = now + await audiences.AccessTokenLifetime(client, covers.Audiences, lifetimes.Value, ct),
            };
            await db.InsertIfAbsent(grant, ct);
            return grant;
        }

        /// <summary>What an assertion must say (RFC 7523 §3), in order; its signature is another question.</summary>
        private static readonly Rule<Presented>[] AssertionRules =
        [
            // RFC 8725 §3.11: a client assertion, an ID token of another kind or a DPoP proof is no authorization grant.
            new("typ is that of an assertion", it => !it.Jws.Header.TryGetProperty("typ", out _) || it.Jws.Type is "jwt" or "authorization-grant+jwt" ? null : Say("typ must be JWT or authorization-grant+jwt, or be left out.")),
            new("iss is there", it => it.Jws["iss"] is null ? Say("iss is missing.") : null),
            new("sub is there", it => it.Jws["sub"] is null ? Say("sub is missing.") : null),
            new("aud is this server and nobody else", it => it.Jws.Audiences is [var audience] && (audience == it.Issuer || it.TokenEndpoints.Contains(audience)) ? null : Say($"aud must be {it.Issuer} and nothing else.")),
            new("exp is soon", it => it.Jws.Time("exp") is { } exp && exp > it.Now && exp <= it.Now + LongestLife + Skew ? null : Say("exp must be in the future, and at most an hour ahead.")),
            new("nbf has come", it => it.Jws.HasBegun(it.Now + Skew) ? null : Say("nbf is in the future.")),
            new("iat has come", it => !it.Jws.Payload.TryGetProperty("iat", out _) || it.Jws.Time("iat") <= it.Now + Skew ? null : Say("iat is in the future.")),
            new("jti is there", it => it.Jws["jti"] is { Length: <= LongestJti } ? null : Say($"jti must be a text of at most {LongestJti} characters that no other assertion has.")),
        ];

        private static OAuthError Say(string what) => OAuthError.InvalidGrant.Saying($"The assertion is refused: {what}");

        private static Result.Refused Refuse(string what) => new(Say(what));
    }
}
