using System.Text.Json;
using Microsoft.Extensions.Primitives;

namespace Signet.Infrastructure.OAuth;

/// <summary>The parameters of a protocol request, each at most once (RFC 6749 §3.1; <c>resource</c> may repeat, RFC 8707 §2). An empty value counts as absent.</summary>
internal sealed class Parameters
{
    private readonly Dictionary<string, StringValues> values;

    private Parameters(Dictionary<string, StringValues> values) => this.values = values;

    public string? this[string name] => values.TryGetValue(name, out var value) && value is [{ Length: > 0 } text, ..] ? text : null;

    public bool Has(string name) => values.ContainsKey(name);

    public IReadOnlyCollection<string> Names => values.Keys;

    public string[] Resources => values.TryGetValue("resource", out var value) ? value.Where(text => !string.IsNullOrEmpty(text)).Select(text => text!).ToArray() : [];

    /// <summary>The same, with this value in place of whatever there was.</summary>
    public Parameters With(string name, string value) => new(new(values, StringComparer.Ordinal) { [name] = value });

    /// <summary>The name of a parameter that came more than once, or null.</summary>
    public string? Repeated => values.FirstOrDefault(pair => pair.Value.Count > 1 && pair.Key != "resource").Key;

    public static Parameters From(IEnumerable<KeyValuePair<string, StringValues>> pairs) => new(pairs.ToDictionary(StringComparer.Ordinal));

    /// <summary>Reads a form, or a JSON object of strings with the same names; null when the body is neither.</summary>
    public static async Task<Parameters?> FromBody(HttpRequest request, CancellationToken ct)
    {
        if (request.HasFormContentType && !request.ContentType!.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase))
            return From(await request.ReadFormAsync(ct));
        if (!request.HasJsonContentType())
            return null;
        try
        {
            using var json = await JsonDocument.ParseAsync(request.Body, new JsonDocumentOptions { MaxDepth = 4, AllowDuplicateProperties = false }, ct);
            return json.RootElement.ValueKind == JsonValueKind.Object ? From(json.RootElement.EnumerateObject().Select(Pair)) : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException) // the latter for text that is not Unicode
        {
            return null;
        }
    }

    private static KeyValuePair<string, StringValues> Pair(JsonProperty property) => new(property.Name, property.Value.ValueKind switch
    {
        JsonValueKind.Array => property.Value.EnumerateArray().Select(item => item.ToString()).ToArray(),
        _ => property.Value.ToString(),
    });
}
