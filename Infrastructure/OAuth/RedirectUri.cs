using System.Text.RegularExpressions;

namespace Signet.Infrastructure.OAuth;

/// <summary>Which redirect URIs may be registered, and when a request's URI is a registered one (RFC 9700 §2.1, RFC 8252 §7).</summary>
internal static partial class RedirectUri
{
    private const int Longest = 2000;
    private const string NotPlain = "must have a plain lower-case host name, and an IP address as it is usually written";

    /// <summary>Says in a sentence why a URI cannot be registered, or null.</summary>
    public static string? Objection(string uri, ClientKind kind)
    {
        if (uri.Length is 0 or > Longest)
            return $"must have 1 to {Longest} characters";
        if (uri.Any(character => character is <= ' ' or > '~' or '"' or '<' or '>' or '\\' or '^' or '`' or '{' or '|' or '}'))
            return "may only have printable ASCII characters without spaces; write an international host name in its xn-- form";
        if (uri.Contains('*', StringComparison.Ordinal))
            return "may not have a wildcard; list each URI";
        if (uri.Contains('#', StringComparison.Ordinal))
            return "may not have a fragment (#…)";
        if (!Uri.TryCreate(uri, UriKind.Absolute, out var parsed) || !Scheme().IsMatch(uri))
            return "must be an absolute URI such as https://app.example.com/callback";
        if (parsed.UserInfo.Length > 0 || AuthorityOf(uri).Contains('@', StringComparison.Ordinal))
            return "may not have a user name or password";
        if (DotSegment().IsMatch(uri))
            return "may not have . or .. path segments, in any encoding";
        return parsed.Scheme switch
        {
            "https" when parsed.Host.Length > 0 => AuthorityIsPlain(uri, parsed) ? null : NotPlain,
            "http" when IsLoopback(parsed) => AuthorityIsPlain(uri, parsed) ? null : NotPlain,
            "http" => "must be https; http is only for loopback addresses such as http://127.0.0.1/callback",
            _ when kind != ClientKind.Native => "must be https, or http on a loopback address; other schemes are for mobile and desktop apps",
            var scheme when !scheme.Contains('.', StringComparison.Ordinal) => "must use a scheme in reverse domain order, such as com.example.app:/callback (RFC 8252 §7.1)",
            _ => null,
        };
    }

    /// <summary>Exact comparison, character by character; for a registered loopback IP literal any port will do (RFC 8252 §7.3).</summary>
    public static bool Matches(string registered, string requested)
    {
        if (string.Equals(registered, requested, StringComparison.Ordinal))
            return true;
        if (LoopbackParts().Match(registered) is not { Success: true } known || LoopbackParts().Match(requested) is not { Success: true } asked)
            return false;
        return known.Groups["host"].ValueSpan.SequenceEqual(asked.Groups["host"].ValueSpan)
            && known.Groups["rest"].ValueSpan.SequenceEqual(asked.Groups["rest"].ValueSpan)
            && (asked.Groups["port"].Length == 0 || (int.TryParse(asked.Groups["port"].ValueSpan, out var port) && port is > 0 and < 65536));
    }

    public static bool IsRegistered(Client client, string uri) =>
        uri.Length <= Longest && client.RedirectUris.Any(registered => Matches(registered, uri) || (client.Origin == ClientOrigin.Document && MatchesLocalhost(registered, uri)));

    /// <summary>True for an address that only the person's own machine can answer.</summary>
    public static bool IsLoopback(string uri) => Uri.TryCreate(uri, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" && IsLoopback(parsed);

    // A document is the same for everybody who runs the program, so it cannot name the port that is free on one machine.
    private static bool MatchesLocalhost(string registered, string requested) =>
        registered.StartsWith(Localhost, StringComparison.Ordinal) && requested.StartsWith(Localhost, StringComparison.Ordinal)
        && Matches(LocalhostAsAddress(registered), LocalhostAsAddress(requested));

    private const string Localhost = "http://localhost";

    private static string LocalhostAsAddress(string uri) => "http://127.0.0.1" + uri[Localhost.Length..];

    /// <summary>What a Content-Security-Policy calls the place that the URI leads to: its origin, or the scheme of a native app.</summary>
    public static string CspSource(string uri) =>
        Uri.TryCreate(uri, UriKind.Absolute, out var parsed) && parsed.Scheme is "https" or "http"
            ? uri.Split('/') is [var scheme, "", var authority, ..] ? $"{scheme}//{authority.Split('?')[0]}" : "'none'"
            : uri[..(uri.IndexOf(':', StringComparison.Ordinal) + 1)];

    private static bool IsLoopback(Uri uri) => uri.Host is "127.0.0.1" or "[::1]" or "localhost";

    // The host as written is the host that is meant: 0x7f.1 and 2130706433 are 127.0.0.1 to some readers and a name to others.
    private static bool AuthorityIsPlain(string uri, Uri parsed) =>
        uri.StartsWith(parsed.Scheme + "://", StringComparison.Ordinal) && AuthorityOf(uri) is var authority && PlainAuthority().IsMatch(authority)
        && (authority == parsed.Host || authority.StartsWith(parsed.Host + ":", StringComparison.Ordinal));

    private static string AuthorityOf(string uri)
    {
        var start = uri.IndexOf("://", StringComparison.Ordinal);
        if (start < 0)
            return "";
        var rest = uri[(start + 3)..];
        var end = rest.IndexOfAny(['/', '?']);
        return end < 0 ? rest : rest[..end];
    }

    [GeneratedRegex(@"^[a-z][a-z0-9+.-]*:", RegexOptions.NonBacktracking)]
    private static partial Regex Scheme();

    [GeneratedRegex(@"^(?:[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::[1-9][0-9]{0,4})?$", RegexOptions.NonBacktracking)]
    private static partial Regex PlainAuthority();

    [GeneratedRegex(@"/(?:\.|%2e){1,2}(?:;[^/?]*)?(?:[/?]|%2f|%5c|$)|(?:%2f|%5c)(?:\.|%2e){1,2}|%25(?:2e|2f|5c)", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex DotSegment();

    [GeneratedRegex(@"^http://(?<host>127\.0\.0\.1|\[::1\])(?::(?<port>[0-9]{1,5}))?(?<rest>[/?][!-~]*)?$", RegexOptions.NonBacktracking)]
    private static partial Regex LoopbackParts();
}
