namespace Signet.Features;

/// <summary>An administrator says whose an app is, and whether it is first-party, so that people are not asked for consent.</summary>
internal static partial class GovernApp
{
    public sealed record Request : IRequest<Result>, IAudited<Result>
    {
        public string Id { get; init; } = "";

        /// <summary>Empty for an app of the installation.</summary>
        public string? OwnerEmail { get; init => field = string.IsNullOrWhiteSpace(value) ? null : value.Trim(); }
        public bool SkipsConsent { get; init; }

        /// <summary>The <c>UpdatedAt</c> of what the administrator saw, in UTC ticks; an app that was changed since is not trusted unseen.</summary>
        public long? Version { get; init; }

        public AuditEntry? Audit(Result result) => result is Result.Changed changed
            ? new("app owner and consent changed", $"client:{Id}", changed.OwnerId, $"owner {changed.OwnerId?.ToString() ?? "installation"}, {(SkipsConsent ? "skips consent" : "asks for consent")}")
            : null;
    }

    public abstract record Result
    {
        public sealed record Changed(Guid? OwnerId) : Result;

        /// <summary>Somebody else has changed it since the administrator looked.</summary>
        public sealed record Conflict : Result;

        public sealed record NotFound : Result;
    }

    public sealed class Validator : AbstractValidator<Request>
    {
        public Validator(Caller caller, AppDbContext db) => RuleFor(request => request.OwnerEmail)
            .MustAsync(async (email, ct) => email is null || !caller.IsAdmin || await db.UserIdOf(email, ct) is not null)
            .WithMessage("Nobody here has this e-mail address; give the address of an account, or leave it empty.");
    }

    public sealed class Handler(AppDbContext db, Caller caller, ClientDirectory directory, TimeProvider time) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            if (!caller.IsAdmin)
                return new Result.NotFound();
            var owner = request.OwnerEmail is { } email ? await db.UserIdOf(email, ct) : null;
            var app = await db.Clients.AsNoTracking().FirstOrDefaultAsync(app => app.Id == request.Id && app.Kind != ClientKind.Api, ct);
            if (app is null)
                return new Result.NotFound();
            var seen = app.UpdatedAt;
            if (request.Version is { } version && version != seen.UtcTicks)
                return new Result.Conflict();
            var now = ManagedApps.After(seen, time.GetUtcNow());
            var changed = await db.Clients.Where(row => row.Id == app.Id && row.UpdatedAt == seen).ExecuteUpdateAsync(
                set => set.SetProperty(row => row.OwnerId, owner).SetProperty(row => row.SkipsConsent, request.SkipsConsent).SetProperty(row => row.UpdatedAt, now), ct);
            directory.Forget();
            return changed == 1 ? new Result.Changed(owner) : new Result.Conflict();
        }
    }
}
