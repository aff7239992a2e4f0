using System.Globalization;
using System.Text;

namespace Signet.Infrastructure;

/// <summary>Names that people read on consent pages: nothing invisible, nothing that turns the direction of text around.</summary>
internal static class DisplayName
{
    public const int Longest = 64;

    /// <summary>The name on one line without control, format (bidirectional marks among them) and private characters; null for null.</summary>
    public static string? Clean(string? name)
    {
        if (name is null)
            return null;
        var clean = new StringBuilder(name.Length);
        foreach (var rune in name.EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune))
                clean.Append(clean.Length > 0 && clean[^1] != ' ' ? " " : "");
            else if (IsVisible(rune))
                clean.Append(rune);
        }

        return clean.ToString().TrimEnd();
    }

    /// <summary>The first so many characters, of which none is cut in half: half of one is no text that a database takes.</summary>
    public static string Shorten(string text, int longest) =>
        text.Length <= longest ? text : text[..(char.IsHighSurrogate(text[longest - 1]) ? longest - 1 : longest)];

    /// <summary>Whether a character shows as itself on a line, and leaves the rest of the line as it is.</summary>
    public static bool IsVisible(Rune rune) => rune != Rune.ReplacementChar && Rune.GetUnicodeCategory(rune)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
