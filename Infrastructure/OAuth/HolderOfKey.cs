using System.Diagnostics;
using Signet.Infrastructure.OAuth.Dpop;

namespace Signet.Infrastructure.OAuth;

/// <summary>Whose key the tokens of a token request are bound to: the key of a DPoP proof (RFC 9449 §5), the client's certificate (RFC 8705 §3), or nobody's.</summary>
internal sealed class HolderOfKey(DpopProofs proofs)
{
    private static readonly Result Nobody = new Result.Held(null);

    public abstract record Result
    {
        /// <summary>Null for a bearer.</summary>
        public sealed record Held(Confirmation? By) : Result;
        public sealed record Refused(OAuthError Error) : Result;
    }

    public async ValueTask<Result> Of(HttpRequest request, Client client, CancellationToken ct)
    {
        var settings = client.Settings;
        switch (await proofs.Check(request, ct))
        {
            case DpopProofs.Result.Refused refused:
                return new Result.Refused(refused.Error);
            case DpopProofs.Result.Proven when settings.TlsClientCertificateBoundAccessTokens:
                return new Result.Refused(OAuthError.InvalidRequest.Saying("The tokens of this app are bound to its client certificate; send no DPoP proof."));
            case DpopProofs.Result.Proven proven:
                return new Result.Held(new(Confirmation.Dpop, proven.Thumbprint));
            case DpopProofs.Result.Absent when settings.DpopBoundAccessTokens:
                return new Result.Refused(OAuthError.InvalidRequest.Saying("The tokens of this app are bound to a DPoP key (dpop_bound_access_tokens); send a proof in the header DPoP."));
            case DpopProofs.Result.Absent when settings.TlsClientCertificateBoundAccessTokens:
                return ClientCertificate.Of(request.HttpContext)?.Confirmation is { } certificate
                    ? new Result.Held(certificate)
                    : new Result.Refused(OAuthError.InvalidRequest.Saying("The tokens of this app are bound to its client certificate; connect with it."));
            case DpopProofs.Result.Absent when settings.IsFapi:
                return new Result.Refused(OAuthError.InvalidRequest.Saying("The tokens of this app are bound to a key; send a proof in the header DPoP."));
            case DpopProofs.Result.Absent:
                return Nobody;
            default:
                throw new UnreachableException();
        }
    }
}
