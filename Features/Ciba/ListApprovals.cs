namespace Signet.Features;

/// <summary>What apps ask this person to approve, and is not decided yet.</summary>
internal static class ListApprovals
{
    public sealed record Request : IRequest<IReadOnlyList<Row>>;

    public sealed record Row(
        Guid Id, string App, bool IsOfUser, string? BindingMessage, string? IpAddress, IReadOnlyList<Sentence> Sentences, bool NeedsTwoFactors, DateTimeOffset Since, DateTimeOffset ExpiresAt);

    public sealed class Handler(AppDbContext db, PendingAuthorizations pending, ClientDirectory directory, Caller caller) : IRequestHandler<Request, IReadOnlyList<Row>>
    {
        private const int Most = 50;

        public async Task<IReadOnlyList<Row>> Handle(Request request, CancellationToken ct)
        {
            var userId = caller.RequireUserId;
            var found = await (
                from row in pending.Open(GrantTypes.Ciba).AsNoTracking()
                where row.UserId == userId
                join client in db.Clients on row.ClientId equals client.Id
                where client.DisabledAt == null
                orderby row.CreatedAt descending
                select new { Row = row, client.Name, client.OwnerId }).Take(Most).ToArrayAsync(ct);
            var sid = caller.SessionId;
            var methods = found is [] ? [] : await db.Sessions.Where(session => session.Id == sid).Select(session => session.Methods).SingleAsync(ct);
            var rows = new List<Row>(found.Length);
            foreach (var asked in found)
            {
                var it = asked.Row;
                rows.Add(new(it.Id, asked.Name, asked.OwnerId is not null, it.BindingMessage, it.IpAddress, await directory.Sentences(it.Scopes, it.Audiences, ct), !new AcrDemand(it.AcrValues, IsEssential: false).IsMetBy(methods), it.CreatedAt, it.ExpiresAt));
            }

            return rows;
        }
    }
}
