using System.Buffers;

namespace Signet.Infrastructure.Identity;

/// <summary>Names and e-mail addresses as people type them.</summary>
internal static class PersonDetails
{
    public const int LongestName = 64;
    public const int LongestEmail = 254; // RFC 5321 §4.5.3.1.3
    private static readonly SearchValues<char> Specials = SearchValues.Create("()<>[]:;\\,\"");

    /// <summary>A new account, without a password yet.</summary>
    public static User NewUser(string name, string email, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        Name = name.Trim(),
        Email = email.Trim(),
        UserName = email.Trim(),
        NormalizedEmail = Key(email),
        NormalizedUserName = Key(email),
        LockoutEnabled = true,
        CreatedAt = now,
    };

    /// <summary>What accounts are found by: the address as Identity normalizes it; null for what no account can have.</summary>
    public static string? Key(string? email) =>
        IsEmail(email) ? email!.Trim().Normalize().ToUpperInvariant() : null;

    /// <summary>
    /// Something before one @ and something after it, without the characters that have a meaning around addresses (RFC 5322 §3.2.3),
    /// so that one mailbox is not written in many ways; whether it exists only a mail can tell.
    /// </summary>
    public static bool IsEmail(string? email) => email?.Trim() is { Length: > 2 and <= LongestEmail } text
        && text.Split('@') is [{ Length: > 0 }, { Length: > 0 }] && !text.Any(char.IsWhiteSpace) && text.AsSpan().IndexOfAny(Specials) < 0 && IsClean(text);

    public static bool IsName(string? name) => name?.Trim() is { Length: > 0 and <= LongestName } text && IsClean(text);

    /// <summary>No control characters, nothing that turns the direction of the text around it, no halves of characters.</summary>
    private static bool IsClean(string text) =>
        !text.Any(character => char.IsControl(character) || character is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') or '\uFFFE' or '\uFFFF')
        && text.EnumerateRunes().All(rune => rune != System.Text.Rune.ReplacementChar);
}

/// <summary>The same demands on name, address and new password wherever a form asks for them.</summary>
internal static class PersonRules
{
    public static IRuleBuilderOptions<T, string?> MustBeName<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Must(PersonDetails.IsName).WithMessage("Enter what you want to be called, in at most 64 characters.");

    public static IRuleBuilderOptions<T, string?> MustBeEmail<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Must(PersonDetails.IsEmail).WithMessage("Enter an e-mail address, such as ada@example.com.");

    public static void MustBeGoodPassword<T>(this IRuleBuilderInitial<T, Secret?> rule, Func<T, string?> email, Func<T, string?> name) => rule
        .Cascade(CascadeMode.Stop)
        .NotNull().WithMessage("Choose a password.")
        .Custom((password, context) =>
        {
            if (PasswordPolicy.Objection(password!, email(context.InstanceToValidate), name(context.InstanceToValidate)) is { } objection)
                context.AddFailure(objection);
        });
}
