namespace Signet.Infrastructure.Data;

/// <summary>What a person says an app is. It only chooses defaults; the rules look at the client's metadata.</summary>
internal enum ClientKind { Web, SinglePage, Native, Machine, Api }

internal enum TokenFormat { Jwt, Opaque }

/// <summary>Whether refreshing replaces the refresh token. Auto: for public clients, unless it is bound to a key (RFC 9700 §4.14).</summary>
internal enum RefreshRotation { Auto, Always, Never }

/// <summary>Where a client's metadata comes from: a person or a program of this installation, a program that registered itself (RFC 7591), or the document that its id points to.</summary>
internal enum ClientOrigin { Managed, Dynamic, Document }

/// <summary>How a client registered itself; kept as JSON.</summary>
/// <param name="With">The name of the initial access token that it came with; null where anybody may register.</param>
/// <param name="Scopes">The scopes that this token let it have; null for all that such clients may have.</param>
/// <param name="SoftwareStatement">As it was sent (RFC 7591 §3.2.1).</param>
internal sealed record ClientRegistration(string? With = null, string[]? Scopes = null, string? SoftwareStatement = null);

/// <summary>A registered application (RFC 7591 §2).</summary>
internal sealed class Client
{
    /// <summary>The <c>client_id</c>.</summary>
    public required string Id { get; init; }
    public required string Name { get; set; }
    public required ClientKind Kind { get; init; }

    /// <summary>Methods of RFC 7591 §2 that the client may use: those with a shared secret together, any other alone.</summary>
    public required string[] AuthenticationMethods { get; set; }
    public required string[] GrantTypes { get; set; }
    public string[] RedirectUris { get; set; } = [];
    public string[] PostLogoutRedirectUris { get; set; } = [];

    /// <summary>The scopes that the client may ask for, identity scopes and those of APIs.</summary>
    public string[] Scopes { get; set; } = [];
    public TokenFormat TokenFormat { get; set; }
    public RefreshRotation RefreshRotation { get; set; }

    /// <summary>A first-party app: people are not asked for consent.</summary>
    public bool SkipsConsent { get; set; }

    /// <summary>Overrides of the installation's lifetimes; null means the default.</summary>
    public TimeSpan? AccessTokenLifetime { get; set; }
    public TimeSpan? RefreshTokenLifetime { get; set; }

    public string? HomepageUri { get; set; }

    /// <summary>The rest of its metadata, each member read by the feature of its name.</summary>
    public ClientSettings Settings { get; set; } = new();

    /// <summary>The user who registered it; null where it belongs to the installation.</summary>
    public Guid? OwnerId { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; set; }
    public DateTimeOffset? DisabledAt { get; set; }
    public ClientOrigin Origin { get; init; }

    /// <summary>When the document that its id points to was last read, and until when that reading holds; null for a client without one.</summary>
    public DateTimeOffset? DocumentReadAt { get; init; }
    public DateTimeOffset? DocumentFreshUntil { get; init; }

    /// <summary>When an administrator vouched for a client that nobody here registered.</summary>
    public DateTimeOffset? VerifiedAt { get; set; }

    /// <summary>Nobody here knows who made it: people are warned and asked each time (RFC 7591 §5).</summary>
    public bool IsUnverified => Origin != ClientOrigin.Managed && VerifiedAt is null;

    /// <summary>The hash of what lets a client that registered itself manage its registration (RFC 7592 §3).</summary>
    public byte[]? RegistrationTokenHash { get; set; }

    /// <summary>How it registered itself; null for every other client.</summary>
    public ClientRegistration? Registration { get; set; }

    /// <summary>True where its document leaves open which scopes it asks for: then it may ask for what is open to everybody.</summary>
    public bool HasOpenScopes { get; set; }

    /// <summary>Raised by one to end everything that was issued to this client before. Starts at the registration's Unix time in milliseconds, so that registering a removed id again revives nothing.</summary>
    public required long TokenEpoch { get; set; }

    public List<ClientSecret> Secrets { get; init; } = [];

    public bool IsPublic => AuthenticationMethods is [ClientAuthenticationMethods.None];

    /// <summary>Whether people are not asked before this app gets these: it is this installation's own, and rights over the installation are never given unasked.</summary>
    public bool GoesUnasked(string[] scopes) => SkipsConsent && !IsUnverified && !scopes.Any(ClientRules.Powerful.Contains);

    public bool Registers(string method) => AuthenticationMethods.Contains(method);

    /// <summary>True where a secret that both sides know is how it authenticates.</summary>
    public bool HasSecret => AuthenticationMethods.Any(ClientAuthenticationMethods.WithSecret.Contains);

    /// <param name="isBound">Whether the refresh token works with its holder's key alone: it needs no rotation then (RFC 9700 §4.14.2).</param>
    public bool Rotates(bool isBound) => (RefreshRotation == RefreshRotation.Always && !Settings.IsFapi) || (RefreshRotation == RefreshRotation.Auto && IsPublic && !isBound);
}

/// <summary>One live secret of a client. A client has at most two, so that one can replace the other without an outage.</summary>
internal sealed class ClientSecret
{
    public required Guid Id { get; init; }
    public required string ClientId { get; init; }
    public required byte[] Hash { get; init; }

    /// <summary>The secret itself under Data Protection, where the client signs with it (<c>client_secret_jwt</c>); null for every other client.</summary>
    public byte[]? Sealed { get; init; }

    /// <summary>The last four characters, so that a person can tell two secrets apart.</summary>
    public required string Hint { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ExpiresAt { get; set; }
    public DateTimeOffset? LastUsedAt { get; set; }

    /// <summary>When the owner was told that it is about to expire.</summary>
    public DateTimeOffset? WarnedAt { get; set; }

    public bool IsLive(DateTimeOffset now) => ExpiresAt is null || ExpiresAt > now;
}

/// <summary>The picture of a client, fetched from its <c>logo_uri</c> and kept, so that no page of ours makes a browser ask somebody else's server.</summary>
internal sealed class ClientLogo
{
    public required string ClientId { get; init; }

    /// <summary>Where it came from.</summary>
    public required string Uri { get; init; }
    public required string MediaType { get; init; }
    public required byte[] Picture { get; init; }
}

/// <summary>An API that tokens are for (RFC 8707): an audience and its scopes. Its client is how it proves itself at introspection.</summary>
internal sealed class Resource
{
    public required Guid Id { get; init; }

    /// <summary>The absolute URI that stands in <c>aud</c>.</summary>
    public required string Audience { get; init; }
    public required string Name { get; set; }
    public required string ClientId { get; init; }
    public TimeSpan? AccessTokenLifetime { get; set; }

    /// <summary>Where developers read how to use it (<c>resource_documentation</c> of RFC 9728).</summary>
    public string? DocumentationUri { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }
    public List<ResourceScope> Scopes { get; init; } = [];

    /// <summary>The types of <c>authorization_details</c> that the API understands (RFC 9396 §2); kept as JSON.</summary>
    public DetailsType[] DetailsTypes { get; set; } = [];
}

/// <summary>A type of <c>authorization_details</c>, and what consent pages say that it allows.</summary>
internal sealed record DetailsType(string Name, string Description);

/// <summary>One thing that an API lets apps do.</summary>
internal sealed class ResourceScope
{
    public required Guid ResourceId { get; init; }

    /// <summary>The scope token (RFC 6749 §3.3).</summary>
    public required string Name { get; init; }

    /// <summary>What consent pages say, in plain words.</summary>
    public required string Description { get; set; }
}

/// <summary>What a user allowed a client; remembered until withdrawn.</summary>
internal sealed class Consent
{
    public required Guid UserId { get; init; }
    public required string ClientId { get; init; }
    public required string[] Scopes { get; set; }
    public required string[] Resources { get; set; }
    public required DateTimeOffset GivenAt { get; set; }
}
