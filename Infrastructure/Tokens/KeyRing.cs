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
internal sealed partial class KeyRing : IDisposable
{
    public const string AccessTokenAlgorithm = SigningAlgorithms.Es256;
    public const string IdTokenAlgorithm = SigningAlgorithms.Rs256;
    public const string Purpose = "signing-key";
    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(5);

    private readonly IServiceScopeFactory scopes;
    private readonly IDataProtectionProvider protection;
    private readonly TimeProvider time;
    private readonly ILogger<KeyRing> log;
    private readonly ConcurrentDictionary<string, KeyMaterial> materials = new();
    private readonly LastKnown<KeyMaterial[]> published;

    public KeyRing(IServiceScopeFactory scopes, IDataProtectionProvider protection, TimeProvider time, ILogger<KeyRing> log)
    {
        (this.scopes, this.protection, this.time, this.log) = (scopes, protection, time, log);
        published = new(Read, FreshFor, exception => CouldNotRead(exception.Message));
    }

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
    public ValueTask<KeyMaterial[]> Published(CancellationToken ct) => published.Get(ct);

    /// <summary>Call after a rotation, so that this node signs and publishes accordingly at once.</summary>
    public void Forget() => published.Overrule();

    private async Task<KeyMaterial[]> Read(CancellationToken ct)
    {
        using var scope = scopes.CreateScope();
        var db = scope.ServiceProvider.GetRequiredService<AppDbContext>();
        var now = time.GetUtcNow();
        var keys = await db.SigningKeys.AsNoTracking()
            .Where(key => key.GoneFrom == null || key.GoneFrom > now)
            .OrderBy(key => key.Generation).ThenBy(key => key.Algorithm).ToArrayAsync(ct);
        return [.. keys.Select(key => materials.AddOrUpdate(
            key.Id, _ => Open(key), (_, known) => known.ActiveFrom == key.ActiveFrom ? known : known.With(key.ActiveFrom)))];
    }

    private KeyMaterial Open(SigningKey key) => new(
        key.Id, key.Algorithm, key.ActiveFrom, key.PublicJwk,
        PrivateKey.Import(key.Algorithm, protection.CreateProtector(Purpose).Unprotect(key.SealedPrivateKey)),
        PublicJwk.Read(JsonElement.Parse(key.PublicJwk), out _) ?? throw new InvalidOperationException($"The key {key.Id} is none."));

    public void Dispose() => published.Dispose();

    [LoggerMessage(4, LogLevel.Warning, "signing keys could not be read, going on with the known ones: {Message}")]
    private partial void CouldNotRead(string message);
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
