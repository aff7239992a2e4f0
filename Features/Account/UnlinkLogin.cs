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

    public sealed class Handler(AppDbContext db, Caller caller) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var me = caller.RequireUserId;
            // The condition stands in the statement: two removals at once leave one way in.
            var removed = await db.UserLogins
                .Where(login => login.UserId == me && login.LoginProvider == request.Provider
                    && (db.Users.Any(user => user.Id == me && user.PasswordHash != null) || db.UserLogins.Any(other => other.UserId == me && other.LoginProvider != request.Provider)))
                .ExecuteDeleteAsync(ct);
            if (removed > 0)
                return new Result.Unlinked(me);
            return await db.UserLogins.AnyAsync(login => login.UserId == me && login.LoginProvider == request.Provider, ct)
                ? new Result.IsTheLastWayIn()
                : new Result.NotFound();
        }
    }
}
