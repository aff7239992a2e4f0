using System.Text.Json.Serialization;

namespace Signet.Infrastructure.OAuth;

/// <summary>An <see cref="OAuthError"/> as the JSON answer of an endpoint (RFC 6749 §5.2), with the challenge that a 401 owes (RFC 9110 §15.5.2).</summary>
internal sealed partial class OAuthRefusal(OAuthError error) : IResult
{
    public OAuthError Error => error;

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        var log = httpContext.RequestServices.GetRequiredService<ILogger<OAuthRefusal>>();
        Refused(log, httpContext.Request.Path, error.Code, error.Reason ?? error.Description);
        response.StatusCode = error.Status;
        response.Headers.CacheControl = "no-store";
        response.Headers.Pragma = "no-cache";
        if (error.Status is 429 or 503)
            response.Headers.RetryAfter = error.Status == 429 ? "60" : "2";
        response.Headers.WWWAuthenticate = Challenge.Of(httpContext.Request, error, httpContext.RequestServices.GetRequiredService<IOptions<SignetOptions>>().Value);
        return response.WriteAsJsonAsync(new Body(error.Code, error.Description), OAuthRefusalJson.Default.Body);
    }

    [LoggerMessage(2, LogLevel.Information, "{Path} refused: {Code}, {Reason}")]
    private static partial void Refused(ILogger log, string path, string code, string reason);

    internal sealed record Body(
        [property: JsonPropertyName("error")] string Error,
        [property: JsonPropertyName("error_description")] string ErrorDescription);
}

[JsonSerializable(typeof(OAuthRefusal.Body))]
internal sealed partial class OAuthRefusalJson : JsonSerializerContext;
