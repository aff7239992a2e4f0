using System.Text.Json;

namespace Signet.Infrastructure.OAuth;

/// <summary>What the document of a client says (OAuth Client ID Metadata Document §4), in the members of RFC 7591 §2 that count for a client which nobody registered.</summary>
internal sealed record ClientDocument : IClientMetadata
{
    // Whoever can be fetched a client for must not thereby send Signet to more addresses, or choose whom the installation trusts.
    private static readonly string[] Settled =
    [
        "jwks", "jwks_uri", "token_endpoint_auth_signing_alg", "dpop_bound_access_tokens", "require_pushed_authorization_requests", "require_signed_request_object",
        "request_object_signing_alg", "authorization_signed_response_alg", "id_token_signed_response_alg", "userinfo_signed_response_alg", "subject_type", "default_max_age",
        "require_auth_time", "software_id", "software_version", "backchannel_logout_uri", "backchannel_logout_session_required",
    ];

    // What only informs is left out where it is not fit, for the client works without it.
    private static readonly string[] Told = ["policy_uri", "tos_uri", "logo_uri"];

    public required string Name { get; init; }
    public required string[] RedirectUris { get; init; }
    public required string[] PostLogoutRedirectUris { get; init; }
    public required string[] GrantTypes { get; init; }
    public required string AuthenticationMethod { get; init; }

    /// <summary>The scopes that it names; none where it leaves that open.</summary>
    public required string[] NamedScopes { get; init; }
    public required string? HomepageUri { get; init; }
    public required ClientSettings Settings { get; init; }
    public required ClientKind Kind { get; init; }

    // Scopes that do not exist (yet) are no error of the document's: it knows no installation.
    string[]? IClientMetadata.Scopes => null;
    TimeSpan? IClientMetadata.AccessTokenLifetime => null;
    TimeSpan? IClientMetadata.RefreshTokenLifetime => null;

    public ClientShape Shape => new(Kind, GrantTypes, [AuthenticationMethod]);

    /// <summary>True when the document is about this id at all (§4: simple string comparison).</summary>
    public static bool IsAbout(string id, JsonElement document) =>
        document.ValueKind == JsonValueKind.Object && document.TryGetProperty("client_id", out var named) && named.ValueKind == JsonValueKind.String && named.GetString() == id;

    /// <summary>The document, or the first objection to it.</summary>
    public static ClientDocument? Read(string id, JsonElement document, out string? objection)
    {
        objection = null;
        try
        {
            objection = Objection(document);
            return objection is null ? Read(id, document) : null;
        }
        catch (JsonException exception)
        {
            objection = $"{exception.Path?.TrimStart('$', '.') ?? "a member"} is of the wrong type";
            return null;
        }
    }

    /// <summary>The row as which the client is kept.</summary>
    public Client ToClient(string id, DateTimeOffset now, DateTimeOffset freshUntil) => new()
    {
        Id = id,
        Name = Name,
        Kind = Kind,
        Origin = ClientOrigin.Document,
        AuthenticationMethods = [AuthenticationMethod],
        GrantTypes = GrantTypes,
        RedirectUris = RedirectUris,
        PostLogoutRedirectUris = PostLogoutRedirectUris,
        Scopes = NamedScopes,
        HomepageUri = HomepageUri,
        Settings = Settings,
        CreatedAt = now,
        UpdatedAt = now,
        DocumentReadAt = now,
        DocumentFreshUntil = freshUntil,
        TokenEpoch = now.ToUnixTimeMilliseconds(),
    };

    /// <summary>The members in which a kept row, as it is in the database, differs from the document.</summary>
    public IEnumerable<string> Changes(Client row)
    {
        if (row.Name != Name)
            yield return "client_name";
        if (!row.RedirectUris.SequenceEqual(RedirectUris))
            yield return "redirect_uris";
        if (!row.PostLogoutRedirectUris.SequenceEqual(PostLogoutRedirectUris))
            yield return "post_logout_redirect_uris";
        if (!row.GrantTypes.SequenceEqual(GrantTypes))
            yield return "grant_types";
        if (row.AuthenticationMethods is not [var method] || method != AuthenticationMethod)
            yield return "token_endpoint_auth_method";
        if (!row.Scopes.SequenceEqual(NamedScopes))
            yield return "scope";
        if (row.HomepageUri != HomepageUri)
            yield return "client_uri";
        if (row.Kind != Kind)
            yield return "application_type";
        foreach (var member in ClientSettings.Members.Where(member => !Settings.HasSame(member, row.Settings)))
            yield return member;
    }

    private static string? Objection(JsonElement document)
    {
        if (document.TryGetProperty("client_secret", out _) || document.TryGetProperty("client_secret_expires_at", out _))
            return "client_secret has no place in a public document";
        if (Text(document, "token_endpoint_auth_method") is not (null or ClientAuthenticationMethods.None or ClientAuthenticationMethods.PrivateKeyJwt))
            return $"token_endpoint_auth_method must be {ClientAuthenticationMethods.None} or {ClientAuthenticationMethods.PrivateKeyJwt}";
        if (Texts(document, "redirect_uris") is not { Length: > 0 })
            return "redirect_uris is missing";
        if (Texts(document, "grant_types")?.Contains(OAuth.GrantTypes.AuthorizationCode) == false)
            return $"grant_types must have {OAuth.GrantTypes.AuthorizationCode}";
        if (Texts(document, "response_types")?.Contains("code") == false)
            return "response_types must have code";
        return Text(document, "scope") is { } scope && OAuth.Scopes.Parse(scope) is null ? "scope must be a list of scope tokens, separated by spaces" : null;
    }

    private static ClientDocument Read(string id, JsonElement document)
    {
        var redirectUris = Lists.Distinct(Texts(document, "redirect_uris"))!;
        var method = Text(document, "token_endpoint_auth_method") ?? ClientAuthenticationMethods.None;
        var homepage = Text(document, "client_uri");
        var settings = document.EnumerateObject()
            .Where(member => Settled.Contains(member.Name) || (Told.Contains(member.Name) && Text(document, member.Name) is { } uri && IsFit(uri)))
            .Select(member => KeyValuePair.Create(member.Name, member.Value));
        return new()
        {
            Name = Shortened(DisplayName.Clean(Text(document, "client_name")) is { Length: > 0 } name ? name : ClientIds.HostOf(id)),
            RedirectUris = redirectUris,
            PostLogoutRedirectUris = Lists.Distinct(Texts(document, "post_logout_redirect_uris")) ?? [],
            GrantTypes = [.. OpenClients.Grants.Intersect(Texts(document, "grant_types") ?? [OAuth.GrantTypes.AuthorizationCode])],
            AuthenticationMethod = method,
            NamedScopes = OAuth.Scopes.Parse(Text(document, "scope"))!,
            HomepageUri = homepage is not null && IsFit(homepage) ? homepage : null,
            Settings = new ClientSettings().With(settings),
            Kind = Text(document, "application_type") == "native" || redirectUris.Any(uri => !uri.StartsWith("https:", StringComparison.Ordinal)) ? ClientKind.Native
                : method == ClientAuthenticationMethods.None ? ClientKind.SinglePage : ClientKind.Web,
        };
    }

    private static bool IsFit(string uri) => Outbound.OutboundClient.Objection(uri) is null && !uri.Split('?')[0].EndsWith(".svg", StringComparison.OrdinalIgnoreCase);

    private static string Shortened(string name) => DisplayName.Shorten(name, DisplayName.Longest).TrimEnd();

    private static string? Text(JsonElement document, string member) => Member(document, member) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        _ => throw new JsonException("", member, null, null),
    };

    private static string[]? Texts(JsonElement document, string member) => Member(document, member) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Array } list when list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) => [.. list.EnumerateArray().Select(item => item.GetString()!)],
        _ => throw new JsonException("", member, null, null),
    };

    private static JsonElement? Member(JsonElement document, string name) => document.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
