namespace Signet.Features;

/// <summary>The second step of a sign-in: a code of the authenticator app, or a recovery code.</summary>
internal static partial class VerifySecondFactor
{
    /// <summary>Whether anyone waits at this step in this browser.</summary>
    public sealed record Question : IRequest<bool>;

    public sealed record Request : IRequest<Result>, IAudited<Result>
    {
        public Secret? Code { get; init; }
        public Secret? RecoveryCode { get; init; }
        public bool RememberBrowser { get; init; }

        public AuditEntry? Audit(Result result) => result switch
        {
            Result.SignedIn { UserId: var id, Method: AuthenticationMethods.RecoveryCode, CodesLeft: var left } => new("recovery code used", $"user:{id}", id, $"signed in, {left} left"),
            Result.SignedIn { UserId: var id } => new("signed in", $"user:{id}", id, "with a second step"),
            Result.Wrong { UserId: var id } => new("second step refused", $"user:{id}", id),
            _ => null,
        };
    }

    public abstract record Result
    {
        public sealed record SignedIn(Guid UserId, string Method, int CodesLeft) : Result;
        public sealed record Wrong(Guid UserId) : Result;
        public sealed record Locked : Result;
        public sealed record NobodyWaits : Result;
    }

    public sealed class Asking(Doorway doorway) : IRequestHandler<Question, bool>
    {
        public async Task<bool> Handle(Question request, CancellationToken ct) => await doorway.WhoWaits(ct) is not null;
    }

    public sealed class Handler(AppDbContext db, Doorway doorway, SecondFactor secondFactor) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            if (await doorway.WhoWaits(ct) is not { } pending)
                return new Result.NobodyWaits();
            var user = await db.Users.AsNoTracking().SingleAsync(user => user.Id == pending.UserId, ct);
            var (verdict, method) = await secondFactor.Verify(user, request.RecoveryCode ?? request.Code ?? new Secret(""), ct);
            if (verdict != SecondFactor.Verdict.Right)
                return verdict == SecondFactor.Verdict.Locked ? new Result.Locked() : new Result.Wrong(user.Id);
            if (await doorway.PassSecondFactor(user, pending, method, request.RememberBrowser, ct) != Doorway.Admission.SignedIn)
                return new Result.NobodyWaits();
            return new Result.SignedIn(user.Id, method, await db.RecoveryCodes.CountAsync(code => code.UserId == user.Id, ct));
        }
    }
}
