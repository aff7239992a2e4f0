namespace Signet.Infrastructure.OAuth;

/// <summary>The grants that an app may be registered for (RFC 7591 §2).</summary>
internal static class GrantTypes
{
    public const string AuthorizationCode = "authorization_code";
    public const string RefreshToken = "refresh_token";
    public const string ClientCredentials = "client_credentials";

    /// <summary>RFC 8628 §3.4.</summary>
    public const string DeviceCode = "urn:ietf:params:oauth:grant-type:device_code";

    /// <summary>OpenID Connect CIBA §10.1.</summary>
    public const string Ciba = "urn:openid:params:grant-type:ciba";

    /// <summary>RFC 8693 §2.1.</summary>
    public const string TokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange";

    /// <summary>RFC 7523 §2.1.</summary>
    public const string JwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";

    public static readonly string[] All = [AuthorizationCode, RefreshToken, ClientCredentials, DeviceCode, Ciba, TokenExchange, JwtBearer];

    /// <summary>Those that only an app may have that proves who it is.</summary>
    public static readonly string[] Confidential = [TokenExchange, JwtBearer];

    /// <summary>Those in which a person decides, and which can therefore come with refresh tokens and scopes about people.</summary>
    public static readonly string[] ForPeople = [AuthorizationCode, DeviceCode, Ciba];

    public static bool AreForPeople(IEnumerable<string> grants) => grants.Any(ForPeople.Contains);
}

/// <summary>How an app proves who it is (RFC 7591 §2, <c>token_endpoint_auth_method</c>).</summary>
internal static class ClientAuthenticationMethods
{
    public const string Basic = "client_secret_basic";
    public const string Post = "client_secret_post";
    public const string ClientSecretJwt = "client_secret_jwt";
    public const string PrivateKeyJwt = "private_key_jwt";
    public const string TlsClientAuth = "tls_client_auth";
    public const string SelfSignedTlsClientAuth = "self_signed_tls_client_auth";
    public const string None = "none";

    /// <summary>Those that show the secret itself; an app that does not choose has both.</summary>
    public static readonly string[] ShowingSecret = [Basic, Post];

    /// <summary>Those that need a secret which both sides know.</summary>
    public static readonly string[] WithSecret = [.. ShowingSecret, ClientSecretJwt];

    /// <summary>Those that prove something.</summary>
    public static readonly string[] Confidential = [.. WithSecret, PrivateKeyJwt, TlsClientAuth, SelfSignedTlsClientAuth];

    public static readonly string[] All = [.. Confidential, None];
}
