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
/// The private half of a key may be in a file (<see cref="KeyFiles"/>), then the nodes that have the file sign with it, and all verify.
/// </summary>
internal sealed partial class KeyRing : IDisposable
{
    public const string AccessTokenAlgorithm = SigningAlgorithms.Es256;
    public const string IdTokenAlgorithm = SigningAlgorithms.Rs256;
    public const string Purpose = "signing-key";
    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(5);

    private readonly IServiceScopeFactory scopes;
    private readonly IDataProtectionProvider protection;
    private readonly KeyFiles files;
    private readonly IOptions<LifetimeOptions> lifetimes;
    private readonly TimeProvider time;
    private readonly ILogger<KeyRing> log;
    private readonly ConcurrentDictionary<string, KeyMaterial> materials = new();
    private readonly LastKnown<KeyMaterial[]> published;

    public KeyRing(
        IServiceScopeFactory scopes, IDataProtectionProvider protection, KeyFiles files, IOptions<LifetimeOptions> lifetimes, TimeProvider time, ILogger<KeyRing> log)
    {
        (this.scopes, this.protection, this.files, this.lifetimes, this.time, this.log) = (scopes, protection, files, lifetimes, time, log);
        published = new(Read, FreshFor, exception => CouldNotRead(exception.Message));
    }

    /// <summary>The key that signs with this algorithm now.</summary>
    public async ValueTask<KeyMaterial> Signer(string algorithm, CancellationToken ct) =>
        Signer(await Published(ct), algorithm, time.GetUtcNow()) ?? throw new InvalidOperationException($"There is no active {algorithm} key.");

    // The keys are in the order in which they are preferred, the best last.
    private static KeyMaterial? Signer(KeyMaterial[] keys, string algorithm, DateTimeOffset now)
    {
        for (var i = keys.Length - 1; i >= 0; i--)
        {
            if (keys[i].Algorithm == algorithm && keys[i].ActiveFrom <= now && keys[i].CanSign)
                return keys[i];
        }

        return null;
    }

    /// <summary>Every key that a token which is still good may be signed with.</summary>
    public ValueTask<KeyMaterial[]> Published(CancellationToken ct) => published.Get(ct);

    /// <summary>Call after a rotation, so that this node signs and publishes accordingly at once.</summary>
    public void Forget() => published.Overrule();

    private async Task<KeyMaterial[]> Read(CancellationToken ct)
    {
        using var scope = scopes.CreateScope();
        var db = scope.ServiceProvider.GetRequiredService<AppDbContext>();
        var now = time.GetUtcNow();
        var own = files.All.Select(file => file.Id).ToArray();
        var rows = await db.SigningKeys.AsNoTracking()
            .Where(key => key.GoneFrom == null || key.GoneFrom > now || own.Contains(key.Id))
            .OrderBy(key => key.Generation).ThenBy(key => key.Algorithm).ToArrayAsync(ct);
        // What files say goes before what the database knows, and a later file before an earlier one.
        var keys = rows.OrderBy(key => Array.IndexOf(own, key.Id) is var place and >= 0 && files.All[place].Use == KeyFileUse.Sign ? place : -1)
            .Select(key => materials.AddOrUpdate(key.Id, _ => Open(key), (_, known) => known.ActiveFrom == key.ActiveFrom ? known : known.With(key.ActiveFrom))).ToArray();
        await VouchFor(db, rows, keys, now, ct);
        return keys;
    }

    /// <summary>
    /// A key stays published while a node signs with it, or will: also where another node, which was restarted already, has put
    /// a newer key before it. Keys that follow one another in their time are published for long enough anyway.
    /// </summary>
    private async Task VouchFor(AppDbContext db, SigningKey[] rows, KeyMaterial[] keys, DateTimeOffset now, CancellationToken ct)
    {
        var until = now + KeyRotation.PublishedAfter(lifetimes.Value);
        var signers = SigningAlgorithms.All.Select(algorithm => Signer(keys, algorithm, now)?.Id);
        var coming = files.All.Where(file => keys.Any(key => key.Id == file.Id && key.ActiveFrom > now)).Select(file => file.Id);
        var running = signers.Concat(coming).ToArray();
        foreach (var row in rows.Where(row => running.Contains(row.Id)))
        {
            var enough = row.IsFromFile ? until + (KeyRotation.VouchedFor / 2) : until - KeyRotation.Slack;
            if (row.GoneFrom < enough)
                await db.SigningKeys.Where(key => key.Id == row.Id && key.GoneFrom < enough).ExecuteUpdateAsync(set => set.SetProperty(key => key.GoneFrom, until + KeyRotation.VouchedFor), ct);
        }
    }

    private KeyMaterial Open(SigningKey key) => new(
        key.Id, key.Algorithm, key.ActiveFrom, key.PublicJwk,
        key.IsFromFile ? files.Find(key.Id)?.Key : PrivateKey.Import(key.Algorithm, protection.CreateProtector(Purpose).Unprotect(key.SealedPrivateKey)),
        PublicJwk.Read(JsonElement.Parse(key.PublicJwk), out _) ?? throw new InvalidOperationException($"The key {key.Id} is none."));

    public void Dispose() => published.Dispose();

    [LoggerMessage(4, LogLevel.Warning, "signing keys could not be read, going on with the known ones: {Message}")]
    private partial void CouldNotRead(string message);
}

/// <summary>One signing key, ready to use from any number of threads.</summary>
internal sealed class KeyMaterial(string id, string algorithm, DateTimeOffset activeFrom, string publicJwk, PrivateKey? privateKey, PublicJwk publicKey)
{
    private readonly ConcurrentDictionary<string, string> headers = new();

    public string Id => id;
    public string Algorithm => algorithm;
    public DateTimeOffset ActiveFrom => activeFrom;
    public string PublicJwk => publicJwk;
    public PublicJwk PublicKey => publicKey;

    /// <summary>False for a key whose private half is in a file that this node does not have.</summary>
    public bool CanSign => privateKey is not null;

    public KeyMaterial With(DateTimeOffset activeFrom) => new(id, algorithm, activeFrom, publicJwk, privateKey, publicKey);

    /// <summary>The JWS header for a type, as base64url.</summary>
    public string Header(string type) => headers.GetOrAdd(type, _ => Base64Url.EncodeToString(
        Encoding.UTF8.GetBytes($$"""{"alg":"{{algorithm}}","typ":"{{type}}","kid":"{{id}}"}""")));

    public byte[] Sign(ReadOnlySpan<byte> data) => (privateKey ?? throw new InvalidOperationException($"The private half of {id} is not here.")).Sign(data);
}
