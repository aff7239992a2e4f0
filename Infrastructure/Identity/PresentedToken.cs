using System.Diagnostics;
using Signet.Infrastructure.OAuth.Dpop;

namespace Signet.Infrastructure.Identity;

/// <summary>
/// The access token of a request to a resource of ours: live, for us, and presented the way it is bound. A bearer token as such
/// (RFC 6750 §2.1), a DPoP-bound one with a proof (RFC 9449 §7.1), a certificate-bound one over its certificate's connection (RFC 8705 §3).
/// </summary>
internal sealed class PresentedToken(TokenReader tokens, DpopProofs proofs, IOptions<SignetOptions> options)
{
    public const string Bearer = "Bearer";

    /// <summary>Every way a request can come.</summary>
    public abstract record Result
    {
        public sealed record Accepted(LiveToken Token) : Result;
        public sealed record Absent : Result;
        public sealed record Refused(OAuthError Error) : Result;
    }

    public async Task<Result> Read(HttpRequest request, CancellationToken ct)
    {
        var asBearer = InHeader(request, Bearer);
        if ((asBearer ?? InHeader(request, DpopProofs.Header)) is not { } presented)
            return new Result.Absent();
        if (await tokens.Read(presented, ct) is not { } token || !token.Audiences.Contains(options.Value.Issuer))
            return new Result.Refused(OAuthError.InvalidToken);
        return (asBearer is null ? await DpopObjection(request, presented, token, ct) : BearerObjection(request, token)) is { } objection
            ? new Result.Refused(objection)
            : new Result.Accepted(token);
    }

    /// <summary>The credentials of the one Authorization header, where it has this scheme; never from the query, where they would be logged.</summary>
    public static Secret? InHeader(HttpRequest request, string scheme) =>
        request.Headers.Authorization is [{ } header] && header.Length > scheme.Length + 1 && header[scheme.Length] == ' ' && header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)
            ? new Secret(header[(scheme.Length + 1)..].Trim())
            : null;

    private static OAuthError? BearerObjection(HttpRequest request, LiveToken token) => token.Confirmation switch
    {
        null => null,
        { Method: Confirmation.Certificate } bound when bound == ClientCertificate.Of(request.HttpContext)?.Confirmation => null,
        { Method: Confirmation.Certificate } => OAuthError.InvalidToken.Saying("The access token is bound to a client certificate; connect with it."),
        _ => OAuthError.InvalidToken.Saying("The access token is bound to a DPoP key; send it with the scheme DPoP, and a proof."),
    };

    private async Task<OAuthError?> DpopObjection(HttpRequest request, Secret presented, LiveToken token, CancellationToken ct)
    {
        if (token.Confirmation is not { Method: Confirmation.Dpop, Thumbprint: var thumbprint })
            return OAuthError.InvalidToken.Saying("The access token is not bound to a DPoP key; send it with the scheme Bearer.");
        return await proofs.Check(request, ct, new(presented, thumbprint)) switch
        {
            DpopProofs.Result.Proven => null,
            DpopProofs.Result.Absent => OAuthError.InvalidDpopProof.Saying("Send a proof in the header DPoP.") with { Status = StatusCodes.Status401Unauthorized },
            DpopProofs.Result.Refused refused => refused.Error,
            _ => throw new UnreachableException(),
        };
    }
}
