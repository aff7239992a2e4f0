namespace Signet.Features;

/// <summary>The first administrator makes their account with the link that the first start printed. It works once, for an hour, while there is no administrator.</summary>
internal static partial class SetUp
{
    /// <summary>Whether the link still works.</summary>
    public sealed record Question(Secret? Code) : IRequest<bool>;

    public sealed record Request : IRequest<Result>, IAudited<Result>
    {
        public Secret? Code { get; init; }
        public string? Name { get; init; }
        public string? Email { get; init; }
        public Secret? Password { get; init; }

        public AuditEntry? Audit(Result result) => result is Result.Done { UserId: var id } ? new("set up", $"user:{id}", id, "the first administrator") : null;
    }

    public abstract record Result
    {
        public sealed record Done(Guid UserId, bool NeedsEnrolment) : Result;

        /// <summary>Wrong, used, too old, or there is an administrator already.</summary>
        public sealed record DeadLink : Result;
        public sealed record Taken : Result;
        public sealed record Busy : Result;
    }

    public sealed class Validator : AbstractValidator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Name).MustBeName();
            RuleFor(request => request.Email).MustBeEmail();
            RuleFor(request => request.Password).MustBeGoodPassword(request => request.Email, request => request.Name);
        }
    }

    public sealed class Asking(AppDbContext db, TimeProvider time) : IRequestHandler<Question, bool>
    {
        public async Task<bool> Handle(Question request, CancellationToken ct) =>
            request.Code is { } code && await Open(db, code, time.GetUtcNow()).AnyAsync(ct);
    }

    public sealed class Handler(AppDbContext db, PasswordCheck passwords, Doorway doorway, TimeProvider time) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var now = time.GetUtcNow();
            if (request.Code is not { } code || !await Open(db, code, now).AnyAsync(ct))
                return new Result.DeadLink();
            var user = PersonDetails.NewUser(request.Name!, request.Email!, now);
            user.PasswordHash = await passwords.Hash(user, request.Password!, ct);
            if (user.PasswordHash is null)
                return new Result.Busy();

            await using (var transaction = await db.Database.BeginTransactionAsync(ct))
            {
                if (await Open(db, code, now).ExecuteUpdateAsync(set => set.SetProperty(installation => installation.SetUpAt, now), ct) == 0)
                    return new Result.DeadLink();
                if (!await db.InsertIfAbsent(user, ct))
                    return new Result.Taken();
                db.UserRoles.Add(new() { UserId = user.Id, RoleId = Roles.AdminId });
                await db.SaveChangesAsync(ct);
                await db.SetupCodes.ExecuteDeleteAsync(ct);
                await transaction.CommitAsync(ct);
            }

            var admission = await doorway.PassFirstFactor(user, AuthenticationMethods.Password, provider: null, isPersistent: false, ct);
            return new Result.Done(user.Id, admission == Doorway.Admission.NeedsEnrolment);
        }
    }

    /// <summary>The installation, while this code may set it up.</summary>
    private static IQueryable<Installation> Open(AppDbContext db, Secret code, DateTimeOffset now)
    {
        var hash = code.Hash();
        return db.Installations.Where(installation => installation.SetUpAt == null
            && !db.UserRoles.Any(role => role.RoleId == Roles.AdminId)
            && db.SetupCodes.Any(known => known.Hash == hash && known.ExpiresAt > now));
    }
}
