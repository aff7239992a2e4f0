using System.Collections.Frozen;

namespace Signet.Infrastructure.Identity;

/// <summary>
/// What a new password must be: long, not among the common ones, and not made of what everybody knows about the person
/// (NIST SP 800-63B §3.1.1.2). No classes of characters are asked for.
/// </summary>
internal static class PasswordPolicy
{
    public const int Shortest = 12;

    /// <summary>Longer ones are refused before anything is hashed.</summary>
    public const int Longest = 1024;

    public const string TooLong = "Use at most 1,024 characters.";

    /// <summary>Shorter fragments of a name are in too many good passwords to object to.</summary>
    private const int ShortestFragment = 4;

    private static readonly Lazy<FrozenSet<string>> Common = new(ReadCommon);

    /// <summary>What is wrong with the password, in words for the person, or null.</summary>
    public static string? Objection(Secret password, string? email, string? name) => password.Text switch
    {
        { Length: > Longest } => TooLong,
        var text when text.EnumerateRunes().Count() < Shortest => "Use at least 12 characters. Four or five unrelated words make a good password.",
        var text when text.Distinct().Count() < 4 => "This password repeats itself. Choose another.",
        var text when Common.Value.Contains(text.Trim().ToLowerInvariant()) => "This password is among the most common ones. Choose another.",
        var text when Known(email, name).Any(known => text.Contains(known, StringComparison.OrdinalIgnoreCase)) =>
            "Leave your name, your e-mail address and the word Signet out of your password.",
        _ => null,
    };

    private static IEnumerable<string> Known(string? email, string? name) =>
        ((string[])["signet", email?.Split('@')[0] ?? "", name ?? "", .. (name ?? "").Split(' ')]).Where(known => known.Trim().Length >= ShortestFragment);

    private static FrozenSet<string> ReadCommon()
    {
        using var stream = typeof(PasswordPolicy).Assembly.GetManifestResourceStream("common-passwords.txt")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(line => line.ToLowerInvariant()).ToFrozenSet();
    }
}
