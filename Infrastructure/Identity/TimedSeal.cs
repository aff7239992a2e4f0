using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace Signet.Infrastructure.Identity;

/// <summary>Carries a value through a form of one person, or through a mail, for a time: sealed, bound to its purpose, and nothing is stored.</summary>
internal sealed class TimedSeal(IDataProtectionProvider protection, TimeProvider time)
{
    private static readonly TimeSpan LifeOfForms = TimeSpan.FromMinutes(15);
    private const int Longest = 8192;

    public string Seal(string purpose, Guid userId, string value) => Seal(ForForm(purpose, userId), value, LifeOfForms);

    /// <summary>The value, or null when it is another person's, another purpose's, too old or no seal of ours.</summary>
    public string? Open(string purpose, Guid userId, string? value) => Open(ForForm(purpose, userId), value);

    /// <summary>For a link in a mail: whoever has it may open it, until it is too old.</summary>
    public string SealForMail(string purpose, string value, TimeSpan life) => Seal(ForMail(purpose), value, life);

    public string? OpenFromMail(string purpose, string? value) => Open(ForMail(purpose), value);

    /// <summary>For a link within one visit: whoever has it may open it, for as long as a form lives.</summary>
    public string SealForLink(string purpose, string value) => Seal(ForLink(purpose), value, LifeOfForms);

    public string? OpenFromLink(string purpose, string? value) => Open(ForLink(purpose), value);

    private string Seal(IDataProtector protector, string value, TimeSpan life) =>
        protector.Protect($"{(time.GetUtcNow() + life).ToUnixTimeSeconds()}|{value}");

    private string? Open(IDataProtector protector, string? value)
    {
        if (value is not { Length: > 0 and < Longest })
            return null;
        try
        {
            return protector.Unprotect(value).Split('|', 2) is [var until, var opened]
                && long.Parse(until, CultureInfo.InvariantCulture) > time.GetUtcNow().ToUnixTimeSeconds() ? opened : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private IDataProtector ForForm(string purpose, Guid userId) => protection.CreateProtector("form", purpose, userId.ToString());

    private IDataProtector ForLink(string purpose) => protection.CreateProtector("link", purpose);

    private IDataProtector ForMail(string purpose) => protection.CreateProtector("link in a mail", purpose);
}
