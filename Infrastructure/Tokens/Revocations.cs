namespace Signet.Infrastructure.Tokens;

/// <summary>Ends things, each with one statement; whoever asks first wins and the others find it done.</summary>
internal sealed class Revocations(AppDbContext db, LogoutNotices notices, TimeProvider time)
{
    private static readonly TimeSpan SoonCommitted = TimeSpan.FromSeconds(2);

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

    /// <summary>Ends sessions and every grant that lives from them (not <c>offline_access</c> grants), and has the apps of each told.</summary>
    public async Task<int> OfSessions(IQueryable<Session> sessions, string reason, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        await OfGrants(db.Grants.Where(grant => !grant.IsOffline && sessions.Any(session => session.Id == grant.SessionId)), reason, ct);
        var outer = db.Database.CurrentTransaction;
        await using var own = outer is null ? await db.Database.BeginTransactionAsync(ct) : null;
        var live = await sessions.Where(session => session.EndedAt == null).Select(session => session.Id).ToArrayAsync(ct);
        if (live is [])
            return 0;
        var ended = await db.Sessions.Where(session => live.Contains(session.Id) && session.EndedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(session => session.EndedAt, now), ct);
        var told = await notices.Write(live, ct);
        if (own is not null)
        {
            await own.CommitAsync(ct);
            told.AddRange(await notices.Write(live, ct)); // a code that was redeemed up to this moment
        }

        notices.SendSome(told, outer is null ? TimeSpan.Zero : SoonCommitted); // before that the job would not see its row
        return ended;
    }
}
