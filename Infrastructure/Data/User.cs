using Microsoft.AspNetCore.Identity;

namespace Signet.Infrastructure.Data;

/// <summary>A person who can sign in.</summary>
internal sealed class User : IdentityUser<Guid>
{
    public User() => SecurityStamp = NewStamp();

    /// <summary>What replaces the security stamp. No secret: it only has to differ from the one before.</summary>
    public static string NewStamp() => Guid.NewGuid().ToString("N");

    /// <summary>What the person wants to be called, 1–64 characters.</summary>
    public required string Name { get; set; }

    /// <summary>What else the person says of themselves.</summary>
    public PersonProfile Profile { get; set; } = new();
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? LastSignInAt { get; set; }

    /// <summary>Set while an administrator keeps the account shut: no sign-in, and every token of the user is inactive.</summary>
    public DateTimeOffset? DisabledAt { get; set; }

    /// <summary>Raised by one to end everything that was issued for this user before (see <see cref="Epoch"/>).</summary>
    public long TokenEpoch { get; set; }

    /// <summary>The TOTP secret, sealed by data protection. Null until an authenticator app has been confirmed.</summary>
    public string? SealedTotpSecret { get; set; }

    /// <summary>The last accepted TOTP time step (RFC 6238 §5.2: a step is accepted once).</summary>
    public long LastTotpStep { get; set; }

    public int SecondFactorFailedCount { get; set; }
    public DateTimeOffset? SecondFactorLockoutEnd { get; set; }
}

/// <summary>One of a user's ten recovery codes; gone once used.</summary>
internal sealed class RecoveryCode
{
    public required byte[] Hash { get; init; }
    public required Guid UserId { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>One sign-in of a user in one browser. The cookie holds a random key; the row keeps its hash, so a stolen database opens nothing.</summary>
internal sealed class Session
{
    /// <summary>The <c>sid</c> of tokens (OIDC Front-Channel Logout §3).</summary>
    public required Guid Id { get; init; }
    public required byte[] KeyHash { get; set; }
    public required Guid UserId { get; init; }

    /// <summary>When the person last proved who they are (<c>auth_time</c>).</summary>
    public required DateTimeOffset AuthenticatedAt { get; init; }

    /// <summary>How (<c>amr</c>, RFC 8176), for example <c>pwd</c>, <c>otp</c>, <c>mfa</c>.</summary>
    public required string[] Methods { get; init; }

    /// <summary>The external provider that signed the person in, if one did.</summary>
    public string? Provider { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset LastSeenAt { get; set; }

    /// <summary>The idle limit, moved on by use.</summary>
    public required DateTimeOffset ExpiresAt { get; set; }

    /// <summary>The absolute limit, never moved.</summary>
    public required DateTimeOffset EndsAt { get; init; }
    public DateTimeOffset? EndedAt { get; set; }
    public string? IpAddress { get; init; }
    public string? UserAgent { get; init; }
}
