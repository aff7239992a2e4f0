namespace Signet.Infrastructure.Web;

internal static class Redirects
{
    /// <summary>303, never 307: whatever was sent here is not sent on (RFC 9700 §4.12).</summary>
    public static void SeeOther(this HttpContext http, string address)
    {
        http.Response.StatusCode = StatusCodes.Status303SeeOther;
        http.Response.Headers.Location = address;
    }
}
