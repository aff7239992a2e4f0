namespace Signet.Features;

/// <summary>An administrator finds what is alive by user, app, token or <c>jti</c>.</summary>
internal static class FindTokens
{
    /// <summary>An e-mail address, an app's id or name, a <c>jti</c> or a grant's id; or a token itself, which comes in a body and never in a URL.</summary>
    public sealed record Request(string? Text, Secret? Token) : IRequest<Result>;

    public sealed record Result(IReadOnlyList<Party> Users, IReadOnlyList<Party> Apps, IReadOnlyList<Row> Rows, bool IsCut);

    public sealed record Party(string Id, string Name);

    public sealed record Row(string Id, string Kind, string? User, string? App, string[] Scopes, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? LastUsedAt);

    private const int Most = 50;

    public sealed class Handler(AppDbContext db, TokenReader tokens, TimeProvider time) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            if (request.Token is { } token)
                return await ByToken(new Secret(token.Text.Trim()), ct);
            if (request.Text?.Trim() is not { Length: > 0 and <= ClientIds.Longest } text)
                return new([], [], [], false);
            if (Guid.TryParse(text, out var id))
                return await Rows([], [], db.Grants.Where(grant => grant.Id == id), db.Tokens.Where(row => row.Id == id), ct);

            var (upper, key) = (text.ToUpperInvariant(), PersonDetails.Key(text));
            var users = await db.Users.Where(user => key != null && user.NormalizedEmail == key).Select(user => new Party(user.Id.ToString(), user.Email!)).ToListAsync(ct);
#pragma warning disable CA1862 // the database compares, not this process
            var apps = await db.Clients.Where(client => client.Id == text || client.Name.ToUpper() == upper).Take(Most)
                .Select(client => new Party(client.Id, client.Name)).ToListAsync(ct);
#pragma warning restore CA1862
            var (userIds, appIds) = (users.Select(user => Guid.Parse(user.Id)).ToList(), apps.Select(app => app.Id).ToList());
            return await Rows(users, apps,
                db.Grants.Where(grant => userIds.Contains(grant.UserId) || appIds.Contains(grant.ClientId)),
                db.Tokens.Where(row => row.GrantId == null && (userIds.Contains(row.UserId!.Value) || appIds.Contains(row.ClientId!))), ct);
        }

        private async Task<Result> ByToken(Secret token, CancellationToken ct)
        {
            if (RefreshSecret.Open(token.Text) is { } refresh)
            {
                var handle = refresh.HandleBytes;
                return await Rows([], [], db.Grants.Where(grant => grant.RefreshHandle == handle), db.Tokens.Where(row => false), ct);
            }

            if (OpaqueValue.Open(OpaqueValue.InitialAccess, token.Text) is not null)
            {
                var hash = token.Hash();
                return await Rows([], [], db.Grants.Where(grant => false), db.Tokens.Where(row => row.Hash == hash), ct);
            }

            if (await tokens.Read(token, ct) is not { } live)
                return new([], [], [], false);
            var kind = live switch { { IsPersonal: true } => "personal token", { RowId: not null } => "access token", _ => "access token (JWT)" };
            return new([], [], [new(live.Id, kind, live.UserEmail, live.ClientId, live.Scopes, live.IssuedAt, live.ExpiresAt, null)], false);
        }

        private async Task<Result> Rows(IReadOnlyList<Party> users, IReadOnlyList<Party> apps, IQueryable<Grant> grants, IQueryable<Token> rows, CancellationToken ct)
        {
            var now = time.GetUtcNow();
            var foundGrants = await (
                from grant in grants.AsNoTracking().ThatStand(db, now)
                join user in db.Users on grant.UserId equals user.Id
                join client in db.Clients on grant.ClientId equals client.Id
                orderby grant.CreatedAt descending
                select new Row(grant.Id.ToString(), "grant", user.Email, client.Name, grant.Scopes, grant.CreatedAt, grant.ExpiresAt, grant.LastUsedAt)).Take(Most + 1).ToListAsync(ct);
            var foundRows = await (
                from row in rows.AsNoTracking().ThatStand(db, now)
                from user in db.Users.Where(user => user.Id == row.UserId).DefaultIfEmpty()
                from client in db.Clients.Where(client => client.Id == row.ClientId).DefaultIfEmpty()
                orderby row.CreatedAt descending
                select new Row(
                    row.Id.ToString(), row.Kind == TokenKind.Personal ? "personal token" : row.Kind == TokenKind.Registration ? "registration token" : "access token", user == null ? null : user.Email,
                    client == null ? null : client.Name, row.Scopes, row.CreatedAt, row.ExpiresAt, row.LastUsedAt)).Take(Most + 1).ToListAsync(ct);
            List<Row> all = [.. foundGrants, .. foundRows];
            return new(users, apps, [.. all.Take(Most)], all.Count > Most);
        }
    }
}
