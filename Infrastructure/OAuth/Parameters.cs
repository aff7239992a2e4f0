using System.Text.Json;
using Microsoft.Extensions.Primitives;

namespace Signet.Infrastructure.OAuth;

/// <summary>The parameters of a protocol request, each at most once (RFC 6749 §3.1; <c>resource</c> and <c>audience</c> may repeat, RFC 8707 §2, RFC 8693 §2.1). An empty value counts as absent.</summary>
internal sealed class Parameters
{
    private readonly Dictionary<string, StringValues> values;

    private Parameters(Dictionary<string, StringValues> values) => this.values = values;

    public string? this[string name] => values.TryGetValue(name, out var value) && value is [{ Length: > 0 } text, ..] ? text : null;

    public bool Has(string name) => this[name] is not null;

    public IReadOnlyCollection<string> Names => values.Keys;

    /// <summary>The longest <c>state</c> that is carried, as it stands in an address; OpenIddict seals three quarters of it in its own.</summary>
    public const int LongestState = 4096;

    public bool HasTooLongState => this["state"] is { } state && Uri.EscapeDataString(state).Length > LongestState;

    public string[] Resources => Texts("resource");

    /// <summary>RFC 8693 §2.1.</summary>
    public string[] Audiences => Texts("audience");

    private string[] Texts(string name) => values.TryGetValue(name, out var value) ? value.Where(text => !string.IsNullOrEmpty(text)).Select(text => text!).ToArray() : [];

    /// <summary>The name of a parameter that came more than once, or null.</summary>
    public string? Repeated => values.FirstOrDefault(pair => pair.Value.Count > 1 && pair.Key is not ("resource" or "audience")).Key;

    public bool Repeats(string name) => values.TryGetValue(name, out var value) && value.Count > 1;

    public static Parameters From(IEnumerable<KeyValuePair<string, StringValues>> pairs) => new(pairs.ToDictionary(StringComparer.Ordinal));

    /// <summary>These alone of them.</summary>
    public Parameters Only(params string[] names) => new(values.Where(pair => names.Contains(pair.Key)).ToDictionary(StringComparer.Ordinal));

    /// <summary>All but these, and with this one.</summary>
    public Parameters Without(string[] names, string name, string value) =>
        new(values.Where(pair => pair.Key != name && !names.Contains(pair.Key)).Append(new(name, value)).ToDictionary(StringComparer.Ordinal));

    /// <summary>The parameters that a JSON object's members are (RFC 9101 §4): text as it is, other values as their JSON, a list of resources as several.</summary>
    public static Parameters FromObject(JsonElement json) => From(json.EnumerateObject().Where(member => member.Value.ValueKind != JsonValueKind.Null).Select(member =>
        member.Value.ValueKind == JsonValueKind.Array && member.Name == "resource" ? Pair(member)
            : new KeyValuePair<string, StringValues>(member.Name, member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString() : member.Value.GetRawText())));

    /// <summary>A JSON object that <see cref="FromObject"/> reads as the same parameters.</summary>
    public string ToObject() => JsonSerializer.Serialize(values.ToDictionary(
        pair => pair.Key, pair => pair.Key == "resource" ? JsonSerializer.SerializeToElement(Resources) : JsonSerializer.SerializeToElement(this[pair.Key] ?? "")));

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
