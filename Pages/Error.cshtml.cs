using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Pages;

/// <summary>Says what went wrong in words, with the reference that the log has too. Takes nothing to show from the request.</summary>
[AllowAnonymous]
[IgnoreAntiforgeryToken] // it also renders for a POST that failed for its antiforgery token
internal sealed class ErrorPage : PageModel
{
    public int Status { get; private set; }
    public string Reference => HttpContext.TraceIdentifier;

    public void OnGet() => Status = HttpContext.Features.Get<IExceptionHandlerFeature>() is { } failure
        ? Faults.StatusOf(failure.Error)
        : HttpContext.Features.Get<IStatusCodeReExecuteFeature>() is not null ? Response.StatusCode : StatusCodes.Status404NotFound;

    public void OnPost() => OnGet();
}
