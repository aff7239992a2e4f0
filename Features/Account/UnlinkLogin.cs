namespace Signet.Features;

/// <summary>A person gives up a login at an external provider; never the last way in.</summary>
internal static partial class UnlinkLogin
{
    public sealed record Request(string Provider) : IRequest<Result>, IAudited<Result>
    {
        public AuditEntry? Audit(Result result) => result is Result.Unlinked { UserId: var id } ? new("login unlinked", $"user:{id}", id, Provider) : null;
    }

    public abstract record Result
    {
        public sealed record Unlinked(Guid UserId) : Result;
        public sealed record IsTheLastWayIn : Result;
        public sealed record NotFound : Result;
    }

    public sealed class Handler(AppDbContext db, Caller caller, ExternalProviders providers, Revocations revocations, Doorway doorway) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var me = caller.RequireUserId;
            if (!await db.UserLogins.AnyAsync(login => login.UserId == me && login.LoginProvider == request.Provider, ct))
                return new Result.NotFound();
            if (!await Remove(me, request.Provider, ct))
                return new Result.IsTheLastWayIn();
            // Whoever came in through it elsewhere is out, from here on to the end even when the caller hangs up.
            await revocations.OfSessions(
                db.Sessions.Where(session => session.UserId == me && session.Provider == request.Provider && session.Id != caller.SessionId),
                "the login was removed", CancellationToken.None);
            await doorway.Rekey(caller.SessionId!.Value);
            return new Result.Unlinked(me);
        }

        // The new stamp ends sign-ins that wait for a second step, and its row is the lock: of two removals at once the later sees what the earlier left.
        private async Task<bool> Remove(Guid me, string provider, CancellationToken ct)
        {
            await using var both = await db.Database.BeginTransactionAsync(ct);
            await db.ForgetBrowsers(me, ct);
            var working = providers.All.Select(known => known.Key).ToArray(); // a provider that is configured no more lets nobody in
            var removed = await db.UserLogins
                .Where(login => login.UserId == me && login.LoginProvider == provider
                    && (db.Users.Any(user => user.Id == me && user.PasswordHash != null) || db.UserLogins.Any(other => other.UserId == me && other.LoginProvider != provider && working.Contains(other.LoginProvider))))
                .ExecuteDeleteAsync(ct);
            if (removed == 0)
                return false;
            await both.CommitAsync(ct);
            return true;
        }
    }
}
