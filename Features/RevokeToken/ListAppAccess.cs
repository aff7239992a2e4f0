namespace Signet.Features;

/// <summary>Which apps have access to this person's account: what each may do, since when, and when it last did.</summary>
internal static class ListAppAccess
{
    public sealed record Request : IRequest<Result>;

    public sealed record Result(IReadOnlyList<App> Apps);

    public sealed record App(string ClientId, string Name, IReadOnlyList<string> May, DateTimeOffset Since, DateTimeOffset? LastUsedAt, bool HasAccessNow)
    {
        /// <summary>Nobody here knows who made it.</summary>
        public bool IsUnverified { get; init; }
    }

    public sealed class Handler(AppDbContext db, ClientDirectory directory, Caller caller, TimeProvider time) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var (userId, now) = (caller.RequireUserId, time.GetUtcNow());
            var grants = await db.Grants.AsNoTracking().ThatStand(db, now).Where(grant => grant.UserId == userId)
                .Select(grant => new { grant.ClientId, grant.Scopes, grant.CreatedAt, grant.LastUsedAt }).ToListAsync(ct);
            var consents = await db.Consents.AsNoTracking().Where(consent => consent.UserId == userId).ToListAsync(ct);
            var ids = grants.Select(grant => grant.ClientId).Union(consents.Select(consent => consent.ClientId)).ToList();
            var apps = await db.Clients.AsNoTracking().Where(client => ids.Contains(client.Id)).ToListAsync(ct);
            var words = (await directory.Resources(ct)).SelectMany(api => api.Scopes).GroupBy(scope => scope.Name, StringComparer.Ordinal)
                .ToDictionary(scopes => scopes.Key, scopes => scopes.First().Description, StringComparer.Ordinal);

            return new([.. apps.Select(client =>
            {
                var ofApp = grants.Where(grant => grant.ClientId == client.Id).ToList();
                var consent = consents.Find(consent => consent.ClientId == client.Id);
                var scopes = ofApp.SelectMany(grant => grant.Scopes).Union(consent?.Scopes ?? [], StringComparer.Ordinal);
                return new App(
                    client.Id, client.Name,
                    [.. scopes.Select(scope => Scopes.OfSignet.GetValueOrDefault(scope) ?? words.GetValueOrDefault(scope) ?? scope)],
                    ofApp.Select(grant => grant.CreatedAt).Append(consent?.GivenAt ?? now).Min(),
                    ofApp.Max(grant => grant.LastUsedAt), ofApp is not [])
                { IsUnverified = client.IsUnverified };
            }).OrderBy(app => app.Name, StringComparer.OrdinalIgnoreCase)]);
        }
    }
}
