using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.IdentityModel.Tokens;

namespace Signet.Infrastructure.Tokens;

/// <summary>
/// The signing keys, as this node knows them: at most five seconds old, and the last known ones while the database is away.
/// A key's life: next (published, not yet signing) → active → retired (published, no longer signing) → gone.
/// </summary>
internal sealed partial class KeyRing : IDisposable
{
    public const string AccessTokenAlgorithm = SecurityAlgorithms.EcdsaSha256;
    public const string IdTokenAlgorithm = SecurityAlgorithms.RsaSha256;
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
            .OrderBy(key => key.Generation).ToArrayAsync(ct);
        return [.. keys.Select(key => materials.AddOrUpdate(
            key.Id, _ => Open(key), (_, known) => known.ActiveFrom == key.ActiveFrom ? known : known.With(key.ActiveFrom)))];
    }

    private KeyMaterial Open(SigningKey key) => new(
        key.Id, key.Algorithm, key.ActiveFrom, key.PublicJwk, protection.CreateProtector(Purpose).Unprotect(key.SealedPrivateKey));

    public void Dispose() => published.Dispose();

    [LoggerMessage(4, LogLevel.Warning, "signing keys could not be read, going on with the known ones: {Message}")]
    private partial void CouldNotRead(string message);
}

/// <summary>One signing key, ready to use from any number of threads.</summary>
internal sealed class KeyMaterial
{
    private readonly ConcurrentBag<AsymmetricAlgorithm> idle;
    private readonly byte[] pkcs8;
    private readonly ConcurrentDictionary<string, string> headers = new();

    public KeyMaterial(string id, string algorithm, DateTimeOffset activeFrom, string publicJwk, byte[] pkcs8)
        : this(id, algorithm, activeFrom, publicJwk, pkcs8, new JsonWebKey(publicJwk), [])
    {
    }

    private KeyMaterial(string id, string algorithm, DateTimeOffset activeFrom, string publicJwk, byte[] pkcs8, JsonWebKey publicKey, ConcurrentBag<AsymmetricAlgorithm> idle)
    {
        (Id, Algorithm, ActiveFrom, PublicJwk, PublicKey, this.pkcs8, this.idle) = (id, algorithm, activeFrom, publicJwk, publicKey, pkcs8, idle);
    }

    public string Id { get; }
    public string Algorithm { get; }
    public DateTimeOffset ActiveFrom { get; }
    public string PublicJwk { get; }
    public JsonWebKey PublicKey { get; }

    public KeyMaterial With(DateTimeOffset activeFrom) => new(Id, Algorithm, activeFrom, PublicJwk, pkcs8, PublicKey, idle);

    /// <summary>The JWS header for a type, as base64url.</summary>
    public string Header(string type) => headers.GetOrAdd(type, _ => Base64UrlEncoder.Encode(
        $$"""{"alg":"{{Algorithm}}","typ":"{{type}}","kid":"{{Id}}"}"""));

    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        if (!idle.TryTake(out var key))
            key = Import();
        try
        {
            return key switch
            {
                ECDsa ec => ec.SignData(data, HashAlgorithmName.SHA256),
                RSA rsa => rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
                _ => throw new NotSupportedException(Algorithm),
            };
        }
        finally
        {
            idle.Add(key);
        }
    }

    private AsymmetricAlgorithm Import()
    {
        AsymmetricAlgorithm key = Algorithm == KeyRing.AccessTokenAlgorithm ? ECDsa.Create() : RSA.Create();
        key.ImportPkcs8PrivateKey(pkcs8, out _);
        return key;
    }

    /// <summary>Makes a new key: its thumbprint (RFC 7638), public JWK and PKCS#8.</summary>
    public static (string Id, string PublicJwk, byte[] Pkcs8) Generate(string algorithm)
    {
        using AsymmetricAlgorithm key = algorithm == KeyRing.AccessTokenAlgorithm ? ECDsa.Create(ECCurve.NamedCurves.nistP256) : RSA.Create(2048);
        var jwk = key is ECDsa ec
            ? JsonWebKeyConverter.ConvertFromECDsaSecurityKey(new ECDsaSecurityKey(ECDsa.Create(ec.ExportParameters(false))))
            : JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(((RSA)key).ExportParameters(false)));
        var id = Base64UrlEncoder.Encode(jwk.ComputeJwkThumbprint());
        var members = new Dictionary<string, string> { ["kty"] = jwk.Kty, ["use"] = "sig", ["alg"] = algorithm, ["kid"] = id };
        if (key is ECDsa)
            (members["crv"], members["x"], members["y"]) = (jwk.Crv, jwk.X, jwk.Y);
        else
            (members["n"], members["e"]) = (jwk.N, jwk.E);
        return (id, JsonSerializer.Serialize(members), key.ExportPkcs8PrivateKey());
    }
}
