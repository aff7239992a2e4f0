namespace Signet.Infrastructure.Web;

internal static class ErrorPages
{
    /// <summary>A bare 4xx on a page's path becomes a page in words; programs keep their bare status.</summary>
    public static IApplicationBuilder UseErrorPages(this IApplicationBuilder app) => app.UseWhen(
        http => !Faults.IsForPrograms(http.Request.Path),
        pages => pages.UseStatusCodePagesWithReExecute("/error", "?status={0}"));
}
