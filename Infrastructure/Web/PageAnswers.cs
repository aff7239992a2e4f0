using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Infrastructure.Web;

/// <summary>What pages answer to a form that did not lead on.</summary>
internal static class PageAnswers
{
    /// <summary>The same page with a sentence on top.</summary>
    public static PageResult Again(this PageModel page, string message, int status = StatusCodes.Status422UnprocessableEntity)
    {
        page.ModelState.AddModelError("", message);
        page.Response.StatusCode = status;
        return page.Page();
    }

    /// <summary>The same page, with status 429 and when to come back.</summary>
    public static PageResult TooMany(this PageModel page, string message, TimeSpan comeBackAfter)
    {
        page.Response.Headers.RetryAfter = ((int)comeBackAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return page.Again(message, StatusCodes.Status429TooManyRequests);
    }

    /// <summary>No room to hash a password just now.</summary>
    public static PageResult Busy(this PageModel page) =>
        page.TooMany("Many people are signing in at this moment. Please try again in a few seconds.", HashingRoom.ComeBackAfter);

    /// <summary>Where the person was going, if that is here; never anywhere else.</summary>
    public static IActionResult Onward(this PageModel page, string? returnUrl) =>
        page.LocalRedirect(Local(page, returnUrl) ?? "/account");

    public static string? Local(this PageModel page, string? returnUrl) => page.Url.IsLocalUrl(returnUrl) && returnUrl!.All(character => character is > ' ' and <= '~') ? returnUrl : null;
}
