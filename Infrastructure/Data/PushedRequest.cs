namespace Signet.Infrastructure.Data;

/// <summary>An authorization request that a client pushed (RFC 9126 §2), kept by the hash of its <c>request_uri</c> until a code is issued for it, which removes it.</summary>
internal sealed class PushedRequest
{
    public required byte[] Hash { get; init; }

    /// <summary>The client that may use it, and none other.</summary>
    public required string ClientId { get; init; }

    /// <summary>The parameters as they count, those of a signed request object included, as JSON.</summary>
    public required string Parameters { get; init; }

    /// <summary>From when on nobody may begin with it; who has begun may finish.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }
}
