using System.Text.Json;
using System.Text.Json.Serialization;
using FluentValidation.Results;

namespace Signet.Features;

/// <summary>An app as programs see it: the members of RFC 7591 §2 by their names, and ours. A secret appears in the answer that made it and never again.</summary>
internal sealed record AppDocument
{
    [JsonPropertyName("client_id")] public string? ClientId { get; init; }
    [JsonPropertyName("client_secret")] public string? ClientSecret { get; init; }
    [JsonPropertyName("client_id_issued_at")] public long? ClientIdIssuedAt { get; init; }
    [JsonPropertyName("client_secret_expires_at")] public long? ClientSecretExpiresAt { get; init; }
    [JsonPropertyName("client_name")] public string? ClientName { get; init; }
    [JsonPropertyName("client_uri")] public string? ClientUri { get; init; }

    /// <summary><c>web</c>, <c>spa</c>, <c>native</c> or <c>machine</c>; ours, chooses the defaults.</summary>
    [JsonPropertyName("kind")] public string? Kind { get; init; }

    /// <summary><c>web</c> or <c>native</c> (OpenID Connect Registration §2), for who does not know <c>kind</c>.</summary>
    [JsonPropertyName("application_type")] public string? ApplicationType { get; init; }
    [JsonPropertyName("redirect_uris")] public string[]? RedirectUris { get; init; }
    [JsonPropertyName("post_logout_redirect_uris")] public string[]? PostLogoutRedirectUris { get; init; }
    [JsonPropertyName("grant_types")] public string[]? GrantTypes { get; init; }
    [JsonPropertyName("token_endpoint_auth_method")] public string? TokenEndpointAuthMethod { get; init; }
    [JsonPropertyName("scope")] public string? Scope { get; init; }

    /// <summary><c>jwt</c> or <c>opaque</c>.</summary>
    [JsonPropertyName("token_format")] public string? TokenFormat { get; init; }

    /// <summary><c>auto</c>, <c>always</c> or <c>never</c>.</summary>
    [JsonPropertyName("refresh_token_rotation")] public string? RefreshTokenRotation { get; init; }

    /// <summary>In seconds; left out for the installation's.</summary>
    [JsonPropertyName("access_token_lifetime")] public long? AccessTokenLifetime { get; init; }
    [JsonPropertyName("refresh_token_lifetime")] public long? RefreshTokenLifetime { get; init; }

    /// <summary>The owner's e-mail address.</summary>
    [JsonPropertyName("owner")] public string? Owner { get; init; }
    [JsonPropertyName("skip_consent")] public bool? SkipConsent { get; init; }
    [JsonPropertyName("disabled")] public bool? Disabled { get; init; }

    /// <summary>Whether an administrator, or the token that it came with, vouches for it; left out for an app that somebody here registered.</summary>
    [JsonPropertyName("verified")] public bool? Verified { get; init; }
    [JsonPropertyName("secrets")] public Secret[]? Secrets { get; init; }

    /// <summary>Every member of <see cref="ClientSettings"/>, by its name.</summary>
    [JsonExtensionData] public Dictionary<string, JsonElement>? Settings { get; init; }

    public sealed record Secret
    {
        [JsonPropertyName("id")] public Guid Id { get; init; }
        [JsonPropertyName("hint")] public string? Hint { get; init; }
        [JsonPropertyName("created_at")] public DateTimeOffset CreatedAt { get; init; }
        [JsonPropertyName("expires_at")] public DateTimeOffset? ExpiresAt { get; init; }
        [JsonPropertyName("last_used_at")] public DateTimeOffset? LastUsedAt { get; init; }
    }

    private static readonly Dictionary<string, ClientKind> Kinds = new()
    {
        ["web"] = ClientKind.Web,
        ["spa"] = ClientKind.SinglePage,
        ["native"] = ClientKind.Native,
        ["machine"] = ClientKind.Machine,
    };

    private static readonly Dictionary<string, TokenFormat> Formats = new() { ["jwt"] = Infrastructure.Data.TokenFormat.Jwt, ["opaque"] = Infrastructure.Data.TokenFormat.Opaque };

    private static readonly Dictionary<string, RefreshRotation> Rotations = new()
    {
        ["auto"] = RefreshRotation.Auto,
        ["always"] = RefreshRotation.Always,
        ["never"] = RefreshRotation.Never,
    };

    /// <summary>What the validators call a field, as it is called here.</summary>
    public static readonly IReadOnlyDictionary<string, string> Names = new Dictionary<string, string>
    {
        ["Id"] = "client_id",
        ["Secret"] = "client_secret",
        ["Name"] = "client_name",
        ["Kind"] = "kind",
        ["HomepageUri"] = "client_uri",
        ["RedirectUris"] = "redirect_uris",
        ["PostLogoutRedirectUris"] = "post_logout_redirect_uris",
        ["GrantTypes"] = "grant_types",
        ["AuthenticationMethod"] = "token_endpoint_auth_method",
        ["Scopes"] = "scope",
        ["TokenFormat"] = "token_format",
        ["RefreshRotation"] = "refresh_token_rotation",
        ["AccessTokenLifetime"] = "access_token_lifetime",
        ["RefreshTokenLifetime"] = "refresh_token_lifetime",
        ["OwnerEmail"] = "owner",
        ["SkipsConsent"] = "skip_consent",
        ["ExpiresAt"] = "expires_at",
    };

    public static string KindName(ClientKind kind) => Kinds.FirstOrDefault(known => known.Value == kind).Key ?? "api";

    [JsonIgnore]
    public ClientKind? KindOrNull => (Kind, ApplicationType) switch
    {
        (null, "native") => ClientKind.Native,
        (null, null or "web") => null,
        (null, _) => throw Invalid("Kind", "application_type must be web or native."),
        var (kind, _) => Choose(Kinds, kind, "Kind"),
    };

    public TokenFormat FormatOr(TokenFormat otherwise) => TokenFormat is null ? otherwise : Choose(Formats, TokenFormat, "TokenFormat");

    public RefreshRotation RotationOr(RefreshRotation otherwise) => RefreshTokenRotation is null ? otherwise : Choose(Rotations, RefreshTokenRotation, "RefreshRotation");

    public ClientSettings SettingsOr(ClientSettings otherwise) => Change(otherwise, Settings ?? []);

    /// <summary>The settings with these members changed.</summary>
    /// <exception cref="ValidationException">A member is unknown or of the wrong type; it is named, and not only what is wrong within it.</exception>
    public static ClientSettings Change(ClientSettings settings, IEnumerable<KeyValuePair<string, JsonElement>> changes)
    {
        try
        {
            return settings.With(changes);
        }
        catch (JsonException exception)
        {
            var path = exception.Path?.TrimStart('$', '.') ?? "settings";
            var member = path.Split('.', '[')[0];
            throw !ClientSettings.Members.Contains(member) ? Invalid(path, "This member is unknown or of the wrong type.")
                : path == member ? Invalid(member, $"{member} is of the wrong type.")
                : Invalid(member, $"{member} has something missing, unknown or of the wrong type in {path}.");
        }
    }

    public static TimeSpan? Seconds(long? seconds) => seconds is { } given ? TimeSpan.FromSeconds(Math.Clamp(given, int.MinValue, int.MaxValue)) : null;

    public static string[]? Split(string? scope) => scope?.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The members that say how it is, none of which a program may send at a registration.</summary>
    [JsonIgnore]
    public bool HasReadOnlyMembers => ClientIdIssuedAt is not null || ClientSecretExpiresAt is not null || Disabled is not null || Verified is not null || Secrets is not null;

    public static AppDocument Of(ShowApp.App app) => new()
    {
        ClientId = app.Id,
        ClientIdIssuedAt = app.CreatedAt.ToUnixTimeSeconds(),
        ClientName = app.Name,
        ClientUri = app.HomepageUri,
        Kind = KindName(app.Kind),
        RedirectUris = app.RedirectUris,
        PostLogoutRedirectUris = app.PostLogoutRedirectUris,
        GrantTypes = app.GrantTypes,
        TokenEndpointAuthMethod = app.AuthenticationMethods[0],
        Scope = string.Join(' ', app.Scopes),
        TokenFormat = Formats.First(known => known.Value == app.TokenFormat).Key,
        RefreshTokenRotation = Rotations.First(known => known.Value == app.RefreshRotation).Key,
        AccessTokenLifetime = (long?)app.AccessTokenLifetime?.TotalSeconds,
        RefreshTokenLifetime = (long?)app.RefreshTokenLifetime?.TotalSeconds,
        Owner = app.OwnerEmail,
        SkipConsent = app.SkipsConsent,
        Disabled = app.DisabledAt is not null,
        Verified = app.Origin == ClientOrigin.Managed ? null : !app.IsUnverified,
        Settings = (app.Settings with { ResponseTypes = app.Settings.ResponseTypes ?? (app.GrantTypes.Contains(Infrastructure.OAuth.GrantTypes.AuthorizationCode) ? ["code"] : []) }).ToMembers(),
        Secrets = [.. app.Secrets.Select(secret => new Secret { Id = secret.Id, Hint = secret.Hint, CreatedAt = secret.CreatedAt, ExpiresAt = secret.ExpiresAt, LastUsedAt = secret.LastUsedAt })],
    };

    public static ValidationException Invalid(string field, string message) => new([new ValidationFailure(field, message)]);

    private static T Choose<T>(Dictionary<string, T> choices, string given, string field) => choices.TryGetValue(given, out var chosen)
        ? chosen
        : throw Invalid(field, $"{Names[field]} must be one of {string.Join(", ", choices.Keys)}.");
}
