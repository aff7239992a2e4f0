using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;

namespace Signet.Infrastructure.Identity;

/// <summary>
/// On a page that changes how a person signs in: whoever proved longer than ten minutes ago who they are proves it again first
/// (ASVS 7.5.3), so that an unlocked screen is not enough.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class RecentSignInAttribute : Attribute, IAsyncPageFilter
{
    public static readonly TimeSpan Recent = TimeSpan.FromMinutes(10);

    public Task OnPageHandlerSelectionAsync(PageHandlerSelectedContext context) => Task.CompletedTask;

    public Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        var services = context.HttpContext.RequestServices;
        var since = services.GetRequiredService<Caller>().AuthenticatedAt;
        if (since is null || services.GetRequiredService<TimeProvider>().GetUtcNow() - since <= Recent)
            return next();
        context.Result = new LocalRedirectResult("/login/confirm?returnUrl=" + Uri.EscapeDataString(context.HttpContext.Request.Path));
        return Task.CompletedTask;
    }
}
