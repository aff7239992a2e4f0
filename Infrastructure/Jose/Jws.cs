using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Signet.Infrastructure.Jose;

/// <summary>
/// A signed JSON object in compact form (RFC 7515 §3.1), read and not yet believed. Whatever leaves room for two readings is
/// not one: a repeated member, text that is not Unicode, another spelling of base64url, an extension that must be understood (<c>crit</c>, <c>b64</c>,
/// <c>zip</c>). Keys in the header are for whoever asks for them, and never trusted by themselves (RFC 8725 §3.1).
/// </summary>
internal sealed class Jws
{
    private const int LongestHeader = 4 * 1024;
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };
    private readonly byte[] signed;
    private readonly byte[] signature;

    private Jws(JsonElement header, JsonElement payload, byte[] signed, byte[] signature) =>
        (Header, Payload, this.signed, this.signature) = (header, payload, signed, signature);

    public JsonElement Header { get; }
    public JsonElement Payload { get; }

    /// <summary>The <c>alg</c>; the name that RFC 9864 §2.2 gave to EdDSA over Ed25519 is read as the one that we speak.</summary>
    public string? Algorithm => Text(Header, "alg") is var name && name == SigningAlgorithms.Ed25519 ? SigningAlgorithms.EdDsa : name;
    public string? KeyId => Text(Header, "kid");

    /// <summary>The <c>typ</c>, without <c>application/</c> and in lower case (RFC 7515 §4.1.9).</summary>
    public string? Type => Text(Header, "typ")?.ToLowerInvariant() is { } type ? type.StartsWith("application/", StringComparison.Ordinal) ? type["application/".Length..] : type : null;

    /// <summary>Null for anything that is not a signed JSON object of at most <paramref name="longest"/> characters.</summary>
    public static Jws? Read(string? text, int longest)
    {
        if (text is null || text.Length > longest || text.Split('.') is not [var header, var payload, var signature] || header.Length is 0 or > LongestHeader)
            return null;
        if (Decode(header) is not { } headerBytes || Decode(payload) is not { } payloadBytes || Decode(signature) is not { Length: > 0 } signatureBytes)
            return null;
        if (Parse(headerBytes) is not { } read || Parse(payloadBytes) is not { } claims)
            return null;
        if (read.TryGetProperty("crit", out _) || read.TryGetProperty("b64", out _) || read.TryGetProperty("zip", out _) || read.TryGetProperty("enc", out _))
            return null;
        return new Jws(read, claims, Encoding.ASCII.GetBytes(text[..(header.Length + 1 + payload.Length)]), signatureBytes);
    }

    /// <summary>Whether this key made the signature, by the algorithm that the header names, of those that are allowed.</summary>
    public bool IsSignedBy(PublicJwk key, IEnumerable<string> allowed) =>
        Algorithm is { } algorithm && allowed.Contains(algorithm) && key.Verifies(algorithm, signed, signature);

    /// <summary>The same for a secret that both sides know (<c>HS256</c>, RFC 7518 §3.2).</summary>
    public bool IsSignedBy(ReadOnlySpan<byte> secret) =>
        Algorithm == "HS256" && System.Security.Cryptography.CryptographicOperations.FixedTimeEquals(System.Security.Cryptography.HMACSHA256.HashData(secret, signed), signature);

    /// <summary>A claim that is text; null for every other kind, and for text without a character.</summary>
    public string? this[string claim] => Text(Payload, claim) is { Length: > 0 } text ? text : null;

    /// <summary>A claim that is a NumericDate (RFC 7519 §2); null for what is none.</summary>
    public DateTimeOffset? Time(string claim) =>
        Payload.TryGetProperty(claim, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds is >= 0 and < 253402300800
            ? DateTimeOffset.FromUnixTimeMilliseconds((long)(seconds * 1000))
            : null;

    /// <summary>Whether <c>nbf</c>, where there is one, is a time that has come.</summary>
    public bool HasBegun(DateTimeOffset now) => !Payload.TryGetProperty("nbf", out _) || Time("nbf") <= now;

    /// <summary>A claim that is a list of texts; empty for every other kind.</summary>
    public string[] Texts(string claim) => Payload.TryGetProperty(claim, out var list) && list.ValueKind == JsonValueKind.Array && list.EnumerateArray().All(entry => entry.ValueKind == JsonValueKind.String)
        ? [.. list.EnumerateArray().Select(entry => entry.GetString()!)]
        : [];

    /// <summary>The audiences: one text, or several in a list (RFC 7519 §4.1.3); none for what is neither.</summary>
    public string[] Audiences => Payload.TryGetProperty("aud", out var aud)
        ? aud.ValueKind switch
        {
            JsonValueKind.String => [aud.GetString()!],
            _ => Texts("aud"),
        }
        : [];

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static JsonElement? Parse(byte[] bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes, Strict);
            return document.RootElement.ValueKind == JsonValueKind.Object && IsUnicode(bytes, document.RootElement) ? document.RootElement.Clone() : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException) // the latter for names that are not Unicode
        {
            return null;
        }
    }

    // Only an escape can still write half a character into bytes that are Unicode.
    private static bool IsUnicode(byte[] bytes, JsonElement json) => Utf8.IsValid(bytes) && (!bytes.AsSpan().Contains((byte)'\\') || IsUnicode(json));

    /// <summary>Whether every text in it can be read: the parser looks at none (RFC 8259 §8.2).</summary>
    public static bool IsUnicode(JsonElement json)
    {
        try
        {
            return json.ValueKind switch
            {
                JsonValueKind.String => json.GetString() is not null,
                JsonValueKind.Array => json.EnumerateArray().All(IsUnicode),
                JsonValueKind.Object => json.EnumerateObject().All(member => member.Name is not null && IsUnicode(member.Value)),
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>The bytes, where the text is the one spelling of them.</summary>
    public static byte[]? Decode(string text)
    {
        var bytes = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        return Base64Url.DecodeFromChars(text, bytes, out _, out var length) == OperationStatus.Done && Base64Url.EncodeToString(bytes.AsSpan(0, length)) == text
            ? bytes[..length]
            : null;
    }
}
