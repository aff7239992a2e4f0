using Microsoft.AspNetCore.Http.Extensions;

namespace Signet.Pages;

/// <summary>Which page of a long list is shown. The links keep the rest of the query, such as a search, and change <c>page</c>.</summary>
internal sealed record Pager(int Number, bool HasNext)
{
    public static string Link(HttpRequest request, int number)
    {
        var query = new QueryBuilder(request.Query.Where(pair => pair.Key != "page")) { { "page", $"{number}" } };
        return request.Path + query.ToString();
    }
}
