using Signet.Infrastructure.Mail;

namespace Signet.Features;

/// <summary>
/// A person wants an account. Where mail can be sent, a link goes to the address, and nobody learns from the answer whether it has
/// an account (the link is <see cref="ConfirmSignUp"/>'s); elsewhere the account is made at once and they are signed in.
/// </summary>
internal static partial class SignUp
{
    public sealed record Request : IRequest<Result>, IAudited<Result>
    {
        public string? Email { get; init; }

        /// <summary>Asked for here only where no mail can be sent, like the password.</summary>
        public string? Name { get; init; }
        public Secret? Password { get; init; }

        public AuditEntry? Audit(Result result) => result is Result.SignedUp { UserId: var id } ? new("signed up", $"user:{id}", id) : null;
    }

    private const int MailsFromOne = 30; // an office behind one address

    public abstract record Result
    {
        /// <summary>The same for everybody: a mail is on its way to the address, with a link or with the news that there is an account.</summary>
        public sealed record Mailed(string Email) : Result;
        public sealed record SignedUp(Guid UserId, bool NeedsEnrolment) : Result;

        /// <summary>There is an account with this address already.</summary>
        public sealed record Taken : Result;
        public sealed record Closed : Result;
        public sealed record Busy : Result;
    }

    public sealed class Validator : AbstractValidator<Request>
    {
        public Validator(Mailer mailer)
        {
            RuleFor(request => request.Email).MustBeEmail();
            if (mailer.CanSend)
                return;
            RuleFor(request => request.Name).MustBeName();
            RuleFor(request => request.Password).MustBeGoodPassword(request => request.Email, request => request.Name);
        }
    }

    public sealed class Handler(
        AppDbContext db, Caller caller, Mailer mailer, MailAllowance allowance, TimedSeal seals, PasswordCheck passwords, Doorway doorway,
        IOptions<SignetOptions> options, TimeProvider time) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            if (options.Value.Registration.Users != UserRegistration.Open)
                return new Result.Closed();
            return mailer.CanSend ? await Mail(request.Email!.Trim(), ct) : await Make(request, ct);
        }

        // Both mails cost the same: one look-up, one seal, one job. No password is asked for, so no hash can tell either.
        private async Task<Result> Mail(string email, CancellationToken ct)
        {
            var key = PersonDetails.Key(email);
            var hasAccount = await db.Users.AnyAsync(user => user.NormalizedUserName == key, ct);
            var link = options.Value.Url(ConfirmSignUp.Path(seals, email));
            if (allowance.Take("sign-up", email) && allowance.Take("sign-up from", Subscriber.Of(caller.RemoteAddress), MailsFromOne))
                mailer.Send(email, hasAccount ? "You have an account already" : "Finish your sign-up", hasAccount ? AboutTheAccount() : AboutTheLink(link));
            return new Result.Mailed(email);
        }

        private async Task<Result> Make(Request request, CancellationToken ct)
        {
            var user = PersonDetails.NewUser(request.Name!, request.Email!, time.GetUtcNow());
            user.PasswordHash = await passwords.Hash(user, request.Password!, ct);
            if (user.PasswordHash is null)
                return new Result.Busy();
            if (!await db.InsertIfAbsent(user, ct))
                return new Result.Taken();
            var admission = await doorway.PassFirstFactor(user, AuthenticationMethods.Password, provider: null, isPersistent: false, ct);
            return new Result.SignedUp(user.Id, admission == Doorway.Admission.NeedsEnrolment);
        }

        private string AboutTheLink(string link) => $"""
            Somebody, probably you, wants an account at {options.Value.Issuer} with this e-mail address.

            Open this link within 24 hours to choose a password and make the account:
            {link}

            If it was not you, do nothing: without the link there is no account.
            """;

        private string AboutTheAccount() => $"""
            Somebody, probably you, tried to sign up at {options.Value.Issuer} with this e-mail address. It has an account already.

            Sign in here:
            {options.Value.Url("/login")}

            If it was not you, do nothing: nothing was changed. If you never made that account, tell the administrator of {options.Value.Issuer}.
            """;
    }
}
