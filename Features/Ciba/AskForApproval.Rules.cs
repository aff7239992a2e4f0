using System.Buffers;
using System.Globalization;

namespace Signet.Features;

internal static partial class AskForApproval
{
    private const int LongestMessage = 64;
    private const int LongestNotificationToken = 1024;
    private const int LongestAcrValues = 512;
    private static readonly string[] Hints = ["login_hint", "id_token_hint", "login_hint_token"];

    // RFC 6750 §2.1: what can stand behind "Bearer".
    private static readonly SearchValues<char> TokenCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=");

    // What proves the client goes beside a signed request (CIBA §7.1.1).
    private static readonly string[] BesideSigned = ["request", "client_id", "client_secret", "client_assertion", "client_assertion_type"];

    /// <summary>What is asked before a signed request is opened (CIBA §7.1.1).</summary>
    private static readonly Rule<Request>[] FirstRules =
    [
        new("the client may ask people this way", request => request.Client.GrantTypes.Contains(GrantTypes.Ciba) && !request.Client.IsPublic
            ? null : OAuthError.UnauthorizedClient.Saying($"This client is not registered for grant_type {GrantTypes.Ciba}.")),
        new("who registered to sign requests signs them", request => SigningAlgorithm(request) is not null && !request.Parameters.Has("request")
            ? OAuthError.InvalidRequest.Saying("This client signs its authentication requests (backchannel_authentication_request_signing_alg); send them as request.") : null),
        new("who did not register to sign requests does not", request => SigningAlgorithm(request) is null && request.Parameters.Has("request")
            ? OAuthError.InvalidRequest.Saying("This client is not registered for signed authentication requests; add backchannel_authentication_request_signing_alg, or send the parameters themselves.") : null),
        new("nothing is beside a signed request but what proves the client", request => request.Parameters.Has("request") && request.Parameters.Names.Except(BesideSigned).Any()
            ? OAuthError.InvalidRequest.Saying("Put all parameters into the signed request; beside it may be those alone that prove the client.") : null),
    ];

    /// <summary>What an authentication request must satisfy, in the order in which it is asked (CIBA §7.2).</summary>
    private static readonly Rule<Request>[] Rules =
    [
        new("openid is asked for (CIBA §7.1)", request => Scopes.Parse(request.Parameters["scope"])?.Contains(Scopes.OpenId) == true ? null : OAuthError.InvalidScope.Saying("scope must have openid.")),
        new("there is exactly one hint (CIBA §7.1)", request => Hints.Count(request.Parameters.Has) == 1 ? null : OAuthError.InvalidRequest.Saying("Send exactly one of login_hint and id_token_hint.")),
        new("the hint is no login_hint_token", request => request.Parameters.Has("login_hint_token") ? OAuthError.InvalidRequest.Saying("login_hint_token is not supported; send login_hint or id_token_hint.") : null),
        new("binding_message is short and visible (CIBA §13)", request => request.Parameters["binding_message"] is { } message && !IsMessage(message) ? OAuthError.InvalidBindingMessage : null),
        new("acr_values is of bounded length", request => request.Parameters["acr_values"]?.Length > LongestAcrValues ? OAuthError.InvalidRequest.Saying($"acr_values may have {LongestAcrValues} characters.") : null),
        new("requested_expiry is a number of seconds (CIBA §7.1)", request => request.Parameters["requested_expiry"] is { } expiry
            && !(int.TryParse(expiry, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0) ? OAuthError.InvalidRequest.Saying("requested_expiry must be a positive number of seconds.") : null),
        new("an app that is told has a token to be told with (CIBA §7.1)", request => Pings(request.Client)
            && !(request.Parameters["client_notification_token"] is { Length: <= LongestNotificationToken } token && !token.AsSpan().ContainsAnyExcept(TokenCharacters))
            ? OAuthError.InvalidRequest.Saying("client_notification_token is missing or not a bearer token of at most 1024 characters (RFC 6750 section 2.1).") : null),
    ];

    private static string? SigningAlgorithm(Request request) => request.Client.Settings.BackchannelAuthenticationRequestSigningAlg;

    private static bool Pings(Client client) => client.Settings.BackchannelTokenDeliveryMode == "ping";

    private static bool IsMessage(string message)
    {
        var runes = message.EnumerateRunes().ToArray();
        return runes.Length <= LongestMessage && runes.All(DisplayName.IsVisible) && !string.IsNullOrWhiteSpace(message);
    }
}
