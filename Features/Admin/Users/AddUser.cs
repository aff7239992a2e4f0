using Microsoft.AspNetCore.Identity;

namespace Signet.Features;

/// <summary>An operator makes an account, on the console or at /admin/users/new. A password that nobody chose is made and shown once.</summary>
internal static partial class AddUser
{
    public sealed record Request : IRequest<Result>, IAudited<Result>
    {
        public string? Email { get; init; }
        public string? Name { get; init; }
        public Secret? Password { get; init; }
        public bool IsAdmin { get; init; }

        public AuditEntry? Audit(Result result) => result is Result.Added added
            ? new AuditEntry("user added", $"user:{added.Id}", added.Id, IsAdmin ? "as administrator" : null)
            : null;
    }

    public abstract record Result
    {
        /// <param name="Id">The new user.</param>
        /// <param name="Email">As it was given.</param>
        /// <param name="Made">The password, where none was given.</param>
        public sealed record Added(Guid Id, string Email, Secret? Made) : Result;

        public sealed record Taken : Result;
    }

    public sealed class Validator : AbstractValidator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Email).MustBeEmail();
            RuleFor(request => request.Name).Must(name => string.IsNullOrEmpty(name) || PersonDetails.IsName(name)).WithMessage("A name has at most 64 characters.");
            When(request => request.Password is not null, () => RuleFor(request => request.Password).MustBeGoodPassword(request => request.Email, request => request.Name));
        }
    }

    public sealed class Handler(AppDbContext db, Administrators administrators, IPasswordHasher<User> hasher, TimeProvider time)
        : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var now = time.GetUtcNow();
            var made = request.Password is null ? new Secret(OpaqueValue.Random(20)) : null;
            var user = PersonDetails.NewUser(NameOf(request), request.Email!, now);
            user.EmailConfirmed = true; // the operator vouches for it
            user.PasswordHash = hasher.HashPassword(user, (request.Password ?? made)!.Text);

            await using var transaction = await db.Database.BeginTransactionAsync(ct);
            if (!await db.InsertIfAbsent(user, ct))
                return new Result.Taken();
            if (request.IsAdmin)
                await administrators.Add(user.Id, ct);
            await transaction.CommitAsync(ct);
            return new Result.Added(user.Id, user.Email!, made);
        }

        private static string NameOf(Request request)
        {
            var name = string.IsNullOrWhiteSpace(request.Name) ? request.Email!.Trim().Split('@')[0] : request.Name;
            return name[..Math.Min(name.Length, PersonDetails.LongestName)];
        }
    }
}
