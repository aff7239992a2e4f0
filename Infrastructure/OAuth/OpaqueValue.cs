using System.Security.Cryptography;
using System.Text;

namespace Signet.Infrastructure.OAuth;

/// <summary>
/// Random values that people and apps carry around: a type prefix, 43 characters of base 62 (256 bits), and a checksum of six.
/// Scanners find leaked ones by the prefix, and garbage is refused without asking the database.
/// </summary>
internal static class OpaqueValue
{
    public const string AccessToken = "sgt_";
    public const string RefreshToken = "sgr_";
    public const string PersonalToken = "sgp_";
    public const string ClientSecret = "sgs_";
    public const string DeviceCode = "sgd_";

    /// <summary>An initial access token (RFC 7591 §3): registers apps.</summary>
    public const string InitialAccess = "sgi_";

    /// <summary>A registration access token (RFC 7592 §3): manages the registration of one app.</summary>
    public const string RegistrationAccess = "sga_";

    /// <summary>The <c>auth_req_id</c> of CIBA.</summary>
    public const string AuthenticationRequest = "sgb_";

    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    public const int SecretLength = 43;
    private const int ChecksumLength = 6;

    public static Secret New(string prefix) => Seal(prefix, Random(SecretLength));

    /// <summary>Characters of base 62, 5.95 bits each.</summary>
    public static string Random(int length) => RandomNumberGenerator.GetString(Alphabet, length);

    /// <summary>Puts prefix and checksum around a body.</summary>
    public static Secret Seal(string prefix, string body) => new(prefix + body + Checksum(prefix + body));

    /// <summary>The body between prefix and checksum, or null for anything that was never one of ours.</summary>
    public static string? Open(string prefix, string value, int bodyLength = SecretLength)
    {
        if (value.Length != prefix.Length + bodyLength + ChecksumLength || !value.StartsWith(prefix, StringComparison.Ordinal))
            return null;
        var sealedPart = value[..^ChecksumLength];
        return value.EndsWith(Checksum(sealedPart), StringComparison.Ordinal) ? sealedPart[prefix.Length..] : null;
    }

    /// <summary>Base 62 characters from uniformly random bytes, each of equal chance; three bytes a character are plenty.</summary>
    public static string FromBytes(ReadOnlySpan<byte> bytes, int length)
    {
        Span<char> text = stackalloc char[length];
        var filled = 0;
        foreach (var value in bytes)
        {
            if (filled == length)
                break;
            if (value < 248) // 4 × 62: above it the characters would not be of equal chance
                text[filled++] = Alphabet[value % 62];
        }

        return filled == length ? new string(text) : throw new ArgumentException("too few bytes", nameof(bytes));
    }

    private static string Checksum(string text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.ASCII.GetBytes(text), hash);
        return FromBytes(hash, ChecksumLength);
    }
}
