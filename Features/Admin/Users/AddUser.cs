using System.Net.Mail;
using Microsoft.AspNetCore.Identity;

namespace Signet.Features;

/// <summary>An operator makes an account, on the console or at /admin/users/new. A password that nobody chose is made and shown once.</summary>
internal static partial class AddUser
{
    private const int ShortestPassword = 12;
    private const int LongestPassword = 256;

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
            RuleFor(request => request.Email).Must(IsAddress).WithMessage("Enter an e-mail address, such as ada@example.com.");
            RuleFor(request => request.Name).MaximumLength(64).WithMessage("A name has at most 64 characters.")
                .Must(name => name is null || !name.Any(char.IsControl)).WithMessage("A name has no control characters.");
            RuleFor(request => request.Password).Must(password => password is null or { Text.Length: >= ShortestPassword and <= LongestPassword })
                .WithMessage($"The password must have {ShortestPassword} to {LongestPassword} characters."); // what people choose for themselves is judged by more
        }

        private static bool IsAddress(string? email) => email is { Length: <= 256 }
            && !email.Any(character => char.IsControl(character) || char.IsWhiteSpace(character))
            && MailAddress.TryCreate(email, out var parsed) && parsed.Address == email;
    }

    public sealed class Handler(AppDbContext db, Administrators administrators, IPasswordHasher<User> hasher, ILookupNormalizer normalizer, TimeProvider time)
        : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var email = request.Email!;
            var now = time.GetUtcNow();
            var made = request.Password is null ? new Secret(OpaqueValue.Random(20)) : null;
            var user = new User
            {
                Id = Guid.CreateVersion7(now),
                Name = request.Name is { Length: > 0 } name ? name : email.Split('@')[0][..Math.Min(64, email.IndexOf('@', StringComparison.Ordinal))],
                Email = email,
                UserName = email,
                NormalizedEmail = normalizer.NormalizeEmail(email),
                NormalizedUserName = normalizer.NormalizeName(email),
                EmailConfirmed = true, // the operator vouches for it
                CreatedAt = now,
            };
            user.PasswordHash = hasher.HashPassword(user, (request.Password ?? made)!.Text);

            await using var transaction = await db.Database.BeginTransactionAsync(ct);
            if (!await db.InsertIfAbsent(user, ct))
                return new Result.Taken();
            if (request.IsAdmin)
                await administrators.Add(user.Id, ct);
            await transaction.CommitAsync(ct);
            return new Result.Added(user.Id, email, made);
        }
    }
}
