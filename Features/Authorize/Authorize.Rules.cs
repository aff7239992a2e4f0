using System.Globalization;

namespace Signet.Features;

internal static partial class Authorize
{
    private const int LongestState = 2048;
    private const int LongestNonce = 512;
    private static readonly string[] Prompts = ["none", "login", "consent", "select_account"];

    /// <summary>What an authorization request must satisfy once its client and redirect URI are known, in the order in which it is asked. Objections go to the app.</summary>
    private static readonly Rule<Draft>[] Rules =
    [
        new("no parameter is repeated (RFC 6749 §3.1)", draft => draft.Parameters.Repeated is null ? null : OAuthError.InvalidRequest.Saying("A parameter is repeated.")),
        new("no request object (OIDC Core §6)", draft => draft.Parameters.Has("request") ? OAuthError.RequestNotSupported : null),
        new("no request object by reference (OIDC Core §6)", draft => draft.Parameters.Has("request_uri") ? OAuthError.RequestUriNotSupported : null),
        new("response_type is given (RFC 6749 §3.1.1)", draft => draft.Parameters["response_type"] is null ? OAuthError.InvalidRequest.Saying("response_type is missing; it must be code.") : null),
        new("response_type is code", draft => draft.Parameters["response_type"] == "code" ? null : OAuthError.UnsupportedResponseType),
        new("the client may use the code grant", draft => draft.Client.GrantTypes.Contains("authorization_code") ? null : OAuthError.UnauthorizedClient),
        new("response_mode is query or form_post", draft => draft.Parameters["response_mode"] is null or "query" or "form_post" ? null : OAuthError.InvalidRequest.Saying("response_mode must be query or form_post.")),
        new("state and nonce are of bounded length", draft =>
            draft.Parameters["state"]?.Length > LongestState || draft.Parameters["nonce"]?.Length > LongestNonce
                ? OAuthError.InvalidRequest.Saying($"state may have {LongestState} characters, nonce {LongestNonce}.") : null),
        new("scope is well-formed (RFC 6749 §3.3)", draft => draft.Scopes is null ? OAuthError.InvalidScope.Saying("scope must be a list of scope tokens, separated by spaces.") : null),
        new("the client is registered for the scopes", draft => draft.Scopes!.Except(draft.Client.Scopes).Any()
            ? OAuthError.InvalidScope.Saying("The app is not registered for one of the scopes; add it to the app first.") : null),
        new("PKCE is used where it must be (RFC 9700 §2.1.1)", draft => draft.Parameters["code_challenge"] is null && (draft.Client.RequiresPkce || draft.Client.IsPublic)
            ? OAuthError.InvalidRequest.Saying("code_challenge is missing; this app must use PKCE (RFC 7636).") : null),
        new("PKCE is S256 (RFC 9700 §2.1.1)", draft => draft.Parameters["code_challenge"] is not null && draft.Parameters["code_challenge_method"] != "S256"
            ? OAuthError.InvalidRequest.Saying("code_challenge_method must be S256.") : null),
        new("the challenge is a SHA-256 (RFC 7636 §4.2)", draft => draft.Parameters["code_challenge"] is { } challenge && !Pkce.IsChallenge(challenge)
            ? OAuthError.InvalidRequest.Saying("code_challenge must be the base64url of a SHA-256, 43 characters.") : null),
        new("prompt is known (OIDC Core §3.1.2.1)", draft => draft.Prompt.Except(Prompts).Any() ? OAuthError.InvalidRequest.Saying("prompt has an unknown value.") : null),
        new("prompt=none stands alone (OIDC Core §3.1.2.1)", draft => draft.Prompt.Contains("none") && draft.Prompt.Length > 1
            ? OAuthError.InvalidRequest.Saying("prompt=none cannot be combined with another value.") : null),
        new("max_age is a number of seconds (OIDC Core §3.1.2.1)", draft => draft.Parameters["max_age"] is { } age && !uint.TryParse(age, NumberStyles.None, CultureInfo.InvariantCulture, out _)
            ? OAuthError.InvalidRequest.Saying("max_age must be a number of seconds.") : null),
    ];

    /// <summary>A request whose client and redirect URI are good.</summary>
    private sealed record Draft(Parameters Parameters, Client Client, string RedirectUri)
    {
        public string[]? Scopes { get; } = Parameters["scope"] is { } scope
            ? Infrastructure.OAuth.Scopes.Parse(scope)
            : [.. Client.Scopes.Where(known => known != Infrastructure.OAuth.Scopes.OfflineAccess)];

        public string[] Prompt { get; } = Parameters["prompt"]?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];

        public bool IsSilent => Prompt.Contains("none");

        public TimeSpan? MaxAge => Parameters["max_age"] is { } age ? TimeSpan.FromSeconds(uint.Parse(age, CultureInfo.InvariantCulture)) : null;

        public bool UsesFormPost => Parameters["response_mode"] == "form_post";
    }
}
