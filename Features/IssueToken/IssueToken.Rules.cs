namespace Signet.Features;

internal static partial class IssueToken
{
    private const int LongestValue = 24 * 1024;

    /// <summary>What every token request must satisfy, in the order in which it is asked.</summary>
    private static readonly Rule<Request>[] Rules =
    [
        new("grant_type is given", request => request.Parameters["grant_type"] is null ? OAuthError.InvalidRequest.Saying("grant_type is missing.") : null),
        new("values are of bounded length", request => request.Parameters.Names.Any(name => request.Parameters[name]?.Length > LongestValue) ? OAuthError.InvalidRequest.Saying("A parameter is too long.") : null),
        new("scope is well-formed (RFC 6749 §3.3)", request => Scopes.Parse(request.Parameters["scope"]) is null ? OAuthError.InvalidScope.Saying("scope must be a list of scope tokens, separated by spaces.") : null),
    ];
}
