namespace Signet.Infrastructure.Web;

internal static class ErrorPages
{
    private const string ExplanationItem = "explanation";

    /// <summary>What the error page says of this very refusal, besides its status; a fixed sentence of ours.</summary>
    public static string? Explanation(this HttpContext http) => http.Items[ExplanationItem] as string;

    /// <summary>Lets the error page answer, with a sentence that helps.</summary>
    public static void Refuse(this HttpContext http, int status, string explanation)
    {
        http.Items[ExplanationItem] = explanation;
        http.Response.StatusCode = status;
    }

    /// <summary>A bare 4xx on a page's path becomes a page in words; programs keep their bare status.</summary>
    public static IApplicationBuilder UseErrorPages(this IApplicationBuilder app) => app.UseWhen(
        http => !Faults.IsForPrograms(http.Request.Path),
        pages => pages.UseStatusCodePagesWithReExecute("/error", "?status={0}"));
}
