using System.Data.Common;
using System.Net.Sockets;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Signet.Infrastructure.Web;

/// <summary>
/// What a bug or an outage looks like from outside: JSON to programs, a page with a reference to people. A database that is away
/// is 503 with Retry-After and never a refusal, so that no client drops a good token over a passing fault.
/// </summary>
internal sealed partial class Faults(ILogger<Faults> log) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException && httpContext.RequestAborted.IsCancellationRequested)
            return true;
        var status = StatusOf(exception);
        // The handler runs with the error page's path already; what was asked for stands in the feature.
        var path = httpContext.Features.Get<IExceptionHandlerPathFeature>()?.Path ?? httpContext.Request.Path;
        if (status == StatusCodes.Status500InternalServerError)
            Failed(httpContext.Request.Method, path, httpContext.TraceIdentifier, exception);
        else
            Unavailable(httpContext.Request.Method, path, status, exception.GetType().Name, exception.Message);

        httpContext.Response.StatusCode = status;
        if (status == StatusCodes.Status503ServiceUnavailable)
            httpContext.Response.Headers.RetryAfter = "2";
        if (!IsForPrograms(path))
        {
            ForgetBody(httpContext);
            return false; // the error page renders it
        }

        await new OAuthRefusal(status switch
        {
            StatusCodes.Status503ServiceUnavailable => OAuthError.TemporarilyUnavailable,
            StatusCodes.Status500InternalServerError => OAuthError.ServerError.Saying($"Something went wrong on the server. Quote the reference {httpContext.TraceIdentifier} to its operator."),
            _ => OAuthError.InvalidRequest.Saying("The request is too large or malformed.") with { Status = status },
        }).ExecuteAsync(httpContext);
        return true;
    }

    // A form that could not be read once cannot be read by the error page either.
    private static void ForgetBody(HttpContext http)
    {
        http.Request.Method = HttpMethods.Get;
        http.Request.ContentType = null;
        http.Request.ContentLength = null;
        http.Features.Set<IFormFeature>(new FormFeature(FormCollection.Empty));
    }

    /// <summary>Whether a path answers programs (JSON) rather than people (pages).</summary>
    public static bool IsForPrograms(PathString path) =>
        (path.StartsWithSegments("/oauth", out var rest) && rest != "/authorize" && rest != "/logout")
        || path.StartsWithSegments("/api") || path.StartsWithSegments("/.well-known") || path.StartsWithSegments("/health");

    public static int StatusOf(Exception? exception) => exception switch
    {
        BadHttpRequestException bad => bad.StatusCode,
        InvalidDataException => StatusCodes.Status400BadRequest, // a form beyond its limits
        PostgresException { SqlState: PostgresErrorCodes.CharacterNotInRepertoire } => StatusCodes.Status400BadRequest, // text that no database text can be
        _ when IsPassing(exception) => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };

    private static bool IsPassing(Exception? exception) => exception switch
    {
        null => false,
        PostgresException { SqlState: PostgresErrorCodes.ForeignKeyViolation } => true, // its client or user was removed at that moment; the next try is told so
        SqliteException { SqliteExtendedErrorCode: 787 } => true, // the same
        PostgresException postgres => postgres.IsTransient || postgres.SqlState is ['5', '3' or '7' or '8', ..] or ['0', '8', ..] or "25006" or "3D000" or "40001" or "40P01",
        NpgsqlException => true, // no answer from the server: refused, timed out, pool exhausted, broken
        SqliteException sqlite => sqlite.SqliteErrorCode is 5 or 6 or 8 or 10 or 13 or 14, // busy, locked, read-only, I/O, full, cannot open
        TimeoutException or SocketException or NoEncryptionKey => true,
        DbException { IsTransient: true } => true,
        _ => IsPassing(exception.InnerException),
    };

    [LoggerMessage(6, LogLevel.Error, "{Method} {Path} failed, reference {Reference}")]
    private partial void Failed(string method, string path, string reference, Exception exception);

    [LoggerMessage(7, LogLevel.Warning, "{Method} {Path} answered {Status}: {Kind}: {Message}")]
    private partial void Unavailable(string method, string path, int status, string kind, string message);
}
