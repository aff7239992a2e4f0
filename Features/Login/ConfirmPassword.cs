namespace Signet.Features;

/// <summary>A signed-in person proves again who they are before something sensitive: the password, and a code where two-step sign-in is on.</summary>
internal static partial class ConfirmPassword
{
    /// <summary>What the form has to ask for.</summary>
    public sealed record Question : IRequest<Demand>;

    public sealed record Demand(string Email, bool HasPassword, bool HasTwoFactor);

    public sealed record Request : IRequest<Result>, IAudited<Result>
    {
        public Secret? Password { get; init; }
        public Secret? Code { get; init; }

        public AuditEntry? Audit(Result result) => result switch
        {
            Result.Confirmed { UserId: var id, Method: AuthenticationMethods.RecoveryCode } => new("recovery code used", $"user:{id}", id, "to confirm who it is"),
            Result.Refused { UserId: var id } => new("confirmation refused", $"user:{id}", id),
            _ => null,
        };
    }

    public abstract record Result
    {
        public sealed record Confirmed(Guid UserId, string Method) : Result;
        public sealed record Refused(Guid UserId) : Result;
        public sealed record Locked : Result;
        public sealed record Busy : Result;
    }

    public sealed class Asking(AppDbContext db, Caller caller) : IRequestHandler<Question, Demand>
    {
        public Task<Demand> Handle(Question request, CancellationToken ct) => db.Users.Where(user => user.Id == caller.RequireUserId)
            .Select(user => new Demand(user.Email!, user.PasswordHash != null, user.TwoFactorEnabled)).SingleAsync(ct);
    }

    public sealed class Handler(AppDbContext db, Caller caller, PasswordCheck passwords, SecondFactor secondFactor, Doorway doorway)
        : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var user = await db.Users.AsNoTracking().SingleAsync(user => user.Id == caller.RequireUserId, ct);
            switch (await passwords.Verify(user, request.Password ?? new Secret(""), ct))
            {
                case PasswordCheck.Verdict.Busy:
                    return new Result.Busy();
                case PasswordCheck.Verdict.Locked:
                    return new Result.Locked();
                case PasswordCheck.Verdict.Wrong or PasswordCheck.Verdict.Locks:
                    return new Result.Refused(user.Id);
            }

            string[] methods = [AuthenticationMethods.Password];
            if (user.TwoFactorEnabled)
            {
                var (verdict, method) = await secondFactor.Verify(user, request.Code ?? new Secret(""), ct);
                if (verdict != SecondFactor.Verdict.Right)
                    return verdict == SecondFactor.Verdict.Locked ? new Result.Locked() : new Result.Refused(user.Id);
                methods = [.. methods, method, AuthenticationMethods.Multiple];
            }

            await doorway.Renew(caller.SessionId!.Value, methods);
            return new Result.Confirmed(user.Id, methods.ElementAtOrDefault(1) ?? methods[0]);
        }
    }
}
