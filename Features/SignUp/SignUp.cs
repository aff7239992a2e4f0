namespace Signet.Features;

/// <summary>A person makes an account of their own and is signed in.</summary>
internal static partial class SignUp
{
    public sealed record Request : IRequest<Result>, IAudited<Result>
    {
        public string? Name { get; init; }
        public string? Email { get; init; }
        public Secret? Password { get; init; }

        public AuditEntry? Audit(Result result) => result is Result.SignedUp { UserId: var id } ? new("signed up", $"user:{id}", id) : null;
    }

    public abstract record Result
    {
        public sealed record SignedUp(Guid UserId, bool NeedsEnrolment) : Result;

        /// <summary>There is an account with this address already.</summary>
        public sealed record Taken : Result;
        public sealed record Closed : Result;
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

    public sealed class Handler(AppDbContext db, PasswordCheck passwords, Doorway doorway, IOptions<SignetOptions> options, TimeProvider time)
        : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            if (options.Value.Registration.Users != UserRegistration.Open)
                return new Result.Closed();
            var user = PersonDetails.NewUser(request.Name!, request.Email!, time.GetUtcNow());
            user.PasswordHash = await passwords.Hash(user, request.Password!, ct);
            if (user.PasswordHash is null)
                return new Result.Busy();
            if (!await db.InsertIfAbsent(user, ct))
                return new Result.Taken();
            var admission = await doorway.PassFirstFactor(user, AuthenticationMethods.Password, provider: null, isPersistent: false, ct);
            return new Result.SignedUp(user.Id, admission == Doorway.Admission.NeedsEnrolment);
        }
    }
}
