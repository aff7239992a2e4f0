namespace Signet.Features;

/// <summary>An app is gone, and with it its secrets, its consents and everything that was issued to it.</summary>
internal static partial class RemoveApp
{
    public sealed record Request : IRequest<Result>, IAudited<Result>
    {
        public string Id { get; init; } = "";

        public AuditEntry? Audit(Result result) => result is Result.Removed removed
            ? new("app removed", $"client:{Id}", removed.OwnerId, $"{removed.Name}: {removed.Grants} grants, {removed.Tokens} stored tokens ended")
            : null;
    }

    public abstract record Result
    {
        /// <summary>With the number of live grants and live stored tokens that ended.</summary>
        public sealed record Removed(string Name, int Grants, int Tokens, Guid? OwnerId) : Result;

        public sealed record NotFound : Result;
    }

    public sealed class Handler(AppDbContext db, Caller caller, ClientDirectory directory, TimeProvider time) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var now = time.GetUtcNow();
            await using var all = await db.Database.BeginTransactionAsync(ct);
            var app = await db.ManagedBy(caller).Where(app => app.Id == request.Id && app.Kind != ClientKind.Api)
                .Select(app => new { app.Id, app.Name, app.OwnerId }).FirstOrDefaultAsync(ct);
            if (app is null)
                return new Result.NotFound();
            await db.LockClient(app.Id, ct);
            var grants = await db.Grants.CountAsync(grant => grant.ClientId == app.Id && grant.RevokedAt == null && grant.ExpiresAt > now, ct);
            var tokens = await db.Tokens.CountAsync(token => token.ClientId == app.Id && token.RevokedAt == null && token.ExpiresAt > now, ct);
            await db.Tokens.Where(token => token.ClientId == app.Id).ExecuteDeleteAsync(ct);
            if (await db.Clients.Where(client => client.Id == app.Id).ExecuteDeleteAsync(ct) == 0)
                return new Result.NotFound();
            await all.CommitAsync(ct);
            directory.Forget();
            return new Result.Removed(app.Name, grants, tokens, app.OwnerId);
        }
    }
}
