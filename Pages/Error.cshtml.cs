using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Pages;

/// <summary>
/// Says what went wrong and what to do, with the reference that the log has too. It shows nothing of the request, and asks
/// no database: it has to render when there is none.
/// </summary>
[AllowAnonymous]
[IgnoreAntiforgeryToken] // it also renders for a POST that failed for its antiforgery token
internal sealed class ErrorPage : PageModel
{
    public int Status => HttpContext.Features.Get<IExceptionHandlerFeature>() is { } failure
        ? Faults.StatusOf(failure.Error)
        : HttpContext.Features.Get<IStatusCodeReExecuteFeature>() is not null ? Response.StatusCode : StatusCodes.Status404NotFound;

    public string Reference => HttpContext.TraceIdentifier;

    public (string Title, string Advice) Words => Status switch
    {
        StatusCodes.Status400BadRequest => ("That request could not be used", "The form may have been open for too long, or the link is incomplete. Go back, load the page again and try once more."),
        StatusCodes.Status403Forbidden => ("This is not yours to open", "Your account has no access to this page. If you think it should, ask the administrator of this installation."),
        StatusCodes.Status404NotFound => ("There is nothing here", "The address may be mistyped, or what it led to has been removed."),
        StatusCodes.Status405MethodNotAllowed => ("That cannot be done here", "This address does not take that kind of request. Start again from the page you came from."),
        StatusCodes.Status413PayloadTooLarge => ("That was too large", "The form held more than Signet accepts. Shorten what you entered and try again."),
        StatusCodes.Status429TooManyRequests => ("Too many attempts", "For your safety there is a pause now. Wait a few minutes, then try again."),
        StatusCodes.Status503ServiceUnavailable => ("Back in a moment", "Signet cannot answer right now. Nothing was lost. Wait a few seconds and try again."),
        >= 500 => ("Something went wrong on our side", "It has been noted. Try again; if it stays, give the reference below to the administrator of this installation."),
        _ => ("That request could not be answered", "Go back, load the page again and try once more."),
    };

    public void OnGet() => Answer();

    public void OnPost() => Answer();

    // Opened by hand it is a page like any other that does not exist.
    private void Answer() => Response.StatusCode = Status;
}
