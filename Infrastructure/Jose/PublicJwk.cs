using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;

namespace Signet.Infrastructure.Jose;

/// <summary>A public key as JSON (RFC 7517 §4): RSA from 2048 bits, the curve P-256, or Ed25519 (RFC 8037 §2).</summary>
internal sealed class PublicJwk : IDisposable
{
    private static readonly string[] PrivateMembers = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
    private const int SmallestRsa = 2048;
    private const int LargestRsa = 8192;

    private readonly Func<IDisposable>? import;
    private readonly Ed25519PublicKeyParameters? edwards;
    private readonly ConcurrentBag<IDisposable> idle = [];

    private PublicJwk(JsonElement jwk, string thumbprint, Func<IDisposable>? import, Ed25519PublicKeyParameters? edwards)
    {
        (Json, Thumbprint, this.import, this.edwards) = (jwk, thumbprint, import, edwards);
        (Id, Algorithm, Use, Type) = (Text(jwk, "kid"), Text(jwk, "alg"), Text(jwk, "use"), Text(jwk, "kty")!);
    }

    public JsonElement Json { get; }
    public string? Id { get; }
    public string Type { get; }

    /// <summary>What the key says that it is for; null where it does not say.</summary>
    public string? Algorithm { get; }
    public string? Use { get; }

    /// <summary>The RFC 7638 thumbprint, base64url of a SHA-256.</summary>
    public string Thumbprint { get; }

    /// <summary>The key, or null and in a sentence why it is none that can be used.</summary>
    public static PublicJwk? Read(JsonElement jwk, out string? objection)
    {
        objection = Jws.IsUnicode(jwk) ? Objection(jwk) : "A key has text that is not Unicode.";
        if (objection is not null)
            return null;
        try
        {
            return Text(jwk, "kty") switch
            {
                "RSA" => Rsa(jwk, out objection),
                "EC" => Ec(jwk, out objection),
                _ => Okp(jwk, out objection),
            };
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            objection = "A key is not valid: its numbers do not make a key.";
            return null;
        }
    }

    private static string? Objection(JsonElement jwk)
    {
        if (jwk.ValueKind != JsonValueKind.Object)
            return "Each key must be a JSON object.";
        if (Text(jwk, "kty") is not ("RSA" or "EC" or "OKP"))
            return "kty must be RSA, EC or OKP; a secret has no place in a key set.";
        return PrivateMembers.FirstOrDefault(member => jwk.TryGetProperty(member, out _)) is { } member
            ? $"A key has the private member {member}. Whoever saw it can pose as you: make a new key and send its public half alone."
            : null;
    }

    private static PublicJwk? Rsa(JsonElement jwk, out string? objection)
    {
        objection = null;
        if (Bytes(jwk, "n") is not { } n || Bytes(jwk, "e") is not { Length: > 0 and <= 4 } e || (e[^1] & 1) == 0 || e is [1])
        {
            objection = "An RSA key needs n and e, in base64url.";
            return null;
        }

        var parameters = new RSAParameters { Modulus = n, Exponent = e };
        var key = RSA.Create(parameters);
        if (key.KeySize is < SmallestRsa or > LargestRsa)
        {
            objection = $"An RSA key has {key.KeySize} bits; it must have {SmallestRsa} to {LargestRsa}.";
            key.Dispose();
            return null;
        }

        return new PublicJwk(jwk, Hash($$"""{"e":"{{Text(jwk, "e")}}","kty":"RSA","n":"{{Text(jwk, "n")}}"}"""), () => RSA.Create(parameters), null) { idle = { key } };
    }

    private static PublicJwk? Ec(JsonElement jwk, out string? objection)
    {
        objection = null;
        if (Text(jwk, "crv") != "P-256" || Bytes(jwk, "x") is not { Length: 32 } x || Bytes(jwk, "y") is not { Length: 32 } y)
        {
            objection = "An EC key must be on the curve P-256, with x and y of 32 bytes each in base64url.";
            return null;
        }

        var parameters = new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = x, Y = y } };
        return new PublicJwk(jwk, Hash($$"""{"crv":"P-256","kty":"EC","x":"{{Text(jwk, "x")}}","y":"{{Text(jwk, "y")}}"}"""), () => ECDsa.Create(parameters), null)
        {
            idle = { ECDsa.Create(parameters) }, // throws for a point that is not on the curve
        };
    }

    private static PublicJwk? Okp(JsonElement jwk, out string? objection)
    {
        objection = null;
        if (Text(jwk, "crv") != "Ed25519" || Bytes(jwk, "x") is not { Length: 32 } x)
        {
            objection = "An OKP key must be on the curve Ed25519, with an x of 32 bytes in base64url.";
            return null;
        }

        return new PublicJwk(jwk, Hash($$"""{"crv":"Ed25519","kty":"OKP","x":"{{Text(jwk, "x")}}"}"""), null, new Ed25519PublicKeyParameters(x));
    }

    /// <summary>Whether the key is one for this algorithm, by its kind and by what it says of itself.</summary>
    public bool Fits(string algorithm) => (Algorithm is null || Algorithm == algorithm || (Algorithm, algorithm) is ("Ed25519", SigningAlgorithms.EdDsa)) && Use is null or "sig" && (Type, algorithm) is
        ("RSA", SigningAlgorithms.Rs256 or SigningAlgorithms.Ps256) or ("EC", SigningAlgorithms.Es256) or ("OKP", SigningAlgorithms.EdDsa);

    /// <summary>Whether the key is one to encrypt to by this algorithm (RFC 7518 §4.1), by its kind and by what it says of itself.</summary>
    public bool Encrypts(string algorithm) => (Algorithm is null || Algorithm == algorithm) && Use is null or "enc" && (Type, algorithm) is
        ("RSA", Jwe.RsaOaep256) or ("EC", Jwe.EcdhEs);

    /// <summary>The key for the platform, to be disposed of by who asked; there is none for Ed25519.</summary>
    public AsymmetricAlgorithm Import() => (AsymmetricAlgorithm)import!();

    public bool Verifies(string algorithm, byte[] data, byte[] signature)
    {
        if (!Fits(algorithm))
            return false;
        if (edwards is not null)
        {
            var verifier = new Ed25519Signer();
            verifier.Init(forSigning: false, edwards);
            verifier.BlockUpdate(data, 0, data.Length);
            return verifier.VerifySignature(signature);
        }

        // Keys of the platform are for one thread at a time.
        if (!idle.TryTake(out var key))
            key = import!();
        try
        {
            return key is ECDsa ec
                ? ec.VerifyData(data, signature, HashAlgorithmName.SHA256)
                : ((RSA)key).VerifyData(data, signature, HashAlgorithmName.SHA256, algorithm == SigningAlgorithms.Ps256 ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
        }
        finally
        {
            idle.Add(key);
        }
    }

    /// <summary>Frees the keys of the platform at once, for a key that came with one request; it still verifies, with new ones.</summary>
    public void Dispose()
    {
        while (idle.TryTake(out var key))
            key.Dispose();
    }

    private static string? Text(JsonElement jwk, string member) => jwk.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static byte[]? Bytes(JsonElement jwk, string member) => Text(jwk, member) is { } text ? Jws.Decode(text) : null;

    private static string Hash(string canonical) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)));
}
