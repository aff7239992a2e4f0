namespace Signet.Features;

internal static partial class IssueToken
{
    /// <summary>The last step of every grant: makes the access token in the client's format, and the ID token where <c>openid</c> was granted.</summary>
    internal sealed class Issuance(
        AppDbContext db, TokenWriter writer, Audiences audiences, IOptions<LifetimeOptions> lifetimes, TimeProvider time)
    {
        public async Task<Answer> Issue(
            Client client, Audiences.Result.Resolved covers, long epoch, TokenUser? user, DateTimeOffset? notAfter, string? refreshToken, string[] grantScopes, string? nonce, CancellationToken ct)
        {
            var now = time.GetUtcNow();
            var expires = now + await audiences.AccessTokenLifetime(client, covers.Audiences, lifetimes.Value, ct);
            if (notAfter < expires)
                expires = notAfter.Value;
            var content = new AccessTokenContent(client.Id, covers.Scopes, covers.Audiences, now, expires, epoch, user);
            var accessToken = client.TokenFormat == TokenFormat.Jwt ? await writer.Jwt(content, ct) : await Opaque(content, ct);
            return new Answer
            {
                AccessToken = accessToken,
                ExpiresIn = Math.Max(1, (long)(expires - now).TotalSeconds),
                Scope = covers.Scopes is [] ? null : string.Join(' ', covers.Scopes),
                RefreshToken = refreshToken,
                IdToken = user is not null && grantScopes.Contains(Scopes.OpenId)
                    ? await writer.IdToken(client.Id, user, nonce, accessToken, now, now + lifetimes.Value.IdToken, ct)
                    : null,
            };
        }

        private async Task<string> Opaque(AccessTokenContent content, CancellationToken ct)
        {
            var (secret, row) = TokenWriter.Opaque(content);
            await db.InsertIfAbsent(row, ct);
            return secret.Text;
        }
    }
}
