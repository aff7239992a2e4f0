namespace Signet.Infrastructure.OAuth;

/// <summary>The section <c>Signet:MutualTls</c>: where connections are asked for a certificate, if not everywhere (RFC 8705 §5).</summary>
internal sealed class MutualTlsOptions
{
    /// <summary>An https address without path that leads to the same nodes; told as <c>mtls_endpoint_aliases</c>. Without it certificates are asked for at the issuer's.</summary>
    public string? BaseAddress { get; init; }

    /// <summary>The path at that address; null where there is none.</summary>
    public string? Url(string path) => BaseAddress is { Length: > 0 } address ? address.TrimEnd('/') + path : null;

    /// <summary>What is wrong with it, in sentences.</summary>
    public IEnumerable<string> Objections() => BaseAddress is not { Length: > 0 } address
        || (Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps && uri.PathAndQuery == "/" && uri.Fragment.Length == 0 && uri.UserInfo.Length == 0)
        ? []
        : ["Signet:MutualTls:BaseAddress must be an https URL without path, query and fragment, for example https://mtls.id.example.com."];
}
