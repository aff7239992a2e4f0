namespace Signet.Infrastructure.OAuth.Dpop;

/// <summary>The section <c>Signet:Dpop</c>.</summary>
internal sealed class DpopOptions
{
    /// <summary>Whether every proof must carry a nonce of ours (RFC 9449 §8); it costs apps a second request now and then, and makes proofs made in advance worthless.</summary>
    public bool RequireNonce { get; init; }
}
