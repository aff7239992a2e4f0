using System.Collections.Concurrent;
using System.Text.Json;
using Signet.Infrastructure.Jose;

namespace Signet.Infrastructure.Outbound;

/// <summary>
/// The public keys of apps and of issuers they trust, by value or from their <c>jwks_uri</c>: remembered for five minutes, and
/// asked again at once, but not often, when a key is missing that somebody has just begun to use.
/// </summary>
internal sealed class RemoteKeys(OutboundClient outbound, TimeProvider time)
{
    private const int Most = 1000;
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan AskedAgainAfter = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<string, Entry> known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, JwkSet> given = new(StringComparer.Ordinal);

    /// <summary>The keys that may have made this signature; none when they cannot be had.</summary>
    public async ValueTask<IReadOnlyList<PublicJwk>> For(Jws jws, JsonElement? jwks, string? jwksUri, CancellationToken ct)
    {
        if (jwks is { } set)
            return [.. Given(set).For(jws)];
        if (jwksUri is null)
            return [];
        var entry = await Find(jwksUri, Fresh, ct);
        if (!entry.Keys.For(jws).Any())
            entry = await Find(jwksUri, AskedAgainAfter, ct);
        return [.. entry.Keys.For(jws)];
    }

    /// <summary>The first key that matches, or null.</summary>
    public async ValueTask<PublicJwk?> Find(JsonElement? jwks, string? jwksUri, Func<PublicJwk, bool> matches, CancellationToken ct)
    {
        if (jwks is { } set)
            return Given(set).Keys.FirstOrDefault(matches);
        if (jwksUri is null)
            return null;
        return (await Find(jwksUri, Fresh, ct)).Keys.Keys.FirstOrDefault(matches) ?? (await Find(jwksUri, AskedAgainAfter, ct)).Keys.Keys.FirstOrDefault(matches);
    }

    /// <summary>All keys, for encrypting to their holder.</summary>
    public async ValueTask<JwkSet> Of(JsonElement? jwks, string? jwksUri, CancellationToken ct) =>
        jwks is { } set ? Given(set) : jwksUri is null ? JwkSet.Empty : (await Find(jwksUri, Fresh, ct)).Keys;

    // Reading a key costs as much as a signature: once for each set, not for each request.
    private JwkSet Given(JsonElement set)
    {
        if (given.Count >= Most)
            given.Clear();
        return given.GetOrAdd(set.GetRawText(), static (_, read) => JwkSet.Read(read), set);
    }

    private async ValueTask<Entry> Find(string uri, TimeSpan notOlderThan, CancellationToken ct)
    {
        var now = time.GetTimestamp();
        if (known.TryGetValue(uri, out var entry) && time.GetElapsedTime(entry.AskedAt, now) < notOlderThan)
            return entry;
        var answer = await outbound.GetJson(uri, ct);
        // Keys that were good a moment ago stay good while their server is away.
        var keys = answer is { } set ? JwkSet.Read(set) : entry?.Keys ?? JwkSet.Empty;
        if (known.Count >= Most)
            known.Clear();
        return known[uri] = new Entry(keys, now);
    }

    private sealed record Entry(JwkSet Keys, long AskedAt);
}
