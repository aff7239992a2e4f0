namespace Signet.Infrastructure.Data;

internal enum PendingStatus { Waiting, Approved, Denied }

/// <summary>
/// What an app asked for and a person decides on in another place than the app: a device code (RFC 8628) or an authentication
/// request of CIBA. It is decided once and redeemed once, each by one conditional statement, and is gone when it was redeemed.
/// </summary>
internal sealed class PendingAuthorization
{
    /// <summary>What pages name it by: random enough that only who was shown it knows it, and it opens nothing by itself.</summary>
    public required Guid Id { get; init; }

    /// <summary>SHA-256 of the <c>device_code</c> or <c>auth_req_id</c> that the app polls with.</summary>
    public required byte[] Hash { get; init; }

    /// <summary>SHA-256 of the code that a person types in; null where the request itself names the person.</summary>
    public byte[]? UserCodeHash { get; init; }

    /// <summary>Which grant it is redeemed by.</summary>
    public required string GrantType { get; init; }
    public required string ClientId { get; init; }
    public required string[] Scopes { get; init; }
    public required string[] Audiences { get; init; }

    /// <summary>The <c>authorization_details</c> (RFC 9396), as JSON.</summary>
    public string? Details { get; init; }

    /// <summary>What the app shows the person too, to compare (CIBA §7.1).</summary>
    public string? BindingMessage { get; init; }

    /// <summary>How sure of the person the app wants us to be (<c>acr_values</c>): one of these, where we know one; none where it did not say.</summary>
    public string[] AcrValues { get; init; } = [];
    public PendingStatus Status { get; set; }

    /// <summary>Who decides: named by the request, or whoever has typed in the code and decided.</summary>
    public Guid? UserId { get; set; }

    // How the person was signed in when they decided
    public Guid? SessionId { get; set; }
    public DateTimeOffset? AuthenticatedAt { get; set; }
    public string[] Methods { get; set; } = [];

    /// <summary>The sum of the epochs at the time of the decision (see <see cref="Epoch"/>).</summary>
    public long Epoch { get; set; }

    /// <summary>The person's security stamp at that time.</summary>
    public string? Stamp { get; set; }

    /// <summary>The seconds that the app has to wait between two polls; more after each that came too soon.</summary>
    public int Interval { get; set; }

    /// <summary>From when on the next poll does not come too soon.</summary>
    public DateTimeOffset NextPollAt { get; set; }

    /// <summary>What the app is told with when it is decided (CIBA §10.2), sealed by data protection; null for an app that only polls.</summary>
    public string? SealedPing { get; init; }

    // Where it came from, for the person to recognize
    public string? IpAddress { get; init; }
    public string? UserAgent { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
}
