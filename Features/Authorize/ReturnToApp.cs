using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.WebUtilities;

namespace Signet.Features;

/// <summary>
/// Pages on the way to an app (sign-in, second step, consent) end in a redirect to it, and browsers hold redirects after a
/// form against the form-action of the page's policy. This lets exactly the registered address of the waiting request in.
/// </summary>
internal sealed class ReturnToApp(ClientDirectory directory) : IAsyncPageFilter
{
    public Task OnPageHandlerSelectionAsync(PageHandlerSelectedContext context) => Task.CompletedTask;

    public async Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        var http = context.HttpContext;
        var returnUrl = http.Request.Query["returnUrl"].ToString();
        if (returnUrl.Length == 0 && http.Request.HasFormContentType)
            returnUrl = http.Request.Form["returnUrl"].ToString();
        if (returnUrl.StartsWith("/oauth/authorize?", StringComparison.Ordinal))
        {
            var query = QueryHelpers.ParseQuery(returnUrl["/oauth/authorize".Length..]);
            if (query.TryGetValue("client_id", out var id) && query.TryGetValue("redirect_uri", out var uri)
                && await directory.Find(id.ToString(), http.RequestAborted) is { } client && RedirectUri.IsRegistered(client, uri.ToString()))
                http.AllowFormsTo(RedirectUri.CspSource(uri.ToString()));
        }

        await next();
    }
}
