namespace Signet.Infrastructure.Data;

/// <summary>The one row of facts about this installation.</summary>
internal sealed class Installation
{
    public const int TheOnlyId = 1;

    public required int Id { get; init; }

    /// <summary>Raised by one to end everything that was ever issued.</summary>
    public long TokenEpoch { get; set; }

    /// <summary>Makes pairwise subjects, sealed by data protection; null until the first is made.</summary>
    public byte[]? SealedPairwiseKey { get; set; }

    /// <summary>When the first administrator came to be; no setup link works after it.</summary>
    public DateTimeOffset? SetUpAt { get; set; }
}

/// <summary>A one-time link that makes the first administrator.</summary>
internal sealed class SetupCode
{
    public required byte[] Hash { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>A key that signs tokens; see <c>KeyRing</c> for its life.</summary>
internal sealed class SigningKey
{
    /// <summary>The <c>kid</c>: the RFC 7638 thumbprint.</summary>
    public required string Id { get; init; }

    /// <summary>One of <see cref="Jose.SigningAlgorithms.All"/>.</summary>
    public required string Algorithm { get; init; }

    /// <summary>Counts the keys of one algorithm; unique with it, so that nodes that start together agree on one key.</summary>
    public required int Generation { get; init; }

    /// <summary>PKCS#8, sealed by data protection; nothing for a key from a file, whose public half alone is known here.</summary>
    public required byte[] SealedPrivateKey { get; init; }
    public bool IsFromFile => SealedPrivateKey is [];

    /// <summary>The public JWK, as published.</summary>
    public required string PublicJwk { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Signs from here …</summary>
    public required DateTimeOffset ActiveFrom { get; set; }

    /// <summary>… to here, and stays published until <see cref="GoneFrom"/>. Null while no successor is set.</summary>
    public DateTimeOffset? RetiredFrom { get; set; }
    public DateTimeOffset? GoneFrom { get; set; }
}

/// <summary>Who did what to whom, when, from where. Append-only.</summary>
internal sealed class AuditEvent
{
    public required Guid Id { get; init; }
    public required DateTimeOffset At { get; init; }

    /// <summary>Named in words, for example <c>app registered</c>.</summary>
    public required string Action { get; init; }

    /// <summary><c>user:{id}</c>, <c>client:{id}</c>, <c>console</c>, <c>system</c> or <c>anonymous</c>.</summary>
    public required string Actor { get; init; }

    /// <summary>What it was done to, in the same form: <c>user:…</c>, <c>client:…</c>, <c>grant:…</c>, <c>token:…</c>, <c>key:…</c>.</summary>
    public required string Subject { get; init; }

    /// <summary>The user whose account page shows it, if any.</summary>
    public Guid? UserId { get; init; }
    public string? IpAddress { get; init; }

    /// <summary>More for a reader; never a secret.</summary>
    public string? Detail { get; init; }
    public string? Reason { get; init; }
}
