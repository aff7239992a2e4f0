namespace Signet.Infrastructure.OAuth;

/// <summary>The grants that an app may be registered for (RFC 7591 §2).</summary>
internal static class GrantTypes
{
    public const string AuthorizationCode = "authorization_code";
    public const string RefreshToken = "refresh_token";
    public const string ClientCredentials = "client_credentials";

    public static readonly string[] All = [AuthorizationCode, RefreshToken, ClientCredentials];
}

/// <summary>How an app proves who it is (RFC 7591 §2, <c>token_endpoint_auth_method</c>).</summary>
internal static class ClientAuthenticationMethods
{
    public const string Basic = "client_secret_basic";
    public const string Post = "client_secret_post";
    public const string None = "none";

    public static readonly string[] All = [Basic, Post, None];
}
