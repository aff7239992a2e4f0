using Signet.Infrastructure.Mail;

namespace Signet.Features;

/// <summary>A person changes their password; every other session and everything that apps hold of theirs ends.</summary>
internal static partial class ChangePassword
{
    public sealed record Question : IRequest<Demand>;

    /// <param name="PersonalTokens">How many personal access tokens of the person there are that have not ended.</param>
    public sealed record Demand(string Email, bool HasPassword, int PersonalTokens);

    public sealed record Request : IRequest<Result>, IAudited<Result>
    {
        public Secret? Current { get; init; }
        public Secret? New { get; init; }

        /// <summary>True to end the personal access tokens too: scripts stop, which only the person can weigh.</summary>
        public bool EndPersonalTokens { get; init; }

        public AuditEntry? Audit(Result result) => result switch
        {
            Result.Changed { UserId: var id } => new("password changed", $"user:{id}", id),
            Result.WrongPassword { UserId: var id } => new("password change refused", $"user:{id}", id, "wrong password"),
            _ => null,
        };
    }

    public abstract record Result
    {
        public sealed record Changed(Guid UserId) : Result;
        public sealed record WrongPassword(Guid UserId) : Result;

        /// <summary>The new one is not good enough; the sentence says why.</summary>
        public sealed record Objected(string Objection) : Result;

        /// <summary>There is no password to prove it with, and the sign-in is not recent.</summary>
        public sealed record MustConfirm : Result;

        /// <summary>Someone else changed the account at the same time.</summary>
        public sealed record Outrun : Result;
        public sealed record Locked : Result;
        public sealed record Busy : Result;
    }

    public sealed class Asking(AppDbContext db, Caller caller, TimeProvider time) : IRequestHandler<Question, Demand>
    {
        public Task<Demand> Handle(Question request, CancellationToken ct)
        {
            var now = time.GetUtcNow();
            return db.Users.Where(user => user.Id == caller.RequireUserId).Select(user => new Demand(user.Email!, user.PasswordHash != null,
                db.Tokens.Count(token => token.UserId == user.Id && (token.Kind == TokenKind.Personal || token.Kind == TokenKind.Registration) && token.RevokedAt == null && token.ExpiresAt > now))).SingleAsync(ct);
        }
    }

    public sealed class Handler(AppDbContext db, Caller caller, PasswordCheck passwords, Revocations revocations, Doorway doorway, Notices notices, TimeProvider time)
        : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var user = await db.Users.AsNoTracking().SingleAsync(user => user.Id == caller.RequireUserId, ct);
            if (request.New is not { } chosen)
                return new Result.Objected("Choose a password.");
            if (PasswordPolicy.Objection(chosen, user.Email, user.Name) is { } objection)
                return new Result.Objected(objection);
            if (await Prove(user, request.Current, ct) is { } refusal)
                return refusal;
            if (request.Current == chosen)
                return new Result.Objected("This is the password that you have.");
            if (await passwords.Hash(user, chosen, ct) is not { } hash)
                return new Result.Busy();

            var stamp = User.NewStamp();
            if (await db.Users.Where(u => u.Id == user.Id && u.SecurityStamp == user.SecurityStamp).ExecuteUpdateAsync(
                    set => set.SetProperty(u => u.PasswordHash, hash).SetProperty(u => u.SecurityStamp, stamp), ct) == 0)
                return new Result.Outrun();
            const string reason = "the password was changed"; // from here on to the end, even when the caller hangs up
            await revocations.OfSessions(db.Sessions.Where(session => session.UserId == user.Id && session.Id != caller.SessionId), reason, CancellationToken.None);
            await revocations.OfGrants(db.Grants.Where(grant => grant.UserId == user.Id), reason, CancellationToken.None);
            if (request.EndPersonalTokens)
                await revocations.OfTokens(db.Tokens.Where(token => token.UserId == user.Id && (token.Kind == TokenKind.Personal || token.Kind == TokenKind.Registration)), reason, CancellationToken.None);
            await doorway.Rekey(caller.SessionId!.Value);
            await notices.Tell(
                user.Id, "Your password was changed",
                "The password of your account was changed. Every other session has ended, and apps have to ask again.",
                "If it was you, there is nothing to do. If not, somebody is in your account: tell the administrator at once, and sign in here if you still can, to end the sessions that you do not know:",
                "/account/sessions");
            return new Result.Changed(user.Id);
        }

        private async Task<Result?> Prove(User user, Secret? current, CancellationToken ct)
        {
            if (user.PasswordHash is null)
                return time.GetUtcNow() - caller.ProvenAt <= RecentSignInAttribute.Recent ? null : new Result.MustConfirm();
            return await passwords.Verify(user, current ?? new Secret(""), ct) switch
            {
                PasswordCheck.Verdict.Right => null,
                PasswordCheck.Verdict.Busy => new Result.Busy(),
                PasswordCheck.Verdict.Locked => new Result.Locked(),
                _ => new Result.WrongPassword(user.Id),
            };
        }
    }
}
