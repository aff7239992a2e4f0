using Microsoft.Extensions.Primitives;
using Signet.Infrastructure.Jose;

namespace Signet.Infrastructure.OAuth.Dpop;

/// <summary>A proof that its sender holds a key (RFC 9449 §4.2): signed by the key in its own header, and not yet judged by what it says.</summary>
internal sealed class DpopProof
{
    /// <summary>The algorithms of proofs; RS256 is not among them (FAPI 2.0 Security Profile §5.4.1).</summary>
    public static readonly string[] Algorithms = [.. SigningAlgorithms.All.Except([SigningAlgorithms.Rs256])];

    private const string ProofType = "dpop+jwt";
    private const int Longest = 8 * 1024;
    private readonly Jws jws;

    private DpopProof(Jws jws, string thumbprint) => (this.jws, Thumbprint) = (jws, thumbprint);

    /// <summary>The thumbprint of the key (RFC 9449 §6.1).</summary>
    public string Thumbprint { get; }
    public string? Id => jws["jti"];
    public string? Method => jws["htm"];
    public string? Target => jws["htu"];
    public string? AccessTokenHash => jws["ath"];
    public string? Nonce => jws["nonce"];
    public DateTimeOffset? IssuedAt => jws.Time("iat");

    /// <summary>Whether <c>nbf</c> and <c>exp</c>, where they are given, let the proof be used at this moment, give or take the skew.</summary>
    public bool IsUsable(DateTimeOffset now, TimeSpan skew) =>
        jws.HasBegun(now + skew) && (!jws.Payload.TryGetProperty("exp", out _) || jws.Time("exp") > now - skew);

    /// <summary>The proof of the one DPoP header, or null and why it is none (RFC 9449 §4.3, 1 to 7).</summary>
    public static DpopProof? Read(StringValues headers, out OAuthError? objection)
    {
        var text = headers is [var only] ? only : null;
        var why = Read(text, out var proof);
        objection = why is null ? null : OAuthError.InvalidDpopProof.Saying(why);
        return proof;
    }

    private static string? Read(string? text, out DpopProof? proof)
    {
        proof = null;
        if (text is null)
            return "Send one DPoP header.";
        if (Jws.Read(text, Longest) is not { } jws)
            return "The DPoP header must be a signed JWT of at most 8192 characters.";
        if (jws.Type != ProofType)
            return "typ of the proof must be dpop+jwt.";
        if (!Algorithms.Contains(jws.Algorithm))
            return $"alg of the proof must be one of {string.Join(", ", Algorithms)}.";
        if (!jws.Header.TryGetProperty("jwk", out var jwk))
            return "The header of the proof must have the public key in jwk.";
        using var key = PublicJwk.Read(jwk, out var objection);
        if (key is null)
            return $"jwk of the proof: {objection}";
        if (!jws.IsSignedBy(key, Algorithms))
            return "The proof is not signed by the key in its jwk.";
        proof = new DpopProof(jws, key.Thumbprint);
        return null;
    }
}
