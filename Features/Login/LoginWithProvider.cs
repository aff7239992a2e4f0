using System.Security.Claims;
using Microsoft.AspNetCore.Identity;

namespace Signet.Features;

/// <summary>
/// A person comes back from an external provider: a known login signs in, a new one makes an account or is linked. An account that
/// exists is never given to someone for an e-mail address that the provider, or this installation, has not verified.
/// </summary>
internal static partial class LoginWithProvider
{
    /// <summary>What the person was sent to the provider for.</summary>
    public enum Purpose { SignIn, Link, Confirm }

    /// <param name="Provider">The provider that vouches.</param>
    /// <param name="Person">What it says of the person.</param>
    /// <param name="Purpose">What they were sent there for.</param>
    /// <param name="Session">The session that asked to link a login to its account, or to be confirmed; null for a sign-in.</param>
    public sealed record Request(ExternalProvider Provider, ClaimsPrincipal Person, Purpose Purpose, Guid? Session) : IRequest<Result>, IAudited<Result>
    {
        public string? Subject => Person.FindFirstValue(Claims.Subject) is { Length: > 0 and <= 255 } subject ? subject : null;
        public string? Email => Person.FindFirstValue(Claims.Email) is { } email && PersonDetails.IsEmail(email) ? email : null;

        /// <summary>Whether all that the provider says, in the ID token and at UserInfo, agrees that this address is the person's.</summary>
        public bool EmailIsVerified => Person.HasClaim(claim => claim.Type == ExternalProviders.EmailVerified)
            && Person.FindAll(ExternalProviders.EmailVerified).All(claim => string.Equals(claim.Value, "true", StringComparison.OrdinalIgnoreCase))
            && Person.FindAll(Claims.Email).Select(claim => PersonDetails.Key(claim.Value)).Distinct().Count() == 1;

        public AuditEntry? Audit(Result result) => result switch
        {
            Result.SignedIn { UserId: var id } => new("signed in", $"user:{id}", id, Provider.Key),
            Result.Linked { UserId: var id } => new(LoginLinked, $"user:{id}", id, Provider.Key),
            _ => null,
        };
    }

    private const string LoginLinked = "login linked";

    /// <summary>Every way this can end.</summary>
    public abstract record Result
    {
        public sealed record SignedIn(Guid UserId) : Result;
        public sealed record NeedsSecondFactor : Result;
        public sealed record NeedsEnrolment : Result;
        public sealed record Linked(Guid UserId) : Result;
        public sealed record Confirmed : Result;

        /// <summary>An account with this address exists, and the address does not prove that it is this person's.</summary>
        public sealed record AccountExists : Result;
        public sealed record BelongsToAnother : Result;
        public sealed record WrongPerson : Result;
        public sealed record WrongSession : Result;
        public sealed record HasNoEmail : Result;
        public sealed record Closed : Result;
        public sealed record Disabled : Result;
    }

    public sealed class Handler(AppDbContext db, Doorway doorway, Caller caller, AuditTrail trail, IOptions<SignetOptions> options, TimeProvider time) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            if (request.Subject is not { } subject)
                return new Result.HasNoEmail();
            var known = await Owner(request.Provider.Key, subject, ct);
            // What a session began only this session ends: nobody's login comes to somebody else's account.
            if (request.Purpose != Purpose.SignIn && (request.Session is null || caller.SessionId != request.Session))
                return new Result.WrongSession();
            return request.Purpose switch
            {
                Purpose.Link => await Link(request, subject, ct),
                Purpose.Confirm => known?.Id == caller.RequireUserId ? await Confirm(known, request.Provider.Key, ct) : new Result.WrongPerson(),
                _ => known is not null ? await Admit(known, request.Provider.Key, ct) : await Welcome(request, subject, ct),
            };
        }

        private async Task<Result> Link(Request request, string subject, CancellationToken ct)
        {
            var me = caller.RequireUserId;
            if (!await db.InsertIfAbsent(NewLogin(request, subject, me), ct) && (await Owner(request.Provider.Key, subject, ct))?.Id != me)
                return new Result.BelongsToAnother();
            await doorway.Rekey(caller.SessionId!.Value);
            return new Result.Linked(me);
        }

        private async Task<Result> Confirm(User user, string provider, CancellationToken ct)
        {
            if (user.TwoFactorEnabled)
                return await Admit(user, provider, ct, isToConfirm: true); // the code is asked too
            await doorway.Renew(caller.SessionId!.Value, [AuthenticationMethods.Federated]);
            return new Result.Confirmed();
        }

        private async Task<Result> Welcome(Request request, string subject, CancellationToken ct)
        {
            if (request.Email is not { } email)
                return new Result.HasNoEmail();
            var normalized = PersonDetails.Key(email);
            if (await db.Users.AsNoTracking().FirstOrDefaultAsync(user => user.NormalizedEmail == normalized, ct) is { } existing)
                return await LinkToExisting(request, subject, existing, ct);
            if (options.Value.Registration.Users != UserRegistration.Open)
                return new Result.Closed();

            var user = PersonDetails.NewUser(NameOf(request.Person, email), email, time.GetUtcNow());
            user.EmailConfirmed = request.EmailIsVerified;
            if (await Make(user, NewLogin(request, subject, user.Id), ct))
                await trail.Record(new AuditEntry("signed up", $"user:{user.Id}", user.Id, request.Provider.Key), CancellationToken.None);
            // Another window of this person may have been faster, or another person with the address.
            return await Owner(request.Provider.Key, subject, ct) is { } owner ? await Admit(owner, request.Provider.Key, ct) : new Result.AccountExists();
        }

        // Both sides must have seen proof of the address, or either could be a squatter's.
        private async Task<Result> LinkToExisting(Request request, string subject, User existing, CancellationToken ct)
        {
            if (!request.EmailIsVerified || !existing.EmailConfirmed)
                return new Result.AccountExists();
            if (existing.DisabledAt is not null)
                return new Result.Disabled();
            if (await db.InsertIfAbsent(NewLogin(request, subject, existing.Id), ct))
                await trail.Record(new AuditEntry(LoginLinked, $"user:{existing.Id}", existing.Id, request.Provider.Key), CancellationToken.None);
            return await Owner(request.Provider.Key, subject, ct) is { } owner ? await Admit(owner, request.Provider.Key, ct) : new Result.AccountExists();
        }

        private async Task<bool> Make(User user, IdentityUserLogin<Guid> login, CancellationToken ct)
        {
            await using var both = await db.Database.BeginTransactionAsync(ct);
            if (!await db.InsertIfAbsent(user, ct) || !await db.InsertIfAbsent(login, ct))
                return false;
            await both.CommitAsync(ct);
            return true;
        }

        private Task<User?> Owner(string provider, string subject, CancellationToken ct) => (
            from login in db.UserLogins
            where login.LoginProvider == provider && login.ProviderKey == subject
            join owner in db.Users on login.UserId equals owner.Id
            select owner).AsNoTracking().FirstOrDefaultAsync(ct);

        private async Task<Result> Admit(User user, string provider, CancellationToken ct, bool isToConfirm = false) =>
            await doorway.PassFirstFactor(user, AuthenticationMethods.Federated, provider, isPersistent: false, ct, isToConfirm) switch
            {
                Doorway.Admission.SignedIn => new Result.SignedIn(user.Id),
                Doorway.Admission.NeedsSecondFactor => new Result.NeedsSecondFactor(),
                Doorway.Admission.NeedsEnrolment => new Result.NeedsEnrolment(),
                _ => new Result.Disabled(),
            };

        private static string NameOf(ClaimsPrincipal person, string email) =>
            new[] { person.FindFirstValue(Claims.Name), email.Split('@')[0] }.FirstOrDefault(PersonDetails.IsName) ?? "New person";

        private static IdentityUserLogin<Guid> NewLogin(Request request, string subject, Guid userId) => new()
        {
            LoginProvider = request.Provider.Key,
            ProviderKey = subject,
            ProviderDisplayName = request.Provider.Name,
            UserId = userId,
        };
    }
}
