using System.Buffers.Text;
using System.Text;

namespace Signet.Infrastructure.Web;

/// <summary>
/// A client id as one segment of a path (<c>{id:app}</c>): an ordinary one as it is, and one that is an address as <c>url:</c> and its
/// base64url, because an encoded slash does not survive every proxy. Where it did, the percent-encoded address is understood too.
/// </summary>
internal sealed class AppSegment : IOutboundParameterTransformer, IRouteConstraint
{
    private const string Prefix = "url:"; // no registered id has a colon
    private const string EncodedScheme = "https:%2F%2F";

    /// <summary>The segment of a client id, for links that no route makes.</summary>
    public static string Of(string id) => ClientIds.IsDocument(id) ? Prefix + Base64Url.EncodeToString(Encoding.ASCII.GetBytes(id)) : id;

    public string? TransformOutbound(object? value) => value is string id ? Of(id) : value?.ToString();

    public bool Match(HttpContext? httpContext, IRouter? route, string routeKey, RouteValueDictionary values, RouteDirection routeDirection)
    {
        if (routeDirection != RouteDirection.IncomingRequest || values[routeKey] is not string segment)
            return true;
        if (Read(segment) is not { } id)
            return false;
        if (id != segment)
            values[routeKey] = id;
        return true;
    }

    /// <summary>The id that a segment stands for; null for one that stands for none.</summary>
    private static string? Read(string segment)
    {
        if (segment.StartsWith(EncodedScheme, StringComparison.OrdinalIgnoreCase))
            return segment.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        if (!segment.StartsWith(Prefix, StringComparison.Ordinal))
            return segment;
        var text = segment.AsSpan(Prefix.Length);
        if (!Base64Url.IsValid(text))
            return null;
        var id = Encoding.ASCII.GetString(Base64Url.DecodeFromChars(text));
        return ClientIds.IsDocument(id) ? id : null;
    }
}
