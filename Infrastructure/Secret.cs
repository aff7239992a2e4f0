using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Signet.Infrastructure;

/// <summary>A password, code or token in the clear. It binds from a form like a string, and it cannot be printed by accident.</summary>
internal sealed record Secret(string Text) : IParsable<Secret>
{
    /// <summary>SHA-256, 32 bytes. For random values of 128 bits and more; passwords go through Identity's hasher.</summary>
    public byte[] Hash() => SHA256.HashData(Encoding.UTF8.GetBytes(Text));

    public override string ToString() => "***";

    public static Secret Parse(string s, IFormatProvider? provider) => new(s);

    // Null for an empty field, so that the validator's sentence appears and not the framework's.
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out Secret result)
    {
        result = string.IsNullOrEmpty(s) ? null : new Secret(s);
        return result is not null;
    }
}
