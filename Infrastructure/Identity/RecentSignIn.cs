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

    private static readonly TimeSpan ToFillIn = TimeSpan.FromMinutes(20);

    /// <summary>True for a form with much to type: opened in time, it may be filled in at leisure, and nothing typed is lost.</summary>
    public bool IsLongForm { get; init; }

    /// <summary>True for a page that may be read at any time; its forms ask.</summary>
    public bool MayBeRead { get; init; }

    public Task OnPageHandlerSelectionAsync(PageHandlerSelectedContext context) => Task.CompletedTask;

    public Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        var request = context.HttpContext.Request;
        var services = context.HttpContext.RequestServices;
        var since = services.GetRequiredService<Caller>().ProvenAt;
        var isOpening = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);
        if (since is null || (MayBeRead && isOpening) || services.GetRequiredService<TimeProvider>().GetUtcNow() - since <= (IsLongForm && !isOpening ? Recent + ToFillIn : Recent))
            return next();
        context.Result = new LocalRedirectResult("/login/confirm?returnUrl=" + Uri.EscapeDataString(request.Path + (isOpening ? request.QueryString : default)));
        return Task.CompletedTask;
    }
}
