using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Signet.Features;

/// <summary>
/// A sealed note that travels with an authorization request while the person signs in or consents: since when it waits
/// and what was done for it. It is bound to the request's other parameters and to the browser that it was made in, so it fits
/// no other request, and nobody can prepare one for somebody else.
/// </summary>
internal sealed class Interaction(IDataProtectionProvider protection, IHttpContextAccessor accessor, TimeProvider time)
{
    public const string Parameter = "interaction";
    private const string Cookie = "__Host-signet.interaction";
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);
    private readonly IDataProtector protector = protection.CreateProtector("authorize-interaction");

    /// <param name="Since">When the request first came; a sign-in after it is fresh enough for prompt=login and max_age.</param>
    /// <param name="ConsentedBy">Who has just consented to this very request.</param>
    public sealed record Note(DateTimeOffset Since, Guid? ConsentedBy);

    /// <summary>The parameters of a request that waits at its URL; null for an address that is none.</summary>
    public static Parameters? Waiting(string returnUrl) => returnUrl.StartsWith("/oauth/authorize?", StringComparison.Ordinal) && returnUrl.All(character => character is > ' ' and <= '~')
        ? Parameters.From(QueryHelpers.ParseQuery(returnUrl["/oauth/authorize".Length..]).Select(pair => new KeyValuePair<string, StringValues>(pair.Key, pair.Value)))
        : null;

    /// <summary>The request's own URL with a note for it.</summary>
    public string Url(Parameters parameters, Note note)
    {
        var query = Canonical(parameters);
        var text = string.Create(CultureInfo.InvariantCulture, $"{note.Since.UtcTicks}|{note.ConsentedBy}|{Fingerprint(query)}|{Browser ?? NameBrowser()}");
        return $"/oauth/authorize?{query}&{Parameter}={protector.Protect(text)}";
    }

    /// <summary>The note that came with the request; null when there is none, or it is for another request or too old.</summary>
    public Note? Of(Parameters parameters)
    {
        if (parameters[Parameter] is not { Length: < 2048 } presented)
            return null;
        try
        {
            if (protector.Unprotect(presented).Split('|') is not [var ticks, var consentedBy, var fingerprint, var browser]
                || browser != Browser || fingerprint != Fingerprint(Canonical(parameters)))
                return null;
            var since = new DateTimeOffset(long.Parse(ticks, CultureInfo.InvariantCulture), TimeSpan.Zero);
            return time.GetUtcNow() - since > Longest ? null : new Note(since, Guid.TryParse(consentedBy, out var user) ? user : null);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private HttpContext Http => accessor.HttpContext ?? throw new InvalidOperationException("Authorization requests come over HTTP only.");

    private string? Browser => Http.Items[Cookie] as string ?? (Http.Request.Cookies[Cookie] is { Length: OpaqueValue.SecretLength } name ? name : null);

    private string NameBrowser()
    {
        var name = OpaqueValue.Random(OpaqueValue.SecretLength);
        Http.Items[Cookie] = name; // a second note of the same answer is for the same browser
        Http.Response.Cookies.Append(Cookie, name, new CookieOptions { HttpOnly = true, Secure = true, SameSite = SameSiteMode.Lax, Path = "/", IsEssential = true });
        return name;
    }

    private static string Canonical(Parameters parameters) => string.Join('&', parameters.Names
        .Where(name => name != Parameter)
        .SelectMany(name => (name == "resource" ? parameters.Resources : [parameters[name] ?? ""]).Select(value => $"{Uri.EscapeDataString(name)}={Uri.EscapeDataString(value)}")));

    private static string Fingerprint(string query) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(query)));
}
