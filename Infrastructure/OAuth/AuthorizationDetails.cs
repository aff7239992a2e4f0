using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Signet.Infrastructure.OAuth;

/// <summary>
/// <c>authorization_details</c> (RFC 9396 §2): a list of objects, each of a <c>type</c> that an API understands. What their other
/// members mean is between the app and that API; here they are shown to the person, kept and passed on as they are.
/// </summary>
internal sealed class AuthorizationDetails
{
    private const int Longest = 8 * 1024;
    private const int Most = 20;
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 12 };
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private AuthorizationDetails(JsonElement[] items) => Items = items;

    public IReadOnlyList<JsonElement> Items { get; }

    public IEnumerable<string> Types => Items.Select(TypeOf).Distinct(StringComparer.Ordinal);

    public static string TypeOf(JsonElement item) => item.GetProperty("type").GetString()!;

    /// <summary>Reads the parameter, or what <see cref="ToString"/> wrote; null for what is malformed or too long.</summary>
    public static AuthorizationDetails? Parse(string text)
    {
        if (Encoding.UTF8.GetByteCount(text) > Longest)
            return null;
        try
        {
            using var document = JsonDocument.Parse(text, Strict);
            if (document.RootElement.ValueKind != JsonValueKind.Array || document.RootElement.GetArrayLength() is 0 or > Most)
                return null;
            var items = document.RootElement.EnumerateArray().Select(item => item.Clone()).ToArray();
            var read = new AuthorizationDetails(items);
            return items.All(IsTyped) && read.ToString().Length > 0 ? read : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException) // the latter two for text that is not Unicode
        {
            return null;
        }
    }

    /// <summary>Those that fit; null where none do.</summary>
    public AuthorizationDetails? Where(Func<JsonElement, bool> fits) => Items.Where(fits).ToArray() is { Length: > 0 } left ? new(left) : null;

    /// <summary>What a token request gets of what was granted (§6): all, or those among it that the request names.</summary>
    /// <param name="isBeyond">True when it names what was not granted.</param>
    public static AuthorizationDetails? Of(string? granted, string? requested, out bool isBeyond)
    {
        var all = granted is null ? null : Parse(granted);
        var named = requested is null ? all : Parse(requested);
        isBeyond = requested is not null && (all is null || named is null || named.Items.Any(item => !all.Items.Any(known => JsonElement.DeepEquals(known, item))));
        return isBeyond ? null : named;
    }

    public const string BeyondGrant = "authorization_details may only name what was granted (RFC 9396 section 6).";

    /// <summary>The list as JSON.</summary>
    public override string ToString() => JsonSerializer.Serialize(Items, Compact);

    private static bool IsTyped(JsonElement item) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && Scopes.IsToken(type.GetString()!);
}
