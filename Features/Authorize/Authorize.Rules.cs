using System.Globalization;

namespace Signet.Features;

internal static partial class Authorize
{
    private const int LongestNonce = 512;
    private const string Code = "code";
    private const string Hybrid = "code id_token";
    private static readonly string[] Prompts = ["none", "login", "consent", "select_account", "create"];

    /// <summary>What an authorization request must satisfy once its client and redirect URI are known, in the order in which it is asked. Objections go to the app.</summary>
    private static readonly Rule<Draft>[] Rules =
    [
        new("no parameter is repeated (RFC 6749 §3.1)", draft => draft.Parameters.Repeated is null ? null : OAuthError.InvalidRequest.Saying("A parameter is repeated.")),
        new("response_type is given (RFC 6749 §3.1.1)", draft => draft.Parameters["response_type"] is null ? OAuthError.InvalidRequest.Saying("response_type is missing; it must be code.") : null),
        new("response_type is code, or code id_token where the app is switched to it", draft => draft.ResponseType is null ? OAuthError.UnsupportedResponseType : null),
        new("the client is registered for the response type (RFC 7591 §2)", draft => draft.ResponseType == Code && draft.Client.Settings.ResponseTypes?.Contains(Code) == false ? OAuthError.UnauthorizedClient : null),
        new("the client may use the code grant", draft => draft.Client.GrantTypes.Contains("authorization_code") ? null : OAuthError.UnauthorizedClient),
        new("response_mode is known, fits and is one of the app's (Multiple Response Types §2.1, JARM §2.3)", draft => draft.Mode is null
            ? OAuthError.InvalidRequest.Saying($"response_mode must be one of {string.Join(", ", ResponseMode.AllowedTo(draft.Client.Settings))}; an ID token does not go into a query.") : null),
        new("state and nonce are of bounded length", draft =>
            draft.Parameters.HasTooLongState || draft.Parameters["nonce"]?.Length > LongestNonce
                ? OAuthError.InvalidRequest.Saying($"state may have {Parameters.LongestState} characters, nonce {LongestNonce}.") : null),
        new("scope is well-formed (RFC 6749 §3.3)", draft => draft.Scopes is null ? OAuthError.InvalidScope.Saying("scope must be a list of scope tokens, separated by spaces.") : null),
        new("the client is registered for the scopes", draft => draft.Scopes!.Except(draft.Client.Scopes).Any()
            ? OAuthError.InvalidScope.Saying("The app is not registered for one of the scopes; add it to the app first.") : null),
        new("an ID token beside the code has openid and a nonce (OIDC Core §3.3.2.11)", draft => draft.IsHybrid && (draft.Parameters["nonce"] is null || !draft.Scopes!.Contains(Scopes.OpenId))
            ? OAuthError.InvalidRequest.Saying("response_type code id_token needs a nonce and the scope openid.") : null),
        new("PKCE is S256 (RFC 9700 §2.1.1)", draft => draft.Parameters["code_challenge"] is not null && draft.Parameters["code_challenge_method"] != "S256"
            ? OAuthError.InvalidRequest.Saying("code_challenge_method must be S256.") : null),
        new("the challenge is a SHA-256 (RFC 7636 §4.2)", draft => draft.Parameters["code_challenge"] is { } challenge && !Pkce.IsChallenge(challenge)
            ? OAuthError.InvalidRequest.Saying("code_challenge must be the base64url of a SHA-256, 43 characters.") : null),
        new("prompt is known (OIDC Core §3.1.2.1)", draft => draft.Prompt.Except(Prompts).Any() ? OAuthError.InvalidRequest.Saying("prompt has an unknown value.") : null),
        new("prompt=none stands alone (OIDC Core §3.1.2.1)", draft => draft.Prompt.Contains("none") && draft.Prompt.Length > 1
            ? OAuthError.InvalidRequest.Saying("prompt=none cannot be combined with another value.") : null),
        new("max_age is a number of seconds (OIDC Core §3.1.2.1)", draft => draft.Parameters["max_age"] is { } age && !uint.TryParse(age, NumberStyles.None, CultureInfo.InvariantCulture, out _)
            ? OAuthError.InvalidRequest.Saying("max_age must be a number of seconds.") : null),
        new("claims is well-formed (OIDC Core §5.5)", draft => draft.Claims is null ? OAuthError.InvalidRequest.Saying("claims must be a JSON object with id_token and userinfo, of at most 4 KiB.") : null),
        new("authorization_details is well-formed (RFC 9396 §2)", draft => draft.Parameters["authorization_details"] is not null && draft.Details is null
            ? OAuthError.InvalidAuthorizationDetails.Saying("authorization_details must be a JSON list of 1 to 20 objects with a type, of at most 8 KiB.") : null),
        new("acr_values is of bounded length", draft => draft.Parameters["acr_values"]?.Length > LongestNonce ? OAuthError.InvalidRequest.Saying($"acr_values may have {LongestNonce} characters.") : null),
        new("an essential acr is one that can be reached (OIDC Core §5.5.1.1)", draft => draft.Claims!.Acr?.IsHopeless == true ? OAuthError.UnmetAuthenticationRequirements : null),
        new("dpop_jkt is a SHA-256 (RFC 9449 §10)", draft => draft.Parameters["dpop_jkt"] is { } thumbprint && !Pkce.IsChallenge(thumbprint)
            ? OAuthError.InvalidRequest.Saying("dpop_jkt must be the base64url of a SHA-256, 43 characters.") : null),
    ];

    /// <summary>A request whose client and redirect URI are good.</summary>
    internal sealed record Draft(Parameters Parameters, Client Client, string RedirectUri)
    {
        public string[]? Scopes { get; } = Parameters["scope"] is { } scope
            ? Infrastructure.OAuth.Scopes.Parse(scope)
            : [.. OpenClients.DefaultScopes(Client, namesApis: Parameters.Resources is not [])];

        public string[] Prompt { get; } = Parameters["prompt"]?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];

        public AuthorizationDetails? Details { get; } = Parameters["authorization_details"] is { } details ? AuthorizationDetails.Parse(details) : null;

        public bool IsSilent => Prompt.Contains("none");

        public TimeSpan? MaxAge => Parameters["max_age"] is { } age ? TimeSpan.FromSeconds(uint.Parse(age, CultureInfo.InvariantCulture))
            : Client.Settings.DefaultMaxAge is { } usual ? TimeSpan.FromSeconds(usual) : null;

        /// <summary>What is asked for one by one, <c>acr_values</c> included; null where it is malformed.</summary>
        public RequestedClaims? Claims { get; } = RequestedClaims.Parse(Parameters["claims"])?.For(Client).Asking(
            (Parameters["acr_values"]?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? Client.Settings.DefaultAcrValues) is { Length: > 0 } values ? new AcrDemand(values, IsEssential: false) : null);

        /// <summary>The response type, its words in any order (Multiple Response Types §3); null for one that is not served to this client.</summary>
        public string? ResponseType { get; } = Parameters["response_type"]?.Split(' ') switch
        {
            [Code] => Code,
            [Code, "id_token"] or ["id_token", Code] when !Client.Settings.IsFapi && Client.Settings.ResponseTypes?.Contains(Hybrid) == true => Hybrid,
            _ => null,
        };

        public bool IsHybrid => ResponseType == Hybrid;

        public ResponseMode? Mode => ResponseMode.Of(Parameters["response_mode"], IsHybrid, Client.Settings);

        /// <summary>Where the answer goes; when the mode itself is wrong, by the default one.</summary>
        public Destination To => new(Client, RedirectUri, Parameters["state"], Mode ?? ResponseMode.Default(IsHybrid, Client.Settings));
    }
}
