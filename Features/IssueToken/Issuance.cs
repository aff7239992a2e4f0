using System.Text.Json;

namespace Signet.Features;

internal static partial class IssueToken
{
    /// <summary>What a grant allows this one request to have.</summary>
    internal sealed record Ticket(Client Client, Audiences.Result.Resolved Covers, long Epoch)
    {
        /// <summary>Null where the app acts for itself.</summary>
        public TokenUser? User { get; init; }

        /// <summary>Nothing of it outlives this.</summary>
        public DateTimeOffset? NotAfter { get; init; }
        public string? RefreshToken { get; init; }

        /// <summary>True where <c>openid</c> was granted.</summary>
        public bool WithIdToken { get; init; }
        public string? Nonce { get; init; }

        /// <summary>The <c>claims</c> parameter of the authorization request, as JSON.</summary>
        public string? Claims { get; init; }

        /// <summary>Whose key the access token is bound to.</summary>
        public Confirmation? Holder { get; init; }

        /// <summary>The <c>authorization_details</c>, as JSON.</summary>
        public string? Details { get; init; }

        /// <summary>Who acts for the subject, as JSON.</summary>
        public string? Actor { get; init; }

        /// <summary>The tokens that this one was exchanged from.</summary>
        public string[] ExchangedFrom { get; init; } = [];

        /// <summary>The app that the token speaks for, where that is neither a person nor the client itself.</summary>
        public string? SubjectClient { get; init; }

        /// <summary>Null for the client's own.</summary>
        public TokenFormat? Format { get; init; }

        public static Ticket Of(Grant grant, Client client, Audiences.Result.Resolved covers, string subject) => new(client, covers, grant.Epoch)
        {
            User = TokenUser.Of(grant, subject),
            NotAfter = grant.RefreshHandle is null ? null : grant.ExpiresAt,
            WithIdToken = grant.Scopes.Contains(Scopes.OpenId),
            Claims = grant.Claims,
            Details = grant.Details,
        };
    }

    /// <summary>The last step of every grant: makes the access token in the client's format, and the ID token where <c>openid</c> was granted.</summary>
    internal sealed class Issuance(
        AppDbContext db, TokenWriter writer, Audiences audiences, IOptions<LifetimeOptions> lifetimes, TimeProvider time)
    {
        public async Task<Answer> Issue(Ticket ticket, CancellationToken ct)
        {
            var now = time.GetUtcNow();
            var (client, covers) = (ticket.Client, ticket.Covers);
            var expires = now + await audiences.AccessTokenLifetime(client, covers.Audiences, lifetimes.Value, ct);
            if (ticket.NotAfter < expires)
                expires = ticket.NotAfter.Value;
            var content = new AccessTokenContent(client.Id, covers.Scopes, covers.Audiences, now, expires, ticket.Epoch, ticket.User)
            {
                Confirmation = ticket.Holder,
                Details = ticket.Details,
                Actor = ticket.Actor,
                SubjectClient = ticket.SubjectClient,
                ExchangedFrom = ticket.ExchangedFrom,
            };
            var accessToken = (ticket.Format ?? client.TokenFormat) == TokenFormat.Jwt ? await writer.Jwt(content, ct) : await Opaque(content, ct);
            return new Answer
            {
                AccessToken = accessToken,
                TokenType = Confirmation.TokenType(ticket.Holder),
                ExpiresIn = Math.Max(1, (long)(expires - now).TotalSeconds),
                Scope = covers.Scopes is [] ? null : string.Join(' ', covers.Scopes),
                RefreshToken = ticket.RefreshToken,
                IdToken = ticket is { WithIdToken: true, User: { } user } ? await IdToken(ticket, user, accessToken, now, ct) : null,
                Details = ticket.Details is null ? null : JsonElement.Parse(ticket.Details),
            };
        }

        private async Task<string> IdToken(Ticket ticket, TokenUser user, string accessToken, DateTimeOffset now, CancellationToken ct)
        {
            var requested = RequestedClaims.Parse(ticket.Claims) ?? RequestedClaims.None;
            return await writer.IdToken(new(ticket.Client, user, now, now + lifetimes.Value.IdToken)
            {
                Nonce = ticket.Nonce,
                AccessToken = accessToken,
                Requested = requested,
                PersonClaims = await db.ClaimsOf(user.UserId, requested.IdToken, ct),
            }, ct);
        }

        private async Task<string> Opaque(AccessTokenContent content, CancellationToken ct)
        {
            var (secret, row) = TokenWriter.Opaque(content);
            await db.InsertIfAbsent(row, ct);
            return secret.Text;
        }
    }
}
