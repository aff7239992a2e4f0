using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Signet.Infrastructure.Web;

/// <summary>What is wrong with a request to the management API, as RFC 9457 says it. <c>errors</c> has the objections by member.</summary>
internal static class ApiProblem
{
    public static IResult Of(int status, string title, string? detail = null, string? code = null, IReadOnlyDictionary<string, string[]>? errors = null)
    {
        var problem = new JsonObject { ["type"] = "about:blank", ["title"] = title, ["status"] = status };
        if (detail is not null)
            problem["detail"] = detail;
        if (code is not null)
            problem["error"] = code; // RFC 7591 §3.2.2
        if (errors is not null)
            problem["errors"] = JsonSerializer.SerializeToNode(errors);
        return Results.Text(problem.ToJsonString(), "application/problem+json", statusCode: status);
    }

    public static IResult NotFound() => Of(StatusCodes.Status404NotFound, "Not found", "There is nothing here that you may see.");
}

/// <summary>Bodies of the management API: JSON with the members that are documented, each once, and nothing else.</summary>
internal static class JsonBody
{
    private static readonly JsonSerializerOptions Strict = new()
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        MaxDepth = 8,
    };

    /// <summary>The body, or the refusal that it deserves.</summary>
    public static async Task<(T? Body, IResult? Refusal)> Read<T>(HttpRequest request, CancellationToken ct) where T : class
    {
        if (!request.HasJsonContentType())
            return (null, ApiProblem.Of(StatusCodes.Status415UnsupportedMediaType, "Unsupported media type", "Send the body as application/json."));
        try
        {
            return await JsonSerializer.DeserializeAsync<T>(request.Body, Strict, ct) is { } body
                ? (body, null)
                : (null, Malformed("The body must be a JSON object."));
        }
        catch (JsonException exception)
        {
            return (null, Malformed($"The body is not JSON, or has a member that is unknown, repeated or of the wrong type, at {exception.Path ?? "$"}."));
        }
    }

    public static IResult Malformed(string detail) => ApiProblem.Of(StatusCodes.Status400BadRequest, "Malformed body", detail, "invalid_client_metadata");
}
