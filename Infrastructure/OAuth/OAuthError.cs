namespace Signet.Infrastructure.OAuth;

/// <summary>
/// A refusal in the words of the specifications. <paramref name="Description"/> is sent to the caller and says what to do;
/// <paramref name="Reason"/>, where it differs, stays in our log.
/// </summary>
internal sealed record OAuthError(string Code, string Description, int Status = 400, string? Reason = null)
{
    // RFC 6749 §4.1.2.1 and §5.2
    public static readonly OAuthError InvalidRequest = new("invalid_request", "The request is missing a parameter, repeats one, or is malformed.");
    public static readonly OAuthError InvalidClient = new("invalid_client", "The client is unknown, or its credentials are wrong, expired or sent in a way it is not registered for.", 401);
    public static readonly OAuthError InvalidGrant = new("invalid_grant", "The code or token is invalid, expired, revoked, was used before, or was issued to another client.");
    public static readonly OAuthError UnauthorizedClient = new("unauthorized_client", "This client is not registered for what it asks.");
    public static readonly OAuthError UnsupportedGrantType = new("unsupported_grant_type", "grant_type must be one of those in grant_types_supported of the metadata.");
    public static readonly OAuthError UnsupportedResponseType = new("unsupported_response_type", "response_type must be code, or code id_token where the app is registered for it.");
    public static readonly OAuthError InvalidScope = new("invalid_scope", "The scope is unknown, malformed, or more than this client or this grant may have.");
    public static readonly OAuthError AccessDenied = new("access_denied", "The person or the server refused the request.");

    // RFC 8707 §2, RFC 7009 §2.2.1
    public static readonly OAuthError InvalidTarget = new("invalid_target", "The resource is unknown, malformed, or not one that this grant covers.");

    // OpenID Connect Core §3.1.2.6
    public static readonly OAuthError LoginRequired = new("login_required", "The person has to sign in, and prompt=none forbids asking.");
    public static readonly OAuthError ConsentRequired = new("consent_required", "The person has to give consent, and prompt=none forbids asking.");
    public static readonly OAuthError InteractionRequired = new("interaction_required", "The person has to do something first, and prompt=none forbids asking.");
    public static readonly OAuthError RequestUriNotSupported = new("request_uri_not_supported", "request_uri must be one that the pushed authorization request endpoint gave, or exactly one of those that the app registered.");
    public static readonly OAuthError UnmetAuthenticationRequirements = new("unmet_authentication_requirements", "The person cannot be authenticated as the request demands; see acr_values_supported in the metadata.");

    // RFC 9101 §7, RFC 9396 §5
    public static readonly OAuthError InvalidRequestObject = new("invalid_request_object", "The request object is malformed, unsigned, expired, for another server, or not signed with a key of this client.");
    public static readonly OAuthError InvalidRequestUri = new("invalid_request_uri", "The request_uri is unknown, expired, used, or of another client.");
    public static readonly OAuthError InvalidAuthorizationDetails = new("invalid_authorization_details", "authorization_details is malformed, or has a type that is unknown or that this client is not registered for.");

    // RFC 8628 §3.5
    public static readonly OAuthError AuthorizationPending = new("authorization_pending", "The person has not decided yet; ask again after the interval.");
    public static readonly OAuthError PollsTooFast = new("slow_down", "The last poll is too recent; from now on wait five seconds longer between two.");
    public static readonly OAuthError ExpiredToken = new("expired_token", "Nobody decided in time; ask for a new code.");

    // OpenID Connect CIBA §13
    public static readonly OAuthError UnknownUserId = new("unknown_user_id", "The hint names nobody who could be asked.");
    public static readonly OAuthError InvalidBindingMessage = new("invalid_binding_message", "binding_message may have 64 visible characters.");

    // RFC 7591 §3.2.2
    public static readonly OAuthError InvalidRedirectUri = new("invalid_redirect_uri", "One of the redirect URIs cannot be registered.");
    public static readonly OAuthError InvalidClientMetadata = new("invalid_client_metadata", "One of the members cannot be registered.");
    public static readonly OAuthError InvalidSoftwareStatement = new("invalid_software_statement", "The software statement is malformed, expired, for another server, or not signed by its issuer.");
    public static readonly OAuthError UnapprovedSoftwareStatement = new("unapproved_software_statement", "The issuer of the software statement is not one that this server trusts.");

    // RFC 6750 §3.1
    public static readonly OAuthError InvalidToken = new("invalid_token", "The access token is missing, malformed, expired, revoked, or meant for another API.", 401);
    public static readonly OAuthError InsufficientScope = new("insufficient_scope", "The access token lacks the scope that this needs.", 403);

    // RFC 9449 §5 and §8; at a resource with the status 401
    public static readonly OAuthError InvalidDpopProof = new("invalid_dpop_proof", "The DPoP proof is missing, malformed, or was made for another request.");
    public static readonly OAuthError UseDpopNonce = new("use_dpop_nonce", "Put the value of the header DPoP-Nonce as nonce into a new proof, and ask again.");

    public static readonly OAuthError SlowDown = new("temporarily_unavailable", "Too many attempts. Wait for the time in Retry-After and try again.", 429);
    public static readonly OAuthError TemporarilyUnavailable = new("temporarily_unavailable", "The server cannot answer right now. Nothing was lost; try again shortly.", 503);
    public static readonly OAuthError ServerError = new("server_error", "Something went wrong on the server. Quote the reference to its operator.", 500);

    /// <summary>The same error with a sentence that fits the case; sent to the caller (RFC 6749 §5.2: printable ASCII without quote and backslash).</summary>
    public OAuthError Saying(string description) => this with { Description = description };

    /// <summary>The same error with what the log should know and the caller should not.</summary>
    public OAuthError Because(string reason) => this with { Reason = reason };
}
