using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace Signet.Infrastructure.Identity;

/// <summary>Carries a value through a form of one person for a quarter of an hour: sealed, bound to purpose and person, and nothing is stored.</summary>
internal sealed class TimedSeal(IDataProtectionProvider protection, TimeProvider time)
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(15);
    private const int Longest = 8192;

    public string Seal(string purpose, Guid userId, string value) =>
        Protector(purpose, userId).Protect($"{(time.GetUtcNow() + Life).ToUnixTimeSeconds()}|{value}");

    /// <summary>The value, or null when it is another person's, another purpose's, too old or no seal of ours.</summary>
    public string? Open(string purpose, Guid userId, string? value)
    {
        if (value is not { Length: > 0 and < Longest })
            return null;
        try
        {
            return Protector(purpose, userId).Unprotect(value).Split('|', 2) is [var until, var opened]
                && long.Parse(until, CultureInfo.InvariantCulture) > time.GetUtcNow().ToUnixTimeSeconds() ? opened : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private IDataProtector Protector(string purpose, Guid userId) => protection.CreateProtector("form", purpose, userId.ToString());
}
