namespace Signet.Infrastructure.Tokens;

/// <summary>What a person allowed a client, until it becomes a grant: sealed in a code, or kept with a request that was decided elsewhere.</summary>
internal sealed record Authorization
{
    public required string ClientId { get; init; }
    public required Guid UserId { get; init; }
    public required Guid SessionId { get; init; }
    public required string[] Scopes { get; init; }
    public required string[] Audiences { get; init; }
    public string? Nonce { get; init; }

    /// <summary>The <c>claims</c> parameter (OpenID Connect Core §5.5), as JSON.</summary>
    public string? Claims { get; init; }

    /// <summary>The <c>authorization_details</c> that were granted (RFC 9396 §7), as JSON.</summary>
    public string? Details { get; init; }
    public required DateTimeOffset AuthenticatedAt { get; init; }
    public required string[] Methods { get; init; }

    /// <summary>The sum of the epochs at the time of the person's decision (see <see cref="Data.Epoch"/>).</summary>
    public required long Epoch { get; init; }

    /// <summary>The person's security stamp: what was not redeemed yet dies with the password and the second step it was given under.</summary>
    public required string? Stamp { get; init; }
}
