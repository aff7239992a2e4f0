namespace Signet.Infrastructure.OAuth;

/// <summary>Where the metadata of an API is (RFC 9728 §3), and how a 401 says so (§5.1).</summary>
internal static class ResourceMetadata
{
    public const string Path = "/.well-known/oauth-protected-resource";

    /// <summary>Of a registered API, by the client id that it introspects with.</summary>
    public static string UrlOf(Resource api, SignetOptions options) => options.Url($"{Path}/{api.ClientId}");

    /// <summary>Of Signet's own API and UserInfo.</summary>
    public static string OwnUrl(SignetOptions options) => options.Url(Path);

    /// <summary>The header for a 401 of the API.</summary>
    public static string Header(string url) => $"WWW-Authenticate: Bearer {Parameter(url)}";

    public static string Parameter(string url) => $"resource_metadata=\"{url}\"";
}
