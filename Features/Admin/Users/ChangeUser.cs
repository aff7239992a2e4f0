using Signet.Infrastructure.Mail;

namespace Signet.Features;

/// <summary>An administrator gives a person something or takes it away; what is taken away is asked a reason for and ends at once.</summary>
internal static partial class ChangeUser
{
    private const int LongestReason = 256;

    public enum Change { Disable, Enable, ResetTwoStep, EndSessions, MakeAdmin, UnmakeAdmin }

    /// <summary>What a change is called, what it does, and whether it takes something away.</summary>
    public sealed record About(string Label, string Effect, string Done, string Action, bool TakesAway);

    public static readonly IReadOnlyDictionary<Change, About> All = new Dictionary<Change, About>
    {
        [Change.Disable] = new("Disable", "Nobody can sign in to this account any more. Its sessions end, and everything that was issued for it is dead at once and stays so.", "The user is disabled.", "user disabled", true),
        [Change.Enable] = new("Enable", "The person can sign in again. What ended when the account was disabled stays ended.", "The user is enabled.", "user enabled", false),
        [Change.ResetTwoStep] = new("Reset two-step sign-in", "The authenticator app and all recovery codes are forgotten, and the sessions end. The password alone opens the account until two-step sign-in is set up again: be sure who asked you.", "Two-step sign-in is reset.", "second factor reset", true),
        [Change.EndSessions] = new("End sessions", "The person is signed out everywhere, and so is every app whose access lives from a session.", "The sessions are ended.", "sessions ended", true),
        [Change.MakeAdmin] = new("Make administrator", "The person can do everything that you can do here.", "The user is an administrator.", "administrator made", false),
        [Change.UnmakeAdmin] = new("Remove administrator", "The person keeps the account and can administer nothing any more.", "The user is no administrator any more.", "administrator removed", true),
    };

    /// <summary>The changes that make sense for someone.</summary>
    public static IEnumerable<KeyValuePair<Change, About>> Offered(bool isAdmin, bool isDisabled, bool hasSecondFactor, bool isMe) => All.Where(pair => pair.Key switch
    {
        Change.Disable => !isDisabled && !isMe,
        Change.Enable => isDisabled,
        Change.ResetTwoStep => hasSecondFactor,
        Change.MakeAdmin => !isAdmin && !isDisabled,
        Change.UnmakeAdmin => isAdmin,
        _ => true,
    });

    public sealed record Request : IRequest<Result>, IAudited<Result>
    {
        public Guid Id { get; init; }
        public Change Change { get; init; }
        public string? Reason { get; init; }

        /// <summary>When disabling: true to disable the person's apps too.</summary>
        public bool WithApps { get; init; }

        public AuditEntry? Audit(Result result) => result is Result.Changed changed
            ? new AuditEntry(All[Change].Action, $"user:{Id}", Id, changed.SessionsEnded > 0 ? $"{changed.SessionsEnded} sessions ended" : null, Reason)
            : null;
    }

    public abstract record Result
    {
        public sealed record Changed(int SessionsEnded) : Result;

        /// <summary>It was so already.</summary>
        public sealed record Unchanged : Result;

        public sealed record NotFound : Result;

        /// <summary>Nobody would be left who can administer.</summary>
        public sealed record LastAdmin : Result;

        /// <summary>An administrator who disables himself has made a slip.</summary>
        public sealed record Oneself : Result;

        /// <summary>Who asked has lost the right in the meantime.</summary>
        public sealed record NoLongerAdmin : Result;
    }

    public sealed class Validator : AbstractValidator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Change).IsInEnum();
            RuleFor(request => request.Reason).MaximumLength(LongestReason).WithMessage($"Give the reason in at most {LongestReason} characters.");
            When(request => All.GetValueOrDefault(request.Change) is { TakesAway: true }, () =>
                RuleFor(request => request.Reason).NotEmpty().WithMessage("Say why; it is kept in the audit trail."));
        }
    }

    public sealed class Handler(AppDbContext db, Administrators administrators, Revocations revocations, Notices notices, Caller caller, TimeProvider time)
        : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            await using var transaction = await db.Database.BeginTransactionAsync(ct);
            await administrators.WaitForOthers(ct);
            if (await Objection(request, ct) is { } objection)
                return objection;
            var result = request.Change switch
            {
                Change.Disable => await Disable(request, ct),
                Change.Enable => Of(await db.Users.Where(user => user.Id == request.Id && user.DisabledAt != null).ExecuteUpdateAsync(set => set.SetProperty(user => user.DisabledAt, (DateTimeOffset?)null), ct) == 1),
                Change.ResetTwoStep => await ResetTwoStep(request.Id, ct),
                Change.EndSessions => new Result.Changed(await EndSessions(request.Id, "ended by an administrator", ct)),
                Change.MakeAdmin => await MakeAdmin(request.Id, ct),
                _ => Of(await administrators.Remove(request.Id, ct)),
            };
            await transaction.CommitAsync(ct);
            if (request.Change == Change.ResetTwoStep)
                await TellOfOneStep(request.Id);
            return result;
        }

        private async Task<Result?> Objection(Request request, CancellationToken ct) => request.Change switch
        {
            _ when caller.UserId is { } me && !await administrators.Enabled.AnyAsync(user => user.Id == me, ct) => new Result.NoLongerAdmin(),
            _ when !await db.Users.AnyAsync(user => user.Id == request.Id, ct) => new Result.NotFound(),
            Change.Disable when caller.UserId == request.Id => new Result.Oneself(),
            Change.Disable or Change.UnmakeAdmin when !await administrators.RemainWithout(request.Id, ct) => new Result.LastAdmin(),
            _ => null,
        };

        private async Task<Result> Disable(Request request, CancellationToken ct)
        {
            var id = request.Id;
            DateTimeOffset? now = time.GetUtcNow();
            if (await db.Users.Where(user => user.Id == id && user.DisabledAt == null).ExecuteUpdateAsync(set => set.SetProperty(user => user.DisabledAt, now), ct) == 0)
                return new Result.Unchanged();
            await Epoch.RaiseForUser(db, id, ct); // so that enabling revives nothing
            if (request.WithApps)
                await DisableApps(id, now.Value, ct);
            return new Result.Changed(await EndSessions(id, "the user was disabled", ct));
        }

        // An app goes on without its owner, and the owner knows its secrets.
        private Task<int> DisableApps(Guid owner, DateTimeOffset now, CancellationToken ct) =>
            db.Clients.Where(app => app.OwnerId == owner && app.DisabledAt == null).ExecuteUpdateAsync(set => set
                .SetProperty(app => app.DisabledAt, now).SetProperty(app => app.TokenEpoch, app => app.TokenEpoch + 1).SetProperty(app => app.RegistrationTokenHash, (byte[]?)null), ct);

        // New rights want a new sign-in, at which the doorway asks for what administrators owe.
        private async Task<Result> MakeAdmin(Guid id, CancellationToken ct)
        {
            if (!await administrators.Add(id, ct))
                return new Result.Unchanged();
            const string reason = "became an administrator";
            // What was given when it meant nothing must not wake up as rights.
            await revocations.OfGrants(db.Grants.Where(grant => grant.UserId == id && grant.Scopes.Contains(Scopes.Admin)), reason, ct);
            await revocations.OfTokens(db.Tokens.Where(token => token.UserId == id && token.Kind == TokenKind.Personal && token.Scopes.Contains(Scopes.Admin)), reason, ct);
            return new Result.Changed(await EndSessions(id, reason, ct));
        }

        private async Task<Result> ResetTwoStep(Guid id, CancellationToken ct)
        {
            await db.Users.Where(user => user.Id == id).ExecuteUpdateAsync(set => set
                .SetProperty(user => user.TwoFactorEnabled, false)
                .SetProperty(user => user.SealedTotpSecret, (string?)null)
                .SetProperty(user => user.SecondFactorFailedCount, 0)
                .SetProperty(user => user.SecondFactorLockoutEnd, (DateTimeOffset?)null), ct);
            await db.RecoveryCodes.Where(code => code.UserId == id).ExecuteDeleteAsync(ct);
            return new Result.Changed(await EndSessions(id, "the second factor was reset", ct));
        }

        private Task TellOfOneStep(Guid id) => notices.Tell(
            id, "Two-step sign-in was turned off",
            "An administrator has reset two-step sign-in of your account: the password alone opens it now. Every session has ended.",
            "If you asked for it, set two-step sign-in up again here. If not, do so too, change your password, and ask the administrator:",
            "/account/two-factor");

        private async Task<int> EndSessions(Guid id, string reason, CancellationToken ct)
        {
            await db.ForgetBrowsers(id, ct);
            return await revocations.OfSessions(db.Sessions.Where(session => session.UserId == id), reason, ct);
        }

        private static Result Of(bool isChanged) => isChanged ? new Result.Changed(0) : new Result.Unchanged();
    }
}
