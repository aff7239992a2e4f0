using System.Text.Json;

namespace Signet.Features;

/// <summary>
/// What a program says of itself (RFC 7591 §2, OpenID Connect Registration §2), with the defaults of the specifications. What such
/// a program cannot have, but does without as well, is left out, and the answer tells; members that nobody knows are ignored.
/// </summary>
internal sealed record RegistrationMetadata
{
    /// <summary>What a program may have; what it has already, whoever gave it that, it may keep.</summary>
    public sealed record Offer(string[] GrantTypes, string[] Scopes)
    {
        // Nobody is asked when an app acts for itself, so somebody here must have let it in.
        private static readonly string[] ForAnybody = [Infrastructure.OAuth.GrantTypes.AuthorizationCode, Infrastructure.OAuth.GrantTypes.RefreshToken, Infrastructure.OAuth.GrantTypes.DeviceCode];

        /// <param name="isVouchedFor">Whether somebody here gave it an initial access token.</param>
        /// <param name="limit">The scopes that this token allows; null for all.</param>
        public static async ValueTask<Offer> Of(ClientDirectory directory, bool isVouchedFor, string[]? limit, CancellationToken ct)
        {
            var all = OpenClients.ScopesOf(await directory.Resources(ct));
            return new(
                isVouchedFor ? [.. ForAnybody, Infrastructure.OAuth.GrantTypes.ClientCredentials] : ForAnybody,
                limit is null ? all : [.. all.Where(limit.Contains)]);
        }

        public Offer With(Client app) => new([.. GrantTypes.Union(app.GrantTypes)], [.. Scopes.Union(app.Scopes).Where(scope => scope != Infrastructure.OAuth.Scopes.Admin)]);
    }

    private const int MostScopes = 200;
    private static readonly string[] ResponseTypes = ["code", "code id_token"];

    /// <summary>Members that are for the people of this installation to choose.</summary>
    private static readonly string[] Withheld =
    [
        .. ClientSettingsRules.ForAdministrators, "security_profile", "response_types",
        "backchannel_token_delivery_mode", "backchannel_client_notification_endpoint", "backchannel_authentication_request_signing_alg",
    ];

    public required string Name { get; init; }
    public required string? ApplicationType { get; init; }
    public required string[] GrantTypes { get; init; }
    public required string AuthenticationMethod { get; init; }
    public required string[] RedirectUris { get; init; }
    public required string[] PostLogoutRedirectUris { get; init; }
    public required string[] Scopes { get; init; }
    public required string? HomepageUri { get; init; }
    public required ClientSettings Settings { get; init; }

    /// <param name="kept">The settings of a registration that is replaced: those that are not the program's to choose stay.</param>
    /// <exception cref="ValidationException">A member is of the wrong type, or asks for nothing that there is.</exception>
    public static RegistrationMetadata Read(Dictionary<string, JsonElement> members, Offer offer, ClientSettings kept)
    {
        var grants = Grants(members, offer);
        var redirectUris = Texts(members, "redirect_uris") ?? [];
        var homepage = Text(members, "client_uri");
        var applicationType = Text(members, "application_type");
        if (applicationType is not (null or "web" or "native"))
            throw AppDocument.Invalid("application_type", "application_type must be web or native.");
        return new()
        {
            Name = DisplayName.Clean(Text(members, "client_name")) is { Length: > 0 } name ? name : NameOf(homepage, redirectUris),
            ApplicationType = applicationType,
            GrantTypes = grants,
            AuthenticationMethod = Text(members, "token_endpoint_auth_method") ?? ClientAuthenticationMethods.Basic,
            RedirectUris = redirectUris,
            PostLogoutRedirectUris = Texts(members, "post_logout_redirect_uris") ?? [],
            Scopes = ScopesOf(Text(members, "scope"), offer),
            HomepageUri = homepage,
            Settings = SettingsOf(members, kept) with { ResponseTypes = Responses(members, grants) },
        };
    }

    /// <summary>What kind of app that is, for the defaults of everything that these specifications know nothing of.</summary>
    public ClientKind Kind => this switch
    {
        _ when !Infrastructure.OAuth.GrantTypes.AreForPeople(GrantTypes) => ClientKind.Machine,
        { ApplicationType: "native" } => ClientKind.Native,
        { ApplicationType: null } when RedirectUris.Any(HasOwnScheme) || RedirectUris.All(uri => !uri.StartsWith("https:", StringComparison.Ordinal)) => ClientKind.Native,
        { AuthenticationMethod: ClientAuthenticationMethods.None } => ClientKind.SinglePage,
        _ => ClientKind.Web,
    };

    private static bool HasOwnScheme(string uri) => !uri.StartsWith("https:", StringComparison.Ordinal) && !uri.StartsWith("http:", StringComparison.Ordinal);

    private static string[] Grants(Dictionary<string, JsonElement> members, Offer offer)
    {
        var asked = Texts(members, "grant_types") ?? [Infrastructure.OAuth.GrantTypes.AuthorizationCode];
        string[] granted = [.. asked.Where(offer.GrantTypes.Contains)];
        return granted is not [] ? granted : throw AppDocument.Invalid("grant_types", $"grant_types must have one of {string.Join(", ", offer.GrantTypes)}.");
    }

    // §2.1: what the authorization endpoint answers and what the token endpoint takes go together.
    private static string[]? Responses(Dictionary<string, JsonElement> members, string[] grants)
    {
        if (Texts(members, "response_types") is not { } asked)
            return null;
        string[] known = [.. asked.Select(type => string.Join(' ', type.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal))).Where(ResponseTypes.Contains)];
        var hasCode = grants.Contains(Infrastructure.OAuth.GrantTypes.AuthorizationCode);
        if (known is [] && (hasCode || asked is not []))
            throw AppDocument.Invalid("response_types", $"response_types must have one of {string.Join(", ", ResponseTypes)}.");
        if (known is not [] && !hasCode)
            throw AppDocument.Invalid("response_types", "response_types with code need the grant authorization_code in grant_types (RFC 7591 section 2.1).");
        return known is [] or ["code"] ? null : known;
    }

    private static string[] ScopesOf(string? asked, Offer offer)
    {
        if (asked is null)
            return [.. offer.Scopes.Take(MostScopes)];
        string[] granted = [.. (AppDocument.Split(asked) ?? []).Where(offer.Scopes.Contains)];
        return granted is not [] ? granted : throw AppDocument.Invalid("scope", "None of these scopes is one that this app can have; leave scope out to get those that there are.");
    }

    private static ClientSettings SettingsOf(Dictionary<string, JsonElement> members, ClientSettings kept)
    {
        var own = members.Where(member => ClientSettings.Members.Contains(member.Key) && !Withheld.Contains(member.Key));
        var stays = kept.ToMembers().Where(member => Withheld.Contains(member.Key));
        return AppDocument.Change(new(), own.Concat(stays));
    }

    private static string NameOf(string? homepage, string[] redirectUris) =>
        redirectUris.Prepend(homepage).Select(uri => Uri.TryCreate(uri, UriKind.Absolute, out var parsed) && parsed.Scheme is "https" ? parsed.Host : "")
            .FirstOrDefault(host => host.Length is > 0 and <= DisplayName.Longest) ?? "App without a name";

    private static string? Text(Dictionary<string, JsonElement> members, string name) => members.TryGetValue(name, out var value)
        ? value.ValueKind == JsonValueKind.String ? value.GetString() is { Length: > 0 } text ? text : null : throw AppDocument.Invalid(name, $"{name} must be a text.")
        : null;

    private static string[]? Texts(Dictionary<string, JsonElement> members, string name) => members.TryGetValue(name, out var value)
        ? value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(entry => entry.ValueKind == JsonValueKind.String)
            ? [.. value.EnumerateArray().Select(entry => entry.GetString()!).Distinct(StringComparer.Ordinal)]
            : throw AppDocument.Invalid(name, $"{name} must be a list of texts.")
        : null;
}
