using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using Signet.Infrastructure.Jose;

namespace Signet.Infrastructure.Tokens;

/// <summary>
/// The signing keys, as this node knows them: at most five seconds old, and the last known ones while the database is away.
/// A key's life: next (published, not yet signing) → active → retired (published, no longer signing) → gone.
/// </summary>
internal sealed partial class KeyRing(IServiceScopeFactory scopes, IDataProtectionProvider protection, TimeProvider time, ILogger<KeyRing> log) : IDisposable
{
    public const string AccessTokenAlgorithm = SigningAlgorithms.Es256;
    public const string IdTokenAlgorithm = SigningAlgorithms.Rs256;
    public const string Purpose = "signing-key";
    private const long FreshForMilliseconds = 5000;

    private readonly SemaphoreSlim reading = new(1, 1);
    private readonly ConcurrentDictionary<string, KeyMaterial> materials = new();
    private volatile Snapshot? snapshot;

    /// <summary>The key that signs with this algorithm now.</summary>
    public async ValueTask<KeyMaterial> Signer(string algorithm, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var keys = await Published(ct);
        for (var i = keys.Length - 1; i >= 0; i--)
        {
            if (keys[i].Algorithm == algorithm && keys[i].ActiveFrom <= now)
                return keys[i];
        }

        throw new InvalidOperationException($"There is no active {algorithm} key.");
    }

    /// <summary>Every key that a token which is still good may be signed with, oldest first.</summary>
    public async ValueTask<KeyMaterial[]> Published(CancellationToken ct)
    {
        if (snapshot is { IsFresh: true } fresh)
            return fresh.Keys;
        // One reader asks the database; the others go on with what is known.
        if (snapshot is { } stale && reading.CurrentCount == 0)
            return stale.Keys;
        await reading.WaitAsync(ct);
        try
        {
            if (snapshot is { IsFresh: true } now)
                return now.Keys;
            snapshot = new(await Read(ct));
        }
        catch (Exception exception) when (snapshot is not null && exception is not OperationCanceledException)
        {
            CouldNotRead(exception.Message);
            snapshot = new(snapshot!.Keys);
        }
        finally
        {
            reading.Release();
        }

        return snapshot.Keys;
    }

    /// <summary>Call after a rotation, so that this node signs and publishes accordingly at once.</summary>
    public void Forget() => snapshot = null;

    private async Task<KeyMaterial[]> Read(CancellationToken ct)
    {
        using var scope = scopes.CreateScope();
        var db = scope.ServiceProvider.GetRequiredService<AppDbContext>();
        var now = time.GetUtcNow();
        var keys = await db.SigningKeys.AsNoTracking()
            .Where(key => key.GoneFrom == null || key.GoneFrom > now)
            .OrderBy(key => key.Generation).ToArrayAsync(ct);
        return [.. keys.Select(key => materials.AddOrUpdate(
            key.Id, _ => Open(key), (_, known) => known.ActiveFrom == key.ActiveFrom ? known : known.With(key.ActiveFrom)))];
    }

    private KeyMaterial Open(SigningKey key) => new(
        key.Id, key.Algorithm, key.ActiveFrom, key.PublicJwk,
        PrivateKey.Import(key.Algorithm, protection.CreateProtector(Purpose).Unprotect(key.SealedPrivateKey)),
        PublicJwk.Read(JsonElement.Parse(key.PublicJwk), out _) ?? throw new InvalidOperationException($"The key {key.Id} is none."));

    public void Dispose() => reading.Dispose();

    [LoggerMessage(4, LogLevel.Warning, "signing keys could not be read, going on with the known ones: {Message}")]
    private partial void CouldNotRead(string message);

    private sealed record Snapshot(KeyMaterial[] Keys)
    {
        private readonly long readAt = Environment.TickCount64;
        public bool IsFresh => Environment.TickCount64 - readAt < FreshForMilliseconds;
    }
}

/// <summary>One signing key, ready to use from any number of threads.</summary>
internal sealed class KeyMaterial(string id, string algorithm, DateTimeOffset activeFrom, string publicJwk, PrivateKey privateKey, PublicJwk publicKey)
{
    private readonly ConcurrentDictionary<string, string> headers = new();

    public string Id => id;
    public string Algorithm => algorithm;
    public DateTimeOffset ActiveFrom => activeFrom;
    public string PublicJwk => publicJwk;
    public PublicJwk PublicKey => publicKey;

    public KeyMaterial With(DateTimeOffset activeFrom) => new(id, algorithm, activeFrom, publicJwk, privateKey, publicKey);

    /// <summary>The JWS header for a type, as base64url.</summary>
    public string Header(string type) => headers.GetOrAdd(type, _ => Base64Url.EncodeToString(
        Encoding.UTF8.GetBytes($$"""{"alg":"{{algorithm}}","typ":"{{type}}","kid":"{{id}}"}""")));

    public byte[] Sign(ReadOnlySpan<byte> data) => privateKey.Sign(data);
}
