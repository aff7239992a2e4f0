namespace Signet.Pages;

internal static class PageNumber
{
    /// <summary>The <c>page</c> of the query; 1 for anything that is not a number above it.</summary>
    public static int Of(HttpRequest request) => int.TryParse(request.Query["page"], out var number) && number > 0 ? number : 1;
}
