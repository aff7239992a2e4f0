namespace Signet.Features;

internal static partial class RevokeTokens
{
    public sealed class Handler(
        AppDbContext db, TokenReader tokens, Revocations revocations, IOptions<LifetimeOptions> lifetimes, TimeProvider time)
        : IRequestHandler<Request, Result>
    {
        private static IQueryable<Session>? NoSessions => null;

        public Task<Result> Handle(Request request, CancellationToken ct) => request switch
        {
            { Token: { } token } => OfToken(request, token, ct),
            { Id: { Length: > 0 } id } => OfId(request, id.Trim(), ct),
            { User: { Length: > 0 } user } => OfUser(request, user.Trim(), ct),
            { App: { Length: > 0 } app } => OfApp(request, app.Trim(), ct),
            _ => OfEverything(request, ct),
        };

        private async Task<Result> OfToken(Request request, Secret token, CancellationToken ct)
        {
            if (RefreshSecret.Open(token.Text.Trim()) is { } refresh)
            {
                var handle = refresh.HandleBytes;
                var grantId = await db.Grants.Where(grant => grant.RefreshHandle == handle).Select(grant => grant.Id).FirstOrDefaultAsync(ct);
                return grantId == default ? new Result.NotFound() : await OfGrant(request, grantId, ct);
            }

            if (OpaqueValue.Open(OpaqueValue.InitialAccess, token.Text.Trim()) is not null)
            {
                var hash = new Secret(token.Text.Trim()).Hash();
                return await OfRow(request, await db.Tokens.Where(row => row.Hash == hash).Select(row => row.Id).FirstOrDefaultAsync(ct), ct);
            }

            if (await tokens.Read(new Secret(token.Text.Trim()), ct) is not { } live)
                return new Result.NotFound();
            if (live.RowId is { } rowId)
                return await OfRow(request, rowId, ct);
            if (!request.Preview)
                await revocations.OfJwt(live, request.Reason!, ct);
            return Done(request, $"token:{live.Id}", live.UserId, new Impact(0, 1, 0));
        }

        private async Task<Result> OfId(Request request, string id, CancellationToken ct)
        {
            if (Guid.TryParse(id, out var guid))
                return await db.Grants.AnyAsync(grant => grant.Id == guid, ct) ? await OfGrant(request, guid, ct) : await OfRow(request, guid, ct);
            if (id.Length != JwtIdLength || !id.All(char.IsAsciiLetterOrDigit))
                return new Result.NotFound();
            // A self-contained token is not stored, so its end is not known either: the latest possible one serves.
            if (!request.Preview)
                await revocations.OfJwt(id, null, time.GetUtcNow() + lifetimes.Value.AccessTokenMaximum, request.Reason!, ct);
            return Done(request, $"token:{id}", null, new Impact(0, 1, 0));
        }

        private async Task<Result> OfGrant(Request request, Guid id, CancellationToken ct)
        {
            var grants = db.Grants.Where(grant => grant.Id == id);
            var impact = await Count(grants, db.Tokens.Where(token => token.GrantId == id), NoSessions, ct);
            var userId = await grants.Select(grant => grant.UserId).FirstAsync(ct);
            if (!request.Preview)
                await revocations.OfGrants(grants, request.Reason!, ct);
            return Done(request, $"grant:{id}", userId, impact);
        }

        private async Task<Result> OfRow(Request request, Guid id, CancellationToken ct)
        {
            var rows = db.Tokens.Where(token => token.Id == id && token.RevokedAt == null);
            if (await rows.AsNoTracking().FirstOrDefaultAsync(ct) is not { } row)
                return new Result.NotFound();
            if (!request.Preview)
                await revocations.OfTokens(rows, request.Reason!, ct);
            return Done(request, $"token:{id}", row.UserId, new Impact(0, 1, 0));
        }

        private async Task<Result> OfUser(Request request, string user, CancellationToken ct)
        {
            if ((Guid.TryParse(user, out var given) ? given : await db.UserIdOf(user, ct)) is not { } id || !await db.Users.AnyAsync(row => row.Id == id, ct))
                return new Result.NotFound();
            var (grants, ofUser) = (db.Grants.Where(grant => grant.UserId == id), db.Tokens.Where(token => token.UserId == id));
            var sessions = request.EndSessions ? db.Sessions.Where(session => session.UserId == id) : NoSessions;
            var impact = await Count(grants, ofUser, sessions, ct);
            if (!request.Preview)
            {
                await Epoch.RaiseForUser(db, id, ct); // everything is dead from here on; the rows say why
                await End(grants, ofUser, sessions, request.Reason!, ct);
            }

            return Done(request, $"user:{id}", id, impact);
        }

        private async Task<Result> OfApp(Request request, string app, CancellationToken ct)
        {
            if (!await db.Clients.AnyAsync(client => client.Id == app, ct))
                return new Result.NotFound();
            var (grants, ofApp) = (db.Grants.Where(grant => grant.ClientId == app), db.Tokens.Where(token => token.ClientId == app));
            var impact = await Count(grants, ofApp, NoSessions, ct);
            if (!request.Preview)
            {
                await Epoch.RaiseForClient(db, app, ct);
                await End(grants, ofApp, NoSessions, request.Reason!, ct);
            }

            return Done(request, $"client:{app}", null, impact);
        }

        private async Task<Result> OfEverything(Request request, CancellationToken ct)
        {
            var sessions = request.EndSessions ? db.Sessions : NoSessions;
            var impact = await Count(db.Grants, db.Tokens, sessions, ct);
            if (!request.Preview)
            {
                await Epoch.RaiseForEverything(db, ct); // one row, however much there is
                if (sessions is not null)
                    await revocations.OfSessions(sessions, request.Reason!, ct);
            }

            return Done(request, "installation:1", null, impact);
        }

        private async Task End(IQueryable<Grant> grants, IQueryable<Token> rows, IQueryable<Session>? sessions, string reason, CancellationToken ct)
        {
            await revocations.OfGrants(grants, reason, ct);
            await revocations.OfTokens(rows, reason, ct);
            if (sessions is not null)
                await revocations.OfSessions(sessions, reason, ct);
        }

        private async Task<Impact> Count(IQueryable<Grant> grants, IQueryable<Token> rows, IQueryable<Session>? sessions, CancellationToken ct)
        {
            var now = time.GetUtcNow();
            return new(
                await grants.ThatStand(db, now).CountAsync(ct), await rows.ThatStand(db, now).CountAsync(ct),
                sessions is null ? 0 : await sessions.ThatStand(now).CountAsync(ct));
        }

        private static Result Done(Request request, string subject, Guid? userId, Impact impact) =>
            request.Preview ? new Result.Counted(subject, impact) : new Result.Revoked(subject, userId, impact);
    }

    /// <summary>The length of the <c>jti</c> of a self-contained token.</summary>
    private const int JwtIdLength = 22;
}
