namespace Signet.Infrastructure.OAuth;

/// <summary>What follows from a person's word for an app, in the metadata of RFC 7591 §2.</summary>
internal sealed record ClientDefaults(string[] AuthenticationMethods, string[] GrantTypes, string[] Scopes)
{
    private static readonly string[] WithSecret = [ClientAuthenticationMethods.Basic, ClientAuthenticationMethods.Post];
    private static readonly string[] WithPeople = [OAuth.GrantTypes.AuthorizationCode, OAuth.GrantTypes.RefreshToken];
    private static readonly string[] AboutPeople = [OAuth.Scopes.OpenId, OAuth.Scopes.Profile, OAuth.Scopes.Email];

    public static ClientDefaults Of(ClientKind kind) => kind switch
    {
        ClientKind.Web => new(WithSecret, WithPeople, [.. AboutPeople, OAuth.Scopes.OfflineAccess]),
        ClientKind.SinglePage => new([ClientAuthenticationMethods.None], WithPeople, AboutPeople),
        ClientKind.Native => new([ClientAuthenticationMethods.None], WithPeople, [.. AboutPeople, OAuth.Scopes.OfflineAccess]),
        ClientKind.Machine => new(WithSecret, [OAuth.GrantTypes.ClientCredentials], []),
        _ => new(WithSecret, [], []),
    };

    /// <summary>The kind of an app whose registration names none: its grants, its secrecy and its redirect URIs tell.</summary>
    public static ClientKind KindOf(string[]? grants, bool? isPublic, string[] redirectUris) => (grants, isPublic) switch
    {
        (null or [], not true) when redirectUris is [] => ClientKind.Machine,
        ({ Length: > 0 }, not true) when !OAuth.GrantTypes.AreForPeople(grants) => ClientKind.Machine,
        (_, true) when redirectUris is [] && grants?.Contains(OAuth.GrantTypes.DeviceCode) == true => ClientKind.Native,
        (_, true) when redirectUris is not [] && redirectUris.All(IsOfDevice) => ClientKind.Native,
        (_, true) => ClientKind.SinglePage,
        _ => ClientKind.Web,
    };

    // RFC 8252 §7: a scheme of its own, or the loopback interface.
    private static bool IsOfDevice(string uri) => !uri.StartsWith("https:", StringComparison.Ordinal);
}
