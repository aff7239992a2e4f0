using Signet.Infrastructure.Mail;

namespace Signet.Features;

/// <summary>A person turns two-step sign-in off; remembered browsers, waiting sign-ins and other sessions end.</summary>
internal static partial class DisableTwoFactor
{
    public sealed record Request : IRequest<Result>, IAudited<Result>
    {
        public AuditEntry? Audit(Result result) => result is Result.TurnedOff { UserId: var id } ? new("two-step sign-in turned off", $"user:{id}", id) : null;
    }

    public abstract record Result
    {
        /// <summary>Where it is required, this session ends too: the next sign-in enrols again.</summary>
        public sealed record TurnedOff(Guid UserId, bool MustEnrolAgain) : Result;
        public sealed record WasOff : Result;
    }

    public sealed class Handler(AppDbContext db, Caller caller, Doorway doorway, Revocations revocations, Notices notices) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var id = caller.RequireUserId;
            if (!await TurnOff(id, ct))
                return new Result.WasOff();
            var user = await db.Users.AsNoTracking().SingleAsync(user => user.Id == id, ct);
            var mustEnrol = await doorway.MustEnrol(user, ct);
            var here = mustEnrol ? null : caller.SessionId;
            await revocations.OfSessions(db.Sessions.Where(session => session.UserId == id && session.Id != here), "two-step sign-in was turned off", CancellationToken.None);
            if (here is { } session)
                await doorway.Rekey(session);
            await notices.Tell(
                id, "Two-step sign-in was turned off",
                "Two-step sign-in was turned off for your account: the password alone opens it now. Every other session has ended.",
                "If it was you, there is nothing to do. If not, change your password at once, and turn two-step sign-in on again here:",
                "/account/two-factor");
            return new Result.TurnedOff(id, mustEnrol);
        }

        private async Task<bool> TurnOff(Guid id, CancellationToken ct)
        {
            var stamp = User.NewStamp();
            await using var transaction = await db.Database.BeginTransactionAsync(ct);
            if (await db.Users.Where(user => user.Id == id && user.TwoFactorEnabled).ExecuteUpdateAsync(set => set
                    .SetProperty(user => user.TwoFactorEnabled, false)
                    .SetProperty(user => user.SealedTotpSecret, (string?)null)
                    .SetProperty(user => user.SecurityStamp, stamp), ct) == 0)
                return false;
            await db.RecoveryCodes.Where(code => code.UserId == id).ExecuteDeleteAsync(ct);
            await transaction.CommitAsync(ct);
            return true;
        }
    }
}
