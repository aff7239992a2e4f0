using System.Security.Claims;

namespace Signet.Features;

/// <summary>
/// A person comes back from an external provider: a known login signs in, a new one makes an account or is linked. An account that
/// exists is never given to someone for an e-mail address that the provider, or this installation, has not verified.
/// </summary>
internal static partial class LoginWithProvider
{
    /// <param name="Provider">The provider that vouches.</param>
    /// <param name="Person">What it says of the person.</param>
    /// <param name="LinkingSession">The session that asked to link the login to its account; null for a sign-in.</param>
    public sealed record Request(ExternalProvider Provider, ClaimsPrincipal Person, Guid? LinkingSession) : IRequest<Result>, IAudited<Result>
    {
        public string? Subject => Person.FindFirstValue(Claims.Subject);
        public string? Email => Person.FindFirstValue(Claims.Email) is { Length: > 2 and <= 254 } email && email.Contains('@', StringComparison.Ordinal) ? email : null;
        public bool EmailIsVerified => string.Equals(Person.FindFirstValue(ExternalProviders.EmailVerified), "true", StringComparison.OrdinalIgnoreCase);

        public AuditEntry? Audit(Result result) => result switch
        {
            Result.SignedIn { UserId: var id } => new("signed in", $"user:{id}", id, Provider.Key),
            Result.Linked { UserId: var id } => new("login linked", $"user:{id}", id, Provider.Key),
            _ => null,
        };
    }

    /// <summary>Every way this can end.</summary>
    public abstract record Result
    {
        public sealed record SignedIn(Guid UserId) : Result;
        public sealed record NeedsSecondFactor : Result;
        public sealed record NeedsEnrolment : Result;
        public sealed record Linked(Guid UserId) : Result;

        /// <summary>An account with this address exists, and the address does not prove that it is this person's.</summary>
        public sealed record AccountExists : Result;
        public sealed record BelongsToAnother : Result;
        public sealed record WrongSession : Result;
        public sealed record HasNoEmail : Result;
        public sealed record Closed : Result;
        public sealed record Disabled : Result;
    }

    public sealed class Handler(AppDbContext db, Doorway doorway, Caller caller, IOptions<SignetOptions> options, TimeProvider time) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            if (request.Subject is not { Length: > 0 and <= 255 } subject)
                return new Result.HasNoEmail();
            var key = request.Provider.Key;
            var known = await (
                from login in db.UserLogins
                where login.LoginProvider == key && login.ProviderKey == subject
                join owner in db.Users on login.UserId equals owner.Id
                select owner).AsNoTracking().FirstOrDefaultAsync(ct);
            if (request.LinkingSession is { } session)
                return await Link(request, subject, known, session, ct);
            return known is not null ? await Admit(known, key, ct) : await Welcome(request, subject, ct);
        }

        // Bound to the session that began it: nobody's login ends up on somebody else's account.
        private async Task<Result> Link(Request request, string subject, User? known, Guid session, CancellationToken ct)
        {
            if (caller.SessionId != session)
                return new Result.WrongSession();
            var me = caller.RequireUserId;
            if (known is not null)
                return known.Id == me ? new Result.Linked(me) : new Result.BelongsToAnother();
            return await db.InsertIfAbsent(NewLogin(request, subject, me), ct) ? new Result.Linked(me) : new Result.BelongsToAnother();
        }

        private async Task<Result> Welcome(Request request, string subject, CancellationToken ct)
        {
            if (request.Email is not { } email)
                return new Result.HasNoEmail();
            var normalized = PersonDetails.Key(email);
            if (await db.Users.AsNoTracking().FirstOrDefaultAsync(user => user.NormalizedEmail == normalized, ct) is { } existing)
            {
                // Both sides must have seen proof of the address, or either could be a squatter's.
                if (!request.EmailIsVerified || !existing.EmailConfirmed)
                    return new Result.AccountExists();
                await db.InsertIfAbsent(NewLogin(request, subject, existing.Id), ct);
                return await Admit(existing, request.Provider.Key, ct);
            }

            if (options.Value.Registration.Users != UserRegistration.Open)
                return new Result.Closed();
            var user = NewUser(request, email);
            db.Add(user);
            db.Add(NewLogin(request, subject, user.Id));
            try
            {
                await db.SaveChangesAsync(ct);
            }
            catch (DbUpdateException) when (db.Users.AsNoTracking().Any(other => other.NormalizedEmail == user.NormalizedEmail))
            {
                return new Result.AccountExists(); // somebody took the address at the same moment
            }

            return await Admit(user, request.Provider.Key, ct);
        }

        private async Task<Result> Admit(User user, string provider, CancellationToken ct) =>
            await doorway.PassFirstFactor(user, AuthenticationMethods.Federated, provider, isPersistent: false, ct) switch
            {
                Doorway.Admission.SignedIn => new Result.SignedIn(user.Id),
                Doorway.Admission.NeedsSecondFactor => new Result.NeedsSecondFactor(),
                Doorway.Admission.NeedsEnrolment => new Result.NeedsEnrolment(),
                _ => new Result.Disabled(),
            };

        private User NewUser(Request request, string email)
        {
            var name = request.Person.FindFirstValue(Claims.Name) is { Length: > 0 } given ? given : email.Split('@')[0];
            return new User
            {
                Id = Guid.CreateVersion7(time.GetUtcNow()),
                Name = name[..Math.Min(name.Length, 64)],
                Email = email,
                NormalizedEmail = PersonDetails.Key(email),
                UserName = email,
                NormalizedUserName = PersonDetails.Key(email),
                EmailConfirmed = request.EmailIsVerified,
                CreatedAt = time.GetUtcNow(),
            };
        }

        private static Microsoft.AspNetCore.Identity.IdentityUserLogin<Guid> NewLogin(Request request, string subject, Guid userId) => new()
        {
            LoginProvider = request.Provider.Key,
            ProviderKey = subject,
            ProviderDisplayName = request.Provider.Name,
            UserId = userId,
        };
    }
}
