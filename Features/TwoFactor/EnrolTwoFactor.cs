namespace Signet.Features;

/// <summary>A person adds an authenticator app: shown its secret, they prove with a code that the app has it, and get recovery codes.</summary>
internal static partial class EnrolTwoFactor
{
    /// <summary>How things stand, with a new secret to scan where there is none yet. Null when nobody waits at sign-in.</summary>
    public sealed record Question(bool AtSignIn) : IRequest<State?>;

    public sealed record State(bool IsOn, int RecoveryCodesLeft, Authenticator.Offer? Offer);

    public sealed record Request : IRequest<Result>, IAudited<Result>
    {
        public string? Offer { get; init; }
        public Secret? Code { get; init; }

        /// <summary>Set by the page, never by the form: for the person who waits at sign-in, not the one who is signed in.</summary>
        [Microsoft.AspNetCore.Mvc.ModelBinding.BindNever] public bool AtSignIn { get; init; }

        public AuditEntry? Audit(Result result) => result is Result.Enrolled { UserId: var id }
            ? new("two-step sign-in turned on", $"user:{id}", id, AtSignIn ? "at sign-in" : null) : null;
    }

    public abstract record Result
    {
        public sealed record Enrolled(Guid UserId, RecoveryCodes.Sheet Sheet) : Result;
        public sealed record WrongCode(State State) : Result;

        /// <summary>The secret is too old, or another person's.</summary>
        public sealed record Expired : Result;

        /// <summary>A second factor is there already; this door must not replace it.</summary>
        public sealed record AlreadyOn : Result;
        public sealed record NobodyWaits : Result;
    }

    public sealed class Asking(AppDbContext db, Caller caller, Doorway doorway, Authenticator authenticator) : IRequestHandler<Question, State?>
    {
        public async Task<State?> Handle(Question request, CancellationToken ct)
        {
            var id = request.AtSignIn ? (await doorway.WhoWaits(ct))?.UserId : caller.RequireUserId;
            if (id is null)
                return null;
            var user = await db.Users.AsNoTracking().SingleAsync(user => user.Id == id, ct);
            var left = await db.RecoveryCodes.CountAsync(code => code.UserId == id, ct);
            return new State(user.TwoFactorEnabled, left, user.TwoFactorEnabled ? null : authenticator.NewOffer(user));
        }
    }

    public sealed class Handler(
        AppDbContext db, Caller caller, Doorway doorway, Authenticator authenticator, RecoveryCodes recoveryCodes, Revocations revocations)
        : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var pending = request.AtSignIn ? await doorway.WhoWaits(ct) : null;
            if (request.AtSignIn && pending is null)
                return new Result.NobodyWaits();
            var id = pending?.UserId ?? caller.RequireUserId;
            var user = await db.Users.AsNoTracking().SingleAsync(user => user.Id == id, ct);
            if (user.TwoFactorEnabled)
                return new Result.AlreadyOn();
            if (authenticator.OpenOffer(id, request.Offer) is not { } secret)
                return new Result.Expired();
            if (authenticator.StepOf(secret, request.Code ?? new Secret("")) is not { } step)
                return new Result.WrongCode(new State(IsOn: false, 0, authenticator.SameOffer(user, request.Offer)));
            if (await TurnOn(user, authenticator.SealForRest(id, secret), step, ct) is not { } sheet)
                return new Result.AlreadyOn();

            // Whoever was in before the second factor came is out, even when the caller hangs up; this sign-in goes on.
            var here = pending is null ? caller.SessionId : pending.SteppingUp;
            await revocations.OfSessions(db.Sessions.Where(session => session.UserId == id && session.Id != here), "two-step sign-in was turned on", CancellationToken.None);
            if (pending is null)
                await doorway.Strengthen(here!.Value, [.. caller.Methods.Union([AuthenticationMethods.OneTimePassword, AuthenticationMethods.Multiple])]);
            else
                await doorway.PassSecondFactor(await db.Users.AsNoTracking().SingleAsync(user => user.Id == id, ct), pending, AuthenticationMethods.OneTimePassword, rememberBrowser: false, ct);
            return new Result.Enrolled(id, sheet);
        }

        private async Task<RecoveryCodes.Sheet?> TurnOn(User user, string sealedSecret, long step, CancellationToken ct)
        {
            var stamp = User.NewStamp();
            await using var transaction = await db.Database.BeginTransactionAsync(ct);
            // Its conditions decide, whatever was read before: one enrolment wins, and none over a changed account.
            var isOn = await db.Users.Where(u => u.Id == user.Id && !u.TwoFactorEnabled && u.SecurityStamp == user.SecurityStamp && u.DisabledAt == null).ExecuteUpdateAsync(set => set
                .SetProperty(u => u.TwoFactorEnabled, true)
                .SetProperty(u => u.SealedTotpSecret, sealedSecret)
                .SetProperty(u => u.LastTotpStep, step)
                .SetProperty(u => u.SecondFactorFailedCount, 0)
                .SetProperty(u => u.SecondFactorLockoutEnd, (DateTimeOffset?)null)
                .SetProperty(u => u.SecurityStamp, stamp), ct) == 1;
            if (!isOn)
                return null;
            var sheet = await recoveryCodes.Replace(user.Id, ct);
            await transaction.CommitAsync(ct);
            return sheet;
        }
    }
}
