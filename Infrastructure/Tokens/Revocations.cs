namespace Signet.Infrastructure.Tokens;

/// <summary>Ends things, each with one statement; whoever asks first wins and the others find it done.</summary>
internal sealed class Revocations(AppDbContext db, TimeProvider time)
{
    /// <summary>Ends one self-contained token; the row lives until the token would have expired.</summary>
    public Task<bool> OfJwt(LiveToken token, string reason, CancellationToken ct) => OfJwt(token.Id, token.ClientId, token.ExpiresAt, reason, ct);

    public Task<bool> OfJwt(string jti, string? clientId, DateTimeOffset expiresAt, string reason, CancellationToken ct) => db.InsertIfAbsent(new RevokedToken
    {
        Id = jti,
        ClientId = clientId,
        RevokedAt = time.GetUtcNow(),
        ExpiresAt = expiresAt,
        Reason = reason,
    }, ct);

    /// <summary>Ends opaque or personal tokens.</summary>
    public Task<int> OfTokens(IQueryable<Token> tokens, string reason, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        return tokens.Where(token => token.RevokedAt == null).ExecuteUpdateAsync(
            set => set.SetProperty(token => token.RevokedAt, now).SetProperty(token => token.RevocationReason, reason), ct);
    }

    /// <summary>Ends grants, and with each every token that hangs on it.</summary>
    public Task<int> OfGrants(IQueryable<Grant> grants, string reason, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        return grants.Where(grant => grant.RevokedAt == null).ExecuteUpdateAsync(
            set => set.SetProperty(grant => grant.RevokedAt, now).SetProperty(grant => grant.RevocationReason, reason), ct);
    }

    /// <summary>Ends sessions and every grant that lives from them (not <c>offline_access</c> grants).</summary>
    public async Task<int> OfSessions(IQueryable<Session> sessions, string reason, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        await OfGrants(db.Grants.Where(grant => !grant.IsOffline && sessions.Any(session => session.Id == grant.SessionId)), reason, ct);
        return await sessions.Where(session => session.EndedAt == null).ExecuteUpdateAsync(set => set.SetProperty(session => session.EndedAt, now), ct);
    }
}
