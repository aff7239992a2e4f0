using System.Text.Json;

namespace Signet.Infrastructure.Jose;

/// <summary>The public keys of somebody else (RFC 7517 §5).</summary>
internal sealed class JwkSet(PublicJwk[] keys)
{
    private const int Most = 20;

    public static readonly JwkSet Empty = new([]);

    public IReadOnlyList<PublicJwk> Keys => keys;

    /// <summary>The keys that can be used; others are passed over, as §5 has it.</summary>
    public static JwkSet Read(JsonElement set) => set.ValueKind == JsonValueKind.Object && set.TryGetProperty("keys", out var keys) && keys.ValueKind == JsonValueKind.Array
        ? new([.. keys.EnumerateArray().Take(Most).Select(key => PublicJwk.Read(key, out _)).OfType<PublicJwk>()])
        : Empty;

    /// <summary>Why a client may not register this key set, in a sentence, or null.</summary>
    public static string? Objection(JsonElement set)
    {
        if (set.ValueKind != JsonValueKind.Object || !set.TryGetProperty("keys", out var keys) || keys.ValueKind != JsonValueKind.Array)
            return "jwks must be a key set: a JSON object with the list keys.";
        if (keys.GetArrayLength() is 0 or > Most)
            return $"jwks must have 1 to {Most} keys.";
        foreach (var key in keys.EnumerateArray())
        {
            if (PublicJwk.Read(key, out var objection) is null)
                return objection;
        }

        var ids = keys.EnumerateArray().Select(key => key.TryGetProperty("kid", out var kid) ? kid.ToString() : null).OfType<string>().ToArray();
        return ids.Distinct(StringComparer.Ordinal).Count() < ids.Length ? "Two keys have the same kid; each needs its own." : null;
    }

    /// <summary>The keys that may have made a signature: the one that <c>kid</c> names, or without a name all that fit.</summary>
    public IEnumerable<PublicJwk> For(Jws jws) =>
        jws.Algorithm is { } algorithm ? keys.Where(key => key.Fits(algorithm) && (jws.KeyId is null || key.Id == jws.KeyId)) : [];

    /// <summary>The key to encrypt to by this algorithm, one that is for encryption before one that does not say; null where there is none.</summary>
    public PublicJwk? ToEncryptBy(string algorithm) => keys.Where(key => key.Encrypts(algorithm)).MaxBy(key => key.Use is not null);
}
