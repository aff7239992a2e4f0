using System.Buffers;

namespace Signet.Infrastructure.OAuth;

/// <summary>Scope tokens (RFC 6749 §3.3) and the ones that Signet itself defines.</summary>
internal static class Scopes
{
    public const string OpenId = "openid";
    public const string Profile = "profile";
    public const string Email = "email";
    public const string Address = "address";
    public const string Phone = "phone";
    public const string OfflineAccess = "offline_access";

    /// <summary>Scopes of the management API (<c>/api/v1</c>), whose audience is the issuer.</summary>
    public const string AppsRead = "apps.read";
    public const string AppsWrite = "apps.write";

    /// <summary>Lets an administrator's token do what the administrator may.</summary>
    public const string Admin = "admin";

    /// <summary>Scopes that mean nothing where no person is behind a token.</summary>
    public static readonly string[] AboutPeople = [OpenId, Profile, Email, Address, Phone, OfflineAccess];

    private const int LongestList = 2048;
    private static readonly SearchValues<char> ScopeCharacters =
        SearchValues.Create(string.Concat(Enumerable.Range('!', '~' - '!' + 1).Select(i => (char)i).Where(c => c is not ('"' or '\\'))));

    /// <summary>Signet's own scopes, and what a consent page says of each.</summary>
    public static readonly IReadOnlyDictionary<string, string> OfSignet = new Dictionary<string, string>
    {
        [OpenId] = "Know who you are",
        [Profile] = "See your name and profile",
        [Email] = "See your e-mail address",
        [Address] = "See your postal address",
        [Phone] = "See your phone number",
        [OfflineAccess] = "Keep this access after you sign out",
        [AppsRead] = "See the apps you registered",
        [AppsWrite] = "Register and change apps for you",
        [Admin] = "Administer this installation with your rights",
    };

    public static bool IsToken(string scope) => scope.Length is > 0 and <= 128 && !scope.AsSpan().ContainsAnyExcept(ScopeCharacters);

    /// <summary>The distinct tokens of a space-separated list, in order; null for a list that is not one.</summary>
    public static string[]? Parse(string? list)
    {
        if (string.IsNullOrEmpty(list))
            return [];
        if (list.Length > LongestList)
            return null;
        var scopes = list.Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal).ToArray();
        return scopes.All(IsToken) ? scopes : null;
    }
}
