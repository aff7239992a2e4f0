namespace Signet.Features;

internal static partial class IssueToken
{
    /// <summary>An app gets the tokens that a person allowed on their account page (OpenID Connect CIBA §10.1).</summary>
    internal sealed class CibaGrant(Polling polling) : IGrant
    {
        public Task<Result> Issue(Request request, CancellationToken ct) => polling.Answer(request, GrantTypes.Ciba, "auth_req_id", OpaqueValue.AuthenticationRequest, ct);
    }
}
