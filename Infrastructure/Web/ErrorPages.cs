using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Infrastructure.Web;

/// <summary>What a bare 4xx looks like: a page in words to people, JSON to programs. And where nothing is, the answer is 404, not a sign-in page.</summary>
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

    /// <summary>The page of an exception is rendered with services of its own: what failed once must not fail the page too.</summary>
    public static IApplicationBuilder UseFaults(this IApplicationBuilder app) =>
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandlingPath = "/error",
            CreateScopeForErrors = true,
            SuppressDiagnosticsCallback = context => Faults.StatusOf(context.Exception) != StatusCodes.Status500InternalServerError, // said in one line already, and not a page of stack for whoever sends nonsense
        });

    /// <summary>Puts a bare 4xx in words: a page for people, JSON for programs.</summary>
    public static IApplicationBuilder UseErrorPages(this IApplicationBuilder app) => app
        .UseWhen(http => !Faults.IsForPrograms(http.Request.Path), pages => pages.UseStatusCodePagesWithReExecute("/error"))
        .UseWhen(http => Faults.IsForPrograms(http.Request.Path), programs => programs.UseStatusCodePages(context => Json(context.HttpContext)));

    /// <summary>
    /// Answers what no endpoint takes before anyone is asked to sign in for it: 404 for an unknown address, 405 and 415 as
    /// routing decided, and 405 for methods that no page knows.
    /// </summary>
    public static IApplicationBuilder UseRoutingRefusals(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        var endpoint = http.GetEndpoint();
        if (endpoint is null)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        if (endpoint is not RouteEndpoint && endpoint.RequestDelegate is { } refuse)
            return refuse(http);
        if (endpoint.Metadata.GetMetadata<PageActionDescriptor>() is not null && !IsForPages(http))
        {
            http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            http.Response.Headers.Allow = "GET, HEAD, POST";
            return Task.CompletedTask;
        }

        return next(http);
    });

    // The error page itself answers whatever failed, by any method.
    private static bool IsForPages(HttpContext http) =>
        http.Request.Method is "GET" or "HEAD" or "POST" || http.Features.Get<IStatusCodeReExecuteFeature>() is not null || http.Features.Get<IExceptionHandlerFeature>() is not null;

    private static Task Json(HttpContext http)
    {
        var (code, description) = http.Response.StatusCode switch
        {
            StatusCodes.Status401Unauthorized => (OAuthError.InvalidToken.Code, OAuthError.InvalidToken.Description),
            StatusCodes.Status403Forbidden => (OAuthError.InsufficientScope.Code, OAuthError.InsufficientScope.Description),
            StatusCodes.Status404NotFound => ("not_found", "Nothing is served at this address."),
            StatusCodes.Status405MethodNotAllowed => ("invalid_request", $"This address does not take this method; it takes {http.Response.Headers.Allow}."),
            StatusCodes.Status413PayloadTooLarge => ("invalid_request", "The request is too large."),
            StatusCodes.Status415UnsupportedMediaType => ("invalid_request", "The Content-Type of the request is not one that this address takes."),
            StatusCodes.Status429TooManyRequests => (OAuthError.SlowDown.Code, OAuthError.SlowDown.Description),
            StatusCodes.Status503ServiceUnavailable => (OAuthError.TemporarilyUnavailable.Code, OAuthError.TemporarilyUnavailable.Description),
            >= 500 => (OAuthError.ServerError.Code, OAuthError.ServerError.Description),
            _ => (OAuthError.InvalidRequest.Code, OAuthError.InvalidRequest.Description),
        };
        http.Response.Headers.CacheControl = "no-store";
        return http.Response.WriteAsJsonAsync(new OAuthRefusal.Body(code, description), OAuthRefusalJson.Default.Body);
    }
}
