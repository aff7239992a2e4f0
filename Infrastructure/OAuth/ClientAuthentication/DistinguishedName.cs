using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Signet.Infrastructure.OAuth;

/// <summary>
/// A subject name as text (RFC 4514), the most specific part first. Names are the same when they have the same parts in the same
/// order, letter by letter, however each is encoded in a certificate.
/// </summary>
internal sealed class DistinguishedName
{
    private static readonly Dictionary<string, string> Types = new(StringComparer.OrdinalIgnoreCase)
    {
        ["CN"] = "2.5.4.3",
        ["SERIALNUMBER"] = "2.5.4.5",
        ["C"] = "2.5.4.6",
        ["L"] = "2.5.4.7",
        ["ST"] = "2.5.4.8",
        ["S"] = "2.5.4.8",
        ["STREET"] = "2.5.4.9",
        ["O"] = "2.5.4.10",
        ["OU"] = "2.5.4.11",
        ["BUSINESSCATEGORY"] = "2.5.4.15",
        ["ORGANIZATIONIDENTIFIER"] = "2.5.4.97",
        ["UID"] = "0.9.2342.19200300.100.1.1",
        ["DC"] = "0.9.2342.19200300.100.1.25",
        ["EMAILADDRESS"] = "1.2.840.113549.1.9.1",
        ["E"] = "1.2.840.113549.1.9.1",
    };

    private readonly List<(string Type, string Value)> parts = [];

    /// <summary>Null for what is no such name, or one with several values in a part (<c>+</c>) or values in hexadecimal (<c>#</c>).</summary>
    public static DistinguishedName? Parse(string text)
    {
        var name = new DistinguishedName();
        var at = 0;
        do
        {
            var equals = text.IndexOf('=', at);
            if (equals < 0 || TypeOf(text[at..equals].Trim()) is not { } type || ReadValue(text, equals + 1, out at) is not { Length: > 0 } value)
                return null;
            name.parts.Add((type, value));
        }
        while (at++ < text.Length);
        return name;
    }

    public bool Is(X500DistinguishedName subject)
    {
        var i = 0;
        foreach (var part in subject.EnumerateRelativeDistinguishedNames(reversed: true))
        {
            if (i == parts.Count || part.HasMultipleElements || part.GetSingleElementType().Value != parts[i].Type || part.GetSingleElementValue() != parts[i].Value)
                return false;
            i++;
        }

        return i == parts.Count;
    }

    private static string? TypeOf(string text) =>
        Types.GetValueOrDefault(text) ?? (text.Contains('.', StringComparison.Ordinal) && text.All(character => char.IsAsciiDigit(character) || character == '.') ? text : null);

    // §2.4 and §3: a comma ends the value; a backslash goes before a special character, or before the two digits of a byte.
    private static string? ReadValue(string text, int from, out int end)
    {
        var bytes = new List<byte>();
        var kept = 0; // blanks at the end count where they were escaped
        end = from;
        for (; end < text.Length && text[end] != ','; end++)
        {
            var character = text[end];
            if (character == '\\')
            {
                if (end + 2 < text.Length && byte.TryParse(text.AsSpan(end + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
                {
                    bytes.Add(code);
                    end += 2;
                }
                else if (end + 1 < text.Length && " \"#+,;<=>\\".Contains(text[end + 1], StringComparison.Ordinal))
                {
                    bytes.Add((byte)text[++end]);
                }
                else
                {
                    return null;
                }

                kept = bytes.Count;
            }
            else if (character is '"' or '+' or ';' or '<' or '>' or '\0' || (character == '#' && bytes.Count == 0))
            {
                return null;
            }
            else if (character != ' ' || bytes.Count > 0)
            {
                var pair = char.IsHighSurrogate(character) && end + 1 < text.Length ? 2 : 1;
                bytes.AddRange(Encoding.UTF8.GetBytes(text, end, pair));
                end += pair - 1;
                if (character != ' ')
                    kept = bytes.Count;
            }
        }

        return Encoding.UTF8.GetString([.. bytes.Take(kept)]);
    }
}
