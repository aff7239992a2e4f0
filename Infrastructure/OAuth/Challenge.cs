using Microsoft.Extensions.Primitives;
using Signet.Infrastructure.OAuth.Dpop;

namespace Signet.Infrastructure.OAuth;

/// <summary>What a refusal says of how to ask (RFC 9110 §11.6.1): in the scheme that the caller used (RFC 6750 §3, RFC 9449 §7.1), and where to learn more (RFC 9728 §5.1).</summary>
internal static class Challenge
{
    private static readonly string Algorithms = $"algs=\"{string.Join(' ', DpopProof.Algorithms)}\"";

    public static StringValues Of(HttpRequest request, OAuthError error, SignetOptions options) => error switch
    {
        { Code: "invalid_token" or "insufficient_scope" } when PresentedToken.InHeader(request, DpopProofs.Header) is not null => Dpop(error, options),
        // Nobody finds a way to a registration access token by metadata.
        { Code: "invalid_token" } when request.Path.StartsWithSegments("/oauth/register") => $"Bearer error=\"{error.Code}\", error_description=\"{error.Description}\"",
        { Code: "invalid_token" } => new[] { Bearer(error, options), $"DPoP {Algorithms}, {Metadata(options)}" },
        { Code: "insufficient_scope" } => Bearer(error, options),
        { Code: "invalid_dpop_proof" or "use_dpop_nonce", Status: StatusCodes.Status401Unauthorized } => Dpop(error, options),
        { Status: StatusCodes.Status401Unauthorized } => "Basic realm=\"signet\", charset=\"UTF-8\"",
        _ => default,
    };

    private static string Bearer(OAuthError error, SignetOptions options) => $"Bearer error=\"{error.Code}\", error_description=\"{error.Description}\", {Metadata(options)}";

    private static string Dpop(OAuthError error, SignetOptions options) => $"DPoP error=\"{error.Code}\", error_description=\"{error.Description}\", {Algorithms}, {Metadata(options)}";

    private static string Metadata(SignetOptions options) => ResourceMetadata.Parameter(ResourceMetadata.OwnUrl(options));
}
