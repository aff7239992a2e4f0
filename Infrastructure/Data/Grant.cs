namespace Signet.Infrastructure.Data;

/// <summary>
/// One authorization that a user gave a client: the unit of revocation. Redeeming a code makes it
/// (<see cref="CodeHash"/> is unique, so a code makes one); every token of the authorization names it.
/// </summary>
internal sealed class Grant
{
    public required Guid Id { get; init; }

    /// <summary>SHA-256 of the code that was redeemed for it (RFC 6749 §4.1.2: a code is used once).</summary>
    public required byte[] CodeHash { get; init; }
    public required string ClientId { get; init; }
    public required Guid UserId { get; init; }

    /// <summary>All zeros where no session led to it; such a grant is offline.</summary>
    public required Guid SessionId { get; init; }

    /// <summary>True for <c>offline_access</c>: the grant outlives its session.</summary>
    public required bool IsOffline { get; init; }
    public required string[] Scopes { get; init; }
    public required string[] Audiences { get; init; }

    /// <summary>The nonce of the authorization request, for ID tokens; null when none was sent.</summary>
    public string? Nonce { get; init; }
    /// <summary>The claims that were asked for one by one (OpenID Connect Core §5.5), as JSON.</summary>
    public string? Claims { get; init; }

    /// <summary>The <c>authorization_details</c> (RFC 9396), as JSON.</summary>
    public string? Details { get; init; }

    /// <summary>Whose key the refresh token is bound to, as <see cref="Tokens.Confirmation"/> writes it; null for a bearer.</summary>
    public string? Confirmation { get; init; }
    public required DateTimeOffset AuthenticatedAt { get; init; }

    /// <summary>Empty where the person did not prove themselves here, but another issuer spoke for them (RFC 7523 §2.1).</summary>
    public required string[] Methods { get; init; }

    /// <summary>The sum of the epochs at the time of authorization (see <see cref="Epoch"/>).</summary>
    public required long Epoch { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? LastUsedAt { get; set; }

    /// <summary>When nothing of it can live any more.</summary>
    public required DateTimeOffset ExpiresAt { get; set; }
    public DateTimeOffset? RevokedAt { get; set; }
    public string? RevocationReason { get; set; }

    /// <summary>Random, known only to who has held a refresh token of this grant: finds the row, opens nothing.</summary>
    public byte[]? RefreshHandle { get; init; }
    public byte[]? RefreshHash { get; set; }
    public byte[]? PreviousRefreshHash { get; set; }

    /// <summary>Turns the previous refresh token into the current one (HKDF), so that a repeated refresh gets the same successor.</summary>
    public byte[]? RefreshSalt { get; set; }
    public int RefreshGeneration { get; set; }
    public DateTimeOffset? RefreshRotatedAt { get; set; }

    /// <summary>The sliding limit, moved on by each refresh.</summary>
    public DateTimeOffset? RefreshExpiresAt { get; set; }

    public Guid? SessionOrNull => SessionId == Guid.Empty ? null : SessionId;
    public bool WasAuthenticated => Methods is not [];
}

/// <summary>Registration: an initial access token (RFC 7591 §3), with which apps register themselves.</summary>
internal enum TokenKind { Access, Personal, Registration }

/// <summary>An opaque access token or a personal access token, kept by its hash.</summary>
internal sealed class Token
{
    /// <summary>The <c>jti</c>.</summary>
    public required Guid Id { get; init; }
    public required byte[] Hash { get; init; }
    public required TokenKind Kind { get; init; }

    /// <summary>The client it was issued to; null for a personal token.</summary>
    public string? ClientId { get; init; }

    /// <summary>Null for client credentials.</summary>
    public Guid? UserId { get; init; }

    /// <summary>The <c>sub</c>, where it is not the user's or client's id.</summary>
    public string? Subject { get; init; }
    public Guid? GrantId { get; init; }

    /// <summary>What its owner calls a personal or registration token.</summary>
    public string? Name { get; init; }
    public required string[] Scopes { get; init; }
    public required string[] Audiences { get; init; }

    /// <summary>Whose key the token is bound to, as <see cref="Tokens.Confirmation"/> writes it; null for a bearer.</summary>
    public string? Confirmation { get; init; }

    /// <summary>The <c>authorization_details</c> (RFC 9396), as JSON.</summary>
    public string? Details { get; init; }

    /// <summary>Who acts for the subject (<c>act</c>, RFC 8693 §4.1), as JSON.</summary>
    public string? Actor { get; init; }

    /// <summary>The <c>jti</c> of every token that it was exchanged from (RFC 8693); null for one that was not.</summary>
    public string[]? ExchangedFrom { get; init; }

    /// <summary>The sum of the epochs at the time of issue (see <see cref="Epoch"/>).</summary>
    public required long Epoch { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
    public DateTimeOffset? LastUsedAt { get; set; }
    public DateTimeOffset? RevokedAt { get; set; }
    public string? RevocationReason { get; set; }

    /// <summary>When its owner was told that it is about to expire.</summary>
    public DateTimeOffset? WarnedAt { get; set; }

    /// <summary>How many apps may be registered with it, and how many were; null for any number.</summary>
    public int? MostUses { get; init; }
    public int Uses { get; set; }
}

/// <summary>A self-contained token that was revoked before its time; the row lives until the token would have expired.</summary>
internal sealed class RevokedToken
{
    public required string Id { get; init; }
    public required string? ClientId { get; init; }
    public required DateTimeOffset RevokedAt { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
    public string? Reason { get; init; }
}

/// <summary>Something that may be presented once and was (see <see cref="OAuth.Once"/>), until it could not be presented anyway.</summary>
internal sealed class UsedValue
{
    public required byte[] Hash { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
}
