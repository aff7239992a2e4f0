using System.Text.Json;

namespace Signet.Features;

/// <summary>The requests that clients pushed and that no code was issued for yet (RFC 9126 §2.2).</summary>
internal sealed class PushedRequests(AppDbContext db, TimeProvider time)
{
    private const string Prefix = "urn:ietf:params:oauth:request_uri:";
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(90);

    /// <summary>Whether this names a request that was pushed, and no address.</summary>
    public static bool IsNamed(string requestUri) => requestUri.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Keeps a request and names it.</summary>
    public async Task<string> Keep(Client client, Parameters parameters, CancellationToken ct)
    {
        var name = OpaqueValue.Random(OpaqueValue.SecretLength);
        await db.InsertIfAbsent(new PushedRequest
        {
            Hash = new Secret(name).Hash(),
            ClientId = client.Id,
            Parameters = parameters.ToObject(),
            ExpiresAt = time.GetUtcNow() + Lifetime,
        }, ct);
        return Prefix + name;
    }

    /// <summary>The client's own request of that name, unless it had expired at the given time.</summary>
    public async Task<(byte[] Hash, Parameters Parameters)?> Find(Client client, string requestUri, DateTimeOffset asOf, CancellationToken ct)
    {
        var hash = new Secret(requestUri[Prefix.Length..]).Hash();
        var row = await db.PushedRequests.AsNoTracking().FirstOrDefaultAsync(row => row.Hash == hash && row.ClientId == client.Id && row.ExpiresAt > asOf, ct);
        return row is null ? null : (hash, Parameters.FromObject(JsonElement.Parse(row.Parameters)));
    }

    /// <summary>Uses it up; true for the one who did.</summary>
    public async Task<bool> Take(byte[] hash, CancellationToken ct) => await db.PushedRequests.Where(row => row.Hash == hash).ExecuteDeleteAsync(ct) == 1;
}
