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
    private readonly Flights<Entry> flights = new();
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
        var text = set.GetRawText();
        if (given.TryGetValue(text, out var read))
            return read;
        if (given.Count >= Most)
            given.Clear();
        return given[text] = JwkSet.Read(set);
    }

    private async ValueTask<Entry> Find(string uri, TimeSpan notOlderThan, CancellationToken ct)
    {
        if (known.TryGetValue(uri, out var entry) && time.GetElapsedTime(entry.AskedAt) < notOlderThan)
            return entry;
        return await flights.Join(uri, () => Ask(uri), ct);
    }

    private async Task<Entry> Ask(string uri)
    {
        var now = time.GetTimestamp();
        // Keys that were good a moment ago stay good while their server is away.
        var keys = await outbound.GetJson(uri, CancellationToken.None) is { } set ? JwkSet.Read(set) : known.GetValueOrDefault(uri)?.Keys ?? JwkSet.Empty;
        if (known.Count >= Most)
            known.Clear();
        return known[uri] = new Entry(keys, now);
    }

    private sealed record Entry(JwkSet Keys, long AskedAt);
}
