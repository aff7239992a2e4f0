using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Signet.Infrastructure.OAuth;

/// <summary>Proof Key for Code Exchange (RFC 7636), with S256 alone.</summary>
internal static class Pkce
{
    private static readonly SearchValues<char> Unreserved =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~");

    /// <summary>A challenge is base64url of 32 bytes: 43 characters (§4.2).</summary>
    public static bool IsChallenge(string? challenge) =>
        challenge is { Length: 43 } && !challenge.AsSpan().ContainsAnyExcept(Unreserved) && challenge.AsSpan().IndexOfAny('.', '~') < 0;

    /// <summary>A verifier is 43 to 128 unreserved characters (§4.1).</summary>
    public static bool IsVerifier(string? verifier) =>
        verifier is { Length: >= 43 and <= 128 } && !verifier.AsSpan().ContainsAnyExcept(Unreserved);

    public static string Challenge(string verifier) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));

    /// <summary>Whether the verifier opens the challenge (§4.6), in constant time.</summary>
    public static bool Matches(string? verifier, string challenge) =>
        IsVerifier(verifier) && CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(Challenge(verifier!)), Encoding.ASCII.GetBytes(challenge));
}
