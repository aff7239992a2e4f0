using Microsoft.AspNetCore.Mvc.Filters;

namespace Signet.Features;

/// <summary>
/// Pages on the way to an app (sign-in, second step, consent) end in a redirect to it, and browsers hold redirects after a
/// form against the form-action of the page's policy. This lets exactly the registered address of the waiting request in.
/// </summary>
internal sealed class ReturnToApp(Authorize.Reader reader) : IAsyncPageFilter
{
    public Task OnPageHandlerSelectionAsync(PageHandlerSelectedContext context) => Task.CompletedTask;

    public async Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        var http = context.HttpContext;
        var returnUrl = http.Request.Query["returnUrl"].ToString();
        if (returnUrl.Length == 0 && http.Request.HasFormContentType)
            returnUrl = http.Request.Form["returnUrl"].ToString();
        // A request at an address of the app's waits here as one that was kept; whoever writes such an address into a link fetches nothing by it.
        if (Interaction.Waiting(returnUrl) is { } waiting && (waiting["request_uri"] is not { } uri || PushedRequests.IsNamed(uri)))
        {
            var address = await reader.Read(waiting, http.RequestAborted) switch
            {
                Authorize.Reader.Outcome.Read read => read.Draft.RedirectUri,
                Authorize.Reader.Outcome.Refused { Result: Authorize.Result.RefusedToApp refused } => refused.To.RedirectUri,
                _ => null,
            };
            if (address is not null)
                http.AllowFormsTo(RedirectUri.CspSource(address));
        }

        await next();
    }
}
