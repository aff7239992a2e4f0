using System.Text;
using Signet.Infrastructure.Jose;

namespace Signet.Infrastructure.OAuth;

/// <summary>What a request says of its client, before any of it is believed.</summary>
internal readonly record struct ClientClaim(ClientClaim.Ways Way, string? Id, string? Secret = null, Jws? Assertion = null)
{
    private const int LongestHeader = 2048;

    /// <summary>Where the client says who it is. Identifier: in <c>client_id</c> alone, for public clients and those with a certificate.</summary>
    public enum Ways { Identifier, Basic, Post, Assertion }

    /// <summary>Reads the one way that the request uses, or tells what is wrong with it.</summary>
    public static OAuthError? Read(HttpRequest request, Parameters parameters, out ClientClaim claim)
    {
        claim = default;
        var header = request.Headers.Authorization;
        if (header.Count > 1)
            return OAuthError.InvalidRequest.Saying("Authenticate the client once, in one way.");
        var isPosted = parameters.Has("client_secret");
        var isAsserted = parameters.Has("client_assertion") || parameters.Has("client_assertion_type");
        if (header is [{ Length: > 0 } credentials])
        {
            if (!TryReadBasic(credentials, out var id, out var secret))
                return OAuthError.InvalidClient.Because("unreadable Authorization header");
            if (isPosted)
                return OAuthError.InvalidRequest.Saying("Send the client secret in the header or in the body, not in both (RFC 6749 section 2.3).");
            if (isAsserted)
                return OAuthError.InvalidRequest.Saying("Send a client secret or a client assertion, not both (RFC 6749 section 2.3).");
            if (parameters["client_id"] is { } other && other != id)
                return OAuthError.InvalidClient.Because("client_id differs from the Authorization header");
            claim = new(Ways.Basic, id, secret);
            return null;
        }

        if (isAsserted)
            return isPosted
                ? OAuthError.InvalidRequest.Saying("Send a client secret or a client assertion, not both (RFC 6749 section 2.3).")
                : ReadAssertion(parameters, out claim);
        claim = new(isPosted ? Ways.Post : Ways.Identifier, parameters["client_id"], parameters["client_secret"]);
        return null;
    }

    // RFC 7521 §4.2
    private static OAuthError? ReadAssertion(Parameters parameters, out ClientClaim claim)
    {
        claim = default;
        if (parameters["client_assertion"] is not { } text || parameters["client_assertion_type"] is not { } type)
            return OAuthError.InvalidRequest.Saying("client_assertion and client_assertion_type go together.");
        if (type != ClientAssertion.Type)
            return OAuthError.InvalidRequest.Saying($"client_assertion_type must be {ClientAssertion.Type}.");
        var assertion = Jws.Read(text, ClientAssertion.Longest);
        claim = new(Ways.Assertion, parameters["client_id"] ?? assertion?["sub"], Assertion: assertion);
        return null;
    }

    // RFC 6749 §2.3.1: id and secret are form-encoded before they are joined and base64-encoded.
    private static bool TryReadBasic(string header, out string? id, out string? secret)
    {
        (id, secret) = (null, null);
        if (!header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase) || header.Length > LongestHeader)
            return false;
        try
        {
            var pair = Encoding.UTF8.GetString(Convert.FromBase64String(header[6..].Trim()));
            var colon = pair.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0)
                return false;
            id = Decode(pair[..colon]);
            secret = Decode(pair[(colon + 1)..]);
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
