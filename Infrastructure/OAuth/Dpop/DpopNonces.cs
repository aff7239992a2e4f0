using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;

namespace Signet.Infrastructure.OAuth.Dpop;

/// <summary>
/// What a proof must repeat to show that it is fresh (RFC 9449 §8): the time it was given, sealed. Nothing is stored, and what
/// one node gave is good on all.
/// </summary>
internal sealed class DpopNonces(IDataProtectionProvider protection, TimeProvider time)
{
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(5);

    private const int Longest = 512;
    private readonly IDataProtector protector = protection.CreateProtector("dpop-nonce");

    public string New()
    {
        var given = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(given, time.GetUtcNow().ToUnixTimeMilliseconds());
        return WebEncoders.Base64UrlEncode(protector.Protect(given));
    }

    /// <summary>From when on the nonce is refused; null where it is now, or is none of ours.</summary>
    public DateTimeOffset? End(string? nonce)
    {
        if (nonce is not { Length: > 0 and <= Longest })
            return null;
        try
        {
            var end = DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(protector.Unprotect(WebEncoders.Base64UrlDecode(nonce)))) + Life;
            return end > time.GetUtcNow() ? end : null;
        }
        catch (Exception exception) when (exception is FormatException or CryptographicException)
        {
            return null;
        }
    }
}
