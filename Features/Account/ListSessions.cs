namespace Signet.Features;

/// <summary>Where a person is signed in.</summary>
internal static partial class ListSessions
{
    public sealed record Request : IRequest<Row[]>;

    public sealed record Row(Guid Id, string Browser, string? IpAddress, DateTimeOffset Since, DateTimeOffset LastSeen, bool IsThisOne);

    public sealed class Handler(AppDbContext db, Caller caller, TimeProvider time) : IRequestHandler<Request, Row[]>
    {
        private const int Most = 100;

        public async Task<Row[]> Handle(Request request, CancellationToken ct)
        {
            var now = time.GetUtcNow();
            var here = caller.SessionId;
            var rows = await db.Sessions
                .Where(session => session.UserId == caller.RequireUserId && session.EndedAt == null && session.ExpiresAt > now && session.EndsAt > now)
                .OrderByDescending(session => session.Id == here).ThenByDescending(session => session.LastSeenAt).Take(Most)
                .Select(session => new { session.Id, session.UserAgent, session.IpAddress, session.CreatedAt, session.LastSeenAt }).ToArrayAsync(ct);
            return [.. rows.Select(row => new Row(row.Id, BrowserName.Of(row.UserAgent), row.IpAddress, row.CreatedAt, row.LastSeenAt, row.Id == here))];
        }
    }
}
