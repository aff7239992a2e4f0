using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace Signet.Infrastructure.OAuth.Dpop;

/// <summary>The access token that a proof comes with, and the thumbprint of the key that it is bound to.</summary>
internal sealed record DpopBoundToken(Secret Token, string Thumbprint);

/// <summary>
/// Judges the DPoP proof of a request (RFC 9449 §4.3) for whichever endpoint asks, and lets each proof count once on all nodes.
/// Gives nonces where they are demanded.
/// </summary>
internal sealed class DpopProofs(Once once, DpopNonces nonces, IOptions<SignetOptions> options, TimeProvider time)
{
    public const string Header = "DPoP";
    public const string NonceHeader = "DPoP-Nonce";

    /// <summary>How far the clock of a client may be off; a proof without a nonce is good for no longer.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromMinutes(1);

    private const int LongestId = 256;
    private static readonly Result NoProof = new Result.Absent();

    /// <summary>Every way a request can come.</summary>
    public abstract record Result
    {
        /// <summary>Without a proof; whether it needs one is the endpoint's to say.</summary>
        public sealed record Absent : Result;

        /// <summary>Whoever asks holds the key of this thumbprint.</summary>
        public sealed record Proven(string Thumbprint) : Result;
        public sealed record Refused(OAuthError Error) : Result;
    }

    /// <summary>
    /// Judges the proof for exactly this request. The address is that of the configured issuer, or its alias for certificates, whatever
    /// the request says of its host. May set the header <c>DPoP-Nonce</c> of the response.
    /// </summary>
    /// <param name="token">The token that comes along, at a resource; null at an endpoint of the authorization server.</param>
    public ValueTask<Result> Check(HttpRequest request, CancellationToken ct, DpopBoundToken? token = null) =>
        request.Headers.TryGetValue(Header, out var headers) ? Judge(request, headers, token, ct) : new(NoProof);

    private async ValueTask<Result> Judge(HttpRequest request, StringValues headers, DpopBoundToken? token, CancellationToken ct)
    {
        if (DpopProof.Read(headers, out var objection) is not { } proof)
            return Refuse(objection!, token);
        var now = time.GetUtcNow();
        var demandsNonce = options.Value.Dpop.RequireNonce;
        var nonceEnd = demandsNonce ? nonces.End(proof.Nonce) : null;
        // A nonce is offered to whoever lacks one, and a new one while the old is still good, so that no request has to fail for it.
        if (demandsNonce && (nonceEnd is null || nonceEnd - now < DpopNonces.Life / 2))
            request.HttpContext.Response.Headers[NonceHeader] = nonces.New();

        Uri[] urls = [.. options.Value.Urls(request.Path.ToUriComponent()).Select(url => new Uri(url))];
        if (Rules.FirstObjection(new Subject(proof, request.Method, urls, token, now, demandsNonce, nonceEnd)) is { } refusal)
            return Refuse(refusal, token);
        // Kept for longer than the proof is good by the clock of any node.
        var until = (nonceEnd ?? proof.IssuedAt!.Value + Skew) + Skew;
        return await once.Take($"dpop:{proof.Thumbprint}", proof.Id!, until, ct)
            ? new Result.Proven(proof.Thumbprint)
            : Refuse(Invalid("The proof was used before; make a new one with a new jti for each request."), token);
    }

    // The token endpoint answers 400 (§5), a resource 401 with a challenge (§7.1).
    private static Result.Refused Refuse(OAuthError error, DpopBoundToken? token) => new(token is null ? error : error with { Status = 401 });

    private static OAuthError Invalid(string description) => OAuthError.InvalidDpopProof.Saying(description);

    private sealed record Subject(DpopProof Proof, string Method, Uri[] Urls, DpopBoundToken? Token, DateTimeOffset Now, bool DemandsNonce, DateTimeOffset? NonceEnd);

    /// <summary>What a proof must say of the request that it comes with, in order (RFC 9449 §4.3, 3 and 8 to 12).</summary>
    private static readonly Rule<Subject>[] Rules =
    [
        new("jti tells the proof from others", it => it.Proof.Id is { Length: <= LongestId } ? null : Invalid("The proof needs a jti of at most 256 characters.")),
        new("htm is the method of the request", it => it.Proof.Method == it.Method ? null : Invalid("htm of the proof must be the method of this request.")),
        new("htu is the address of the request", it => it.Urls.Any(url => IsAt(it.Proof.Target, url)) ? null : Invalid("htu of the proof must be the address of this request, as the metadata has it.")),
        new("iat is a time", it => it.Proof.IssuedAt is null ? Invalid("The proof needs an iat, in seconds.") : null),
        new("ath is the hash of the token", it => it.Token is null || it.Proof.AccessTokenHash == Hash(it.Token.Token) ? null : Invalid("ath of the proof must be the SHA-256 of the access token, in base64url.")),
        new("the proof is made with the key of the token (§7.1)", it => it.Token is null || it.Proof.Thumbprint == it.Token.Thumbprint ? null : OAuthError.InvalidToken.Saying("The access token is bound to another key than the proof was made with.")),
        new("the nonce is a live one of ours (§8)", it => it.DemandsNonce && it.NonceEnd is null ? OAuthError.UseDpopNonce : null),
        new("iat is now, where no nonce says so", it => it.NonceEnd is not null || (it.Now - it.Proof.IssuedAt!.Value).Duration() <= Skew ? null : Invalid("iat of the proof must be within a minute of now; check the clock.")),
        new("nbf and exp let it be used now", it => it.Proof.IsUsable(it.Now, Skew) ? null : Invalid("The proof is not usable now, by its nbf or exp.")),
    ];

    /// <summary>Compares without query and fragment, and whatever way scheme, host and port are written (RFC 9449 §4.3, RFC 3986 §6.2.2 and §6.2.3).</summary>
    private static bool IsAt(string? target, Uri url) =>
        target is not null && !target.Contains('\\', StringComparison.Ordinal) && Uri.TryCreate(target, UriKind.Absolute, out var asked)
        && asked.Scheme == url.Scheme && asked.Host == url.Host && asked.Port == url.Port && asked.UserInfo.Length == 0 && asked.AbsolutePath == url.AbsolutePath;

    private static string Hash(Secret token) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(token.Text)));
}
