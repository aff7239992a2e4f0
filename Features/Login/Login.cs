namespace Signet.Features;

/// <summary>A person signs in with e-mail and password.</summary>
internal static partial class Login
{
    public sealed record Request : IRequest<Result>, IAudited<Result>
    {
        public string? Email { get; init; }
        public Secret? Password { get; init; }
        public bool Remember { get; init; }

        public AuditEntry? Audit(Result result) => result switch
        {
            Result.SignedIn { UserId: var id } => new("signed in", $"user:{id}", id, "password"),
            Result.Refused { UserId: { } id, Locks: true } => new("account locked", $"user:{id}", id, "too many wrong passwords"),
            Result.Refused { UserId: { } id } => new("sign-in refused", $"user:{id}", id),
            _ => null,
        };
    }

    /// <summary>Every way a sign-in can end.</summary>
    public abstract record Result
    {
        public sealed record SignedIn(Guid UserId) : Result;
        public sealed record NeedsSecondFactor : Result;
        public sealed record NeedsEnrolment : Result;

        /// <summary>
        /// Unknown address, wrong password, locked or closed account: one answer for all, so that nobody can probe for accounts.
        /// The user is known to the audit trail only, and only for guesses that counted.
        /// </summary>
        public sealed record Refused(Guid? UserId = null, bool Locks = false) : Result;
        public sealed record Busy : Result;
    }

    public sealed class Validator : AbstractValidator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Email).NotEmpty().WithMessage("Enter your e-mail address.").MaximumLength(PersonDetails.LongestEmail).WithMessage("This is longer than any e-mail address.");
            RuleFor(request => request.Password).NotNull().WithMessage("Enter your password.");
            RuleFor(request => request.Password!.Text.Length).LessThanOrEqualTo(PasswordPolicy.Longest).When(request => request.Password is not null)
                .WithMessage(PasswordPolicy.TooLong).OverridePropertyName(nameof(Request.Password));
        }
    }

    public sealed class Handler(AppDbContext db, PasswordCheck passwords, Doorway doorway) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var key = PersonDetails.Key(request.Email);
            var user = key is null ? null : await db.Users.AsNoTracking().FirstOrDefaultAsync(user => user.NormalizedUserName == key, ct);
            return await passwords.Verify(user, request.Password!, ct) switch
            {
                PasswordCheck.Verdict.Right => await Admit(user!, request.Remember, ct),
                PasswordCheck.Verdict.Busy => new Result.Busy(),
                PasswordCheck.Verdict.Locked => new Result.Refused(),
                var verdict => new Result.Refused(user?.Id, verdict == PasswordCheck.Verdict.Locks),
            };
        }

        private async Task<Result> Admit(User user, bool remember, CancellationToken ct) =>
            await doorway.PassFirstFactor(user, AuthenticationMethods.Password, provider: null, remember, ct) switch
            {
                Doorway.Admission.SignedIn => new Result.SignedIn(user.Id),
                Doorway.Admission.NeedsSecondFactor => new Result.NeedsSecondFactor(),
                Doorway.Admission.NeedsEnrolment => new Result.NeedsEnrolment(),
                _ => new Result.Refused(user.Id),
            };
    }
}
