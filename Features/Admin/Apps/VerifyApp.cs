namespace Signet.Features;

/// <summary>An administrator vouches for an app that nobody here registered, or takes that back. To refuse one is to disable it.</summary>
internal static partial class VerifyApp
{
    public sealed record Request : IRequest<Result>, IAudited<Result>
    {
        public string Id { get; init; } = "";

        /// <summary>True takes it back.</summary>
        public bool Withdraw { get; init; }

        /// <summary>The <c>UpdatedAt</c> of what the administrator saw, in UTC ticks; an app that was changed since is not vouched for unseen.</summary>
        public long? Version { get; init; }

        public AuditEntry? Audit(Result result) => result is Result.Done done
            ? new(Withdraw ? "app no longer verified" : "app verified", $"client:{Id}", done.OwnerId, done.Name)
            : null;
    }

    public abstract record Result
    {
        public sealed record Done(string Name, Guid? OwnerId) : Result;

        /// <summary>It is as was asked for already, or is one of those that need nobody's word.</summary>
        public sealed record Unchanged : Result;

        /// <summary>It has changed since the administrator looked.</summary>
        public sealed record Conflict : Result;

        public sealed record NotFound : Result;
    }

    public sealed class Handler(AppDbContext db, Caller caller, ClientDirectory directory, Logos logos, TimeProvider time) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            if (!caller.IsAdmin || await db.Clients.AsNoTracking().FirstOrDefaultAsync(app => app.Id == request.Id && app.Kind != ClientKind.Api, ct) is not { } app)
                return new Result.NotFound();
            var seen = app.UpdatedAt;
            if (request.Version is { } version && version != seen.UtcTicks)
                return new Result.Conflict();
            if (app.Origin == ClientOrigin.Managed || request.Withdraw == app.IsUnverified)
                return new Result.Unchanged();
            var now = ManagedApps.After(seen, time.GetUtcNow());
            DateTimeOffset? verified = request.Withdraw ? null : now;
            var changed = await db.Clients.Where(row => row.Id == app.Id && row.UpdatedAt == seen)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.VerifiedAt, verified).SetProperty(row => row.UpdatedAt, now), ct);
            directory.Forget();
            await logos.Refresh(app.Id, ct);
            return changed == 1 ? new Result.Done(app.Name, app.OwnerId) : new Result.Conflict();
        }
    }
}
