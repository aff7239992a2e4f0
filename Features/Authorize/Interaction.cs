using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;

namespace Signet.Features;

/// <summary>
/// A sealed note that travels with an authorization request while the person signs in or consents: since when it waits
/// and what was done for it. It is bound to the request's other parameters, so it fits no other request.
/// </summary>
internal sealed class Interaction(IDataProtectionProvider protection, TimeProvider time)
{
    public const string Parameter = "interaction";
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);
    private readonly IDataProtector protector = protection.CreateProtector("authorize-interaction");

    /// <param name="Since">When the request first came; a sign-in after it is fresh enough for prompt=login and max_age.</param>
    /// <param name="ConsentedBy">Who has just consented to this very request.</param>
    public sealed record Note(DateTimeOffset Since, Guid? ConsentedBy);

    /// <summary>The request's own URL with a note for it.</summary>
    public string Url(Parameters parameters, Note note)
    {
        var query = Canonical(parameters);
        var text = string.Create(CultureInfo.InvariantCulture, $"{note.Since.UtcTicks}|{note.ConsentedBy}|{Fingerprint(query)}");
        return $"/oauth/authorize?{query}&{Parameter}={protector.Protect(text)}";
    }

    /// <summary>The note that came with the request; null when there is none, or it is for another request or too old.</summary>
    public Note? Of(Parameters parameters)
    {
        if (parameters[Parameter] is not { Length: < 2048 } presented)
            return null;
        try
        {
            if (protector.Unprotect(presented).Split('|') is not [var ticks, var consentedBy, var fingerprint] || fingerprint != Fingerprint(Canonical(parameters)))
                return null;
            var since = new DateTimeOffset(long.Parse(ticks, CultureInfo.InvariantCulture), TimeSpan.Zero);
            return time.GetUtcNow() - since > Longest ? null : new Note(since, Guid.TryParse(consentedBy, out var user) ? user : null);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static string Canonical(Parameters parameters) => string.Join('&', parameters.Names
        .Where(name => name != Parameter)
        .SelectMany(name => (name == "resource" ? parameters.Resources : [parameters[name] ?? ""]).Select(value => $"{Uri.EscapeDataString(name)}={Uri.EscapeDataString(value)}")));

    private static string Fingerprint(string query) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(query)));
}
