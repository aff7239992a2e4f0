namespace Signet.Features;

/// <summary>
/// Removes what can no longer matter. It decides nothing: what is over is refused when it is read, and evidence (a revoked
/// token, a revoked grant, an ended session) stays until nothing that it speaks against could still be alive.
/// </summary>
internal static partial class ExpireTokens
{
    public sealed record Request : IRequest<Result>;

    /// <summary>How many rows went, by table; a table of which none went is not named.</summary>
    public sealed record Result(IReadOnlyDictionary<string, int> Rows)
    {
        public override string ToString() => string.Join(", ", Rows.Select(rows => $"{rows.Key} {rows.Value}"));
    }

    /// <summary>Small enough that no other statement waits long for it.</summary>
    private const int BatchSize = 1000;

    /// <summary>Nodes' clocks may differ by this much, and no removal is in a hurry.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromHours(1);

    /// <summary>For as long administrators can see whether an app was told.</summary>
    private static readonly TimeSpan LogoutDeliveriesAreKept = TimeSpan.FromDays(30);

    public sealed partial class Handler(AppDbContext db, IOptions<LifetimeOptions> lifetimes, IOptions<SignetOptions> options, TimeProvider time, ILogger<Handler> log)
        : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var removed = new Dictionary<string, int>();
            foreach (var (table, remove) in Tables(time.GetUtcNow() - Margin, ct))
            {
                if (await remove() is > 0 and var rows)
                    removed[table] = rows;
            }

            var result = new Result(removed);
            if (removed.Count > 0)
                Removed(result);
            return result;
        }

        private (string Table, Func<Task<int>> Remove)[] Tables(DateTimeOffset now, CancellationToken ct)
        {
            // A grant's last access token may outlive it, and names it: while one could, the grant's end must be found.
            var grantsBefore = now - lifetimes.Value.AccessTokenMaximum;
            var deliveriesBefore = now - LogoutDeliveriesAreKept;
            var appsBefore = now - options.Value.Registration.UnusedAppsKeptFor;
            return
            [
                (nameof(db.Tokens), () => InBatches(db.Tokens.Where(token => token.ExpiresAt < now).OrderBy(token => token.ExpiresAt).Select(token => token.Id),
                    ids => db.Tokens.Where(token => ids.Contains(token.Id)), ct)),
                (nameof(db.RevokedTokens), () => InBatches(db.RevokedTokens.Where(token => token.ExpiresAt < now).OrderBy(token => token.ExpiresAt).Select(token => token.Id),
                    ids => db.RevokedTokens.Where(token => ids.Contains(token.Id)), ct)),
                (nameof(db.UsedValues), () => InBatches(db.UsedValues.Where(used => used.ExpiresAt < now).OrderBy(used => used.ExpiresAt).Select(used => used.Hash),
                    hashes => db.UsedValues.Where(used => hashes.Contains(used.Hash)), ct)),
                // The margin is also the time that a person may take to sign in: who began with a request in time may finish with it.
                (nameof(db.PushedRequests), () => InBatches(db.PushedRequests.Where(request => request.ExpiresAt < now).OrderBy(request => request.ExpiresAt).Select(request => request.Hash),
                    hashes => db.PushedRequests.Where(request => hashes.Contains(request.Hash)), ct)),
                (nameof(db.PendingAuthorizations), () => InBatches(db.PendingAuthorizations.Where(pending => pending.ExpiresAt < now).OrderBy(pending => pending.ExpiresAt).Select(pending => pending.Id),
                    ids => db.PendingAuthorizations.Where(pending => ids.Contains(pending.Id)), ct)),
                // The last one of each app in a live session stays: by it the app is told when the session ends.
                (nameof(db.Grants), () => InBatches(db.Grants.Where(grant => grant.ExpiresAt < grantsBefore
                        && (!db.Sessions.Any(session => session.Id == grant.SessionId && session.EndedAt == null && session.ExpiresAt > now)
                            || db.Grants.Any(later => later.SessionId == grant.SessionId && later.ClientId == grant.ClientId && later.CreatedAt > grant.CreatedAt))).OrderBy(grant => grant.ExpiresAt).Select(grant => grant.Id),
                    ids => db.Grants.Where(grant => ids.Contains(grant.Id)), ct)),
                (nameof(db.Sessions), () => InBatches(db.Sessions.Where(session => session.EndsAt < now).OrderBy(session => session.EndsAt).Select(session => session.Id),
                    ids => db.Sessions.Where(session => ids.Contains(session.Id)), ct)),
                (nameof(db.SetupCodes), () => db.SetupCodes.Where(code => code.ExpiresAt < now).ExecuteDeleteAsync(ct)),
                (nameof(db.SigningKeys), () => db.SigningKeys.Where(key => key.GoneFrom < grantsBefore).ExecuteDeleteAsync(ct)),
                (nameof(db.LogoutDeliveries), () => InBatches(db.LogoutDeliveries.Where(notice => notice.CreatedAt < deliveriesBefore).OrderBy(notice => notice.CreatedAt).Select(notice => notice.Id),
                    ids => db.LogoutDeliveries.Where(notice => ids.Contains(notice.Id)), ct)),
                (nameof(db.Clients), () => InBatches(db.Clients.ThatNobodyUses(db).Where(app => (app.DocumentReadAt ?? app.CreatedAt) < appsBefore).OrderBy(app => app.CreatedAt).Select(app => app.Id),
                    ids => db.Clients.ThatNobodyUses(db).Where(app => ids.Contains(app.Id)), ct)),
            ];
        }

        // Two nodes may pick the same rows: each deletes what it still finds, and both go on to the next batch.
        private static async Task<int> InBatches<TId>(IQueryable<TId> dead, Func<List<TId>, IQueryable<object>> rows, CancellationToken ct)
        {
            var removed = 0;
            while (true)
            {
                var ids = await dead.Take(BatchSize).ToListAsync(ct);
                var count = ids.Count == 0 ? 0 : await rows(ids).ExecuteDeleteAsync(ct);
                removed += count;
                if (ids.Count < BatchSize || count == 0)
                    return removed;
            }
        }

        [LoggerMessage(21, LogLevel.Information, "removed what was over: {Result}")]
        private partial void Removed(Result result);
    }
}
