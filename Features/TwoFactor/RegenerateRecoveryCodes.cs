using Signet.Infrastructure.Mail;

namespace Signet.Features;

/// <summary>A person replaces their recovery codes; the old ones are dead.</summary>
internal static partial class RegenerateRecoveryCodes
{
    public sealed record Request : IRequest<Result>, IAudited<Result>
    {
        public AuditEntry? Audit(Result result) => result is Result.Made { UserId: var id } ? new("recovery codes replaced", $"user:{id}", id) : null;
    }

    public abstract record Result
    {
        public sealed record Made(Guid UserId, RecoveryCodes.Sheet Sheet) : Result;

        /// <summary>Two-step sign-in is off, so there is nothing to recover.</summary>
        public sealed record IsOff : Result;
    }

    public sealed class Handler(AppDbContext db, Caller caller, RecoveryCodes recoveryCodes, Notices notices) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var id = caller.RequireUserId;
            var stamp = Guid.NewGuid().ToString();
            await using var transaction = await db.Database.BeginTransactionAsync(ct);
            // Touches the row, so that two replacements at once follow one another.
            if (await db.Users.Where(user => user.Id == id && user.TwoFactorEnabled).ExecuteUpdateAsync(set => set.SetProperty(user => user.ConcurrencyStamp, stamp), ct) == 0)
                return new Result.IsOff();
            var sheet = await recoveryCodes.Replace(id, ct);
            await transaction.CommitAsync(ct);
            await notices.Tell(
                id, "Your recovery codes were replaced",
                "New recovery codes were made for your account. The old ones do not work any more.",
                "If it was you, there is nothing to do. If not, change your password, which ends every other session, and then make new codes:",
                "/account/password");
            return new Result.Made(id, sheet);
        }
    }
}
