namespace Signet.Features;

/// <summary>
/// Whoever reads the mail of an address opens the link that a sign-up sent there, and makes the account. Only here is the password
/// chosen: one that came with the sign-up would be whose who asked, and that need not be whose the address is.
/// </summary>
internal static partial class ConfirmSignUp
{
    private const string Purpose = "sign-up";

    /// <summary>How long a link is good for.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromHours(24);

    /// <summary>Where the link for an address leads. Nothing is stored for it: making the account is what uses it up.</summary>
    public static string Path(TimedSeal seals, string email) => "/signup/confirm?code=" + seals.SealForMail(Purpose, email, Life);

    /// <summary>What the link can still do.</summary>
    public sealed record Question(Secret? Code) : IRequest<Standing>;

    /// <param name="Email">Whose link it is; null for one that is too old or none of ours.</param>
    /// <param name="IsUsed">There is an account with the address already.</param>
    public sealed record Standing(string? Email, bool IsUsed);

    public sealed record Request : IRequest<Result>, IAudited<Result>
    {
        public Secret? Code { get; init; }
        public string? Name { get; init; }
        public Secret? Password { get; init; }

        public AuditEntry? Audit(Result result) => result is Result.SignedUp { UserId: var id } ? new("signed up", $"user:{id}", id, "address confirmed by mail") : null;
    }

    public abstract record Result
    {
        public sealed record SignedUp(Guid UserId, bool NeedsEnrolment) : Result;
        public sealed record DeadLink : Result;
        public sealed record Used : Result;
        public sealed record Closed : Result;
        public sealed record Busy : Result;
    }

    public sealed class Validator : AbstractValidator<Request>
    {
        public Validator(TimedSeal seals)
        {
            RuleFor(request => request.Name).MustBeName();
            RuleFor(request => request.Password).MustBeGoodPassword(request => EmailOf(seals, request.Code), request => request.Name);
        }
    }

    public sealed class Asking(AppDbContext db, TimedSeal seals) : IRequestHandler<Question, Standing>
    {
        public async Task<Standing> Handle(Question request, CancellationToken ct)
        {
            var email = EmailOf(seals, request.Code);
            var key = PersonDetails.Key(email);
            return new Standing(email, key is not null && await db.Users.AnyAsync(user => user.NormalizedUserName == key, ct));
        }
    }

    public sealed class Handler(
        AppDbContext db, TimedSeal seals, PasswordCheck passwords, Doorway doorway, IOptions<SignetOptions> options, TimeProvider time)
        : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            if (options.Value.Registration.Users != UserRegistration.Open)
                return new Result.Closed();
            if (EmailOf(seals, request.Code) is not { } email)
                return new Result.DeadLink();
            var user = PersonDetails.NewUser(request.Name!, email, time.GetUtcNow());
            user.EmailConfirmed = true; // the link went nowhere else
            user.PasswordHash = await passwords.Hash(user, request.Password!, ct);
            if (user.PasswordHash is null)
                return new Result.Busy();
            if (!await db.InsertIfAbsent(user, ct))
                return new Result.Used();
            var admission = await doorway.PassFirstFactor(user, AuthenticationMethods.Password, provider: null, isPersistent: false, ct);
            return new Result.SignedUp(user.Id, admission == Doorway.Admission.NeedsEnrolment);
        }
    }

    private static string? EmailOf(TimedSeal seals, Secret? code) => seals.OpenFromMail(Purpose, code?.Text);
}
