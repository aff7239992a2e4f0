using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Infrastructure.Web;

/// <summary>A validator's objections beside their fields: the same page again, with what was typed and status 422.</summary>
internal sealed class InvalidInputFilter : IPageFilter, IOrderedFilter
{
    public int Order => 0;

    public void OnPageHandlerSelected(PageHandlerSelectedContext context)
    {
    }

    public void OnPageHandlerExecuting(PageHandlerExecutingContext context)
    {
    }

    public void OnPageHandlerExecuted(PageHandlerExecutedContext context)
    {
        if (context is not { Exception: ValidationException invalid, HandlerInstance: PageModel page })
            return;
        foreach (var field in invalid.Errors.GroupBy(failure => failure.PropertyName).ToArray()) // a page shows one message beside a field
            page.ModelState.AddModelError(FieldOf(page, field.Key), string.Join(" ", field.Select(failure => failure.ErrorMessage).Distinct()));
        context.ExceptionHandled = true;
        context.Result = new PageResult { StatusCode = StatusCodes.Status422UnprocessableEntity, ViewData = page.ViewData };
    }

    // Forms bind the request as Input; what a page binds by itself has its own name. No form of that kind has a field for a
    // setting of the protocol: what is said of one stands on top.
    private static string FieldOf(PageModel page, string property) =>
        !page.ModelState.Keys.Any(key => key.StartsWith("Input.", StringComparison.Ordinal)) ? property
        : ClientSettings.Members.Contains(property) ? ""
        : $"Input.{property}";
}
