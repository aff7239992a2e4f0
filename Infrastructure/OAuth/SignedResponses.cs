using Signet.Infrastructure.Jose;

namespace Signet.Infrastructure.OAuth;

/// <summary>By which algorithm each answer to a client is signed: the one that it registered, or the default of its security profile.</summary>
internal static class SignedResponses
{
    /// <summary>The members that name one (OpenID Connect Registration §2, JARM §3, RFC 9701 §6).</summary>
    public static readonly (string Member, Func<ClientSettings, string?> Value)[] Members =
    [
        ("id_token_signed_response_alg", settings => settings.IdTokenSignedResponseAlg),
        ("userinfo_signed_response_alg", settings => settings.UserinfoSignedResponseAlg),
        ("introspection_signed_response_alg", settings => settings.IntrospectionSignedResponseAlg),
        ("authorization_signed_response_alg", settings => settings.AuthorizationSignedResponseAlg),
    ];

    public static string OfIdTokens(ClientSettings settings) => settings.IdTokenSignedResponseAlg ?? Default(settings);

    public static string OfIntrospection(ClientSettings settings) => settings.IntrospectionSignedResponseAlg ?? Default(settings);

    // FAPI 2.0 has no RS256 (Security Profile §5.4.1).
    private static string Default(ClientSettings settings) => settings.IsFapi ? SigningAlgorithms.Ps256 : SigningAlgorithms.Rs256;
}
