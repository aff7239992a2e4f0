using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Pkcs;
using Org.BouncyCastle.Security;

namespace Signet.Infrastructure.Jose;

/// <summary>A key of ours that signs by one algorithm, from any number of threads.</summary>
internal abstract class PrivateKey
{
    private const int RsaBits = 2048;

    /// <summary>The public half, without <c>kid</c>, <c>use</c> and <c>alg</c>.</summary>
    public abstract Dictionary<string, string> PublicMembers { get; }

    /// <summary>PKCS#8, DER.</summary>
    public abstract byte[] Export();

    public abstract byte[] Sign(ReadOnlySpan<byte> data);

    public static PrivateKey Generate(string algorithm)
    {
        switch (algorithm)
        {
            case SigningAlgorithms.Es256:
                using (var key = ECDsa.Create(ECCurve.NamedCurves.nistP256))
                    return Import(algorithm, key.ExportPkcs8PrivateKey());
            case SigningAlgorithms.EdDsa:
                var random = new byte[Ed25519PrivateKeyParameters.KeySize];
                RandomNumberGenerator.Fill(random); // every 32 bytes are a key (RFC 8032 §5.1.5)
                return new Edwards(new Ed25519PrivateKeyParameters(random));
            default:
                using (var key = RSA.Create(RsaBits))
                    return Import(algorithm, key.ExportPkcs8PrivateKey());
        }
    }

    /// <exception cref="CryptographicException">The bytes are no key for the algorithm.</exception>
    public static PrivateKey Import(string algorithm, byte[] pkcs8) => algorithm switch
    {
        SigningAlgorithms.Es256 => new Platform(pkcs8, algorithm, ECDsa.Create),
        SigningAlgorithms.Rs256 or SigningAlgorithms.Ps256 => new Platform(pkcs8, algorithm, RSA.Create),
        SigningAlgorithms.EdDsa when PrivateKeyFactory.CreateKey(pkcs8) is Ed25519PrivateKeyParameters key => new Edwards(key),
        _ => throw new CryptographicException($"This is no key for {algorithm}."),
    };

    private sealed class Platform : PrivateKey
    {
        private readonly ConcurrentBag<AsymmetricAlgorithm> idle = [];
        private readonly byte[] pkcs8;
        private readonly string algorithm;
        private readonly Func<AsymmetricAlgorithm> make;

        public Platform(byte[] pkcs8, string algorithm, Func<AsymmetricAlgorithm> make)
        {
            (this.pkcs8, this.algorithm, this.make) = (pkcs8, algorithm, make);
            idle.Add(Open());
        }

        public override Dictionary<string, string> PublicMembers => Use(key =>
        {
            if (key is ECDsa ec)
            {
                var point = ec.ExportParameters(false).Q;
                return new Dictionary<string, string> { ["kty"] = "EC", ["crv"] = "P-256", ["x"] = Base64Url.EncodeToString(point.X), ["y"] = Base64Url.EncodeToString(point.Y) };
            }

            var rsa = ((RSA)key).ExportParameters(false);
            return new Dictionary<string, string> { ["kty"] = "RSA", ["n"] = Base64Url.EncodeToString(rsa.Modulus), ["e"] = Base64Url.EncodeToString(rsa.Exponent) };
        });

        public override byte[] Export() => pkcs8;

        public override byte[] Sign(ReadOnlySpan<byte> data)
        {
            if (!idle.TryTake(out var key))
                key = Open();
            try
            {
                return key is ECDsa ec
                    ? ec.SignData(data, HashAlgorithmName.SHA256)
                    : ((RSA)key).SignData(data, HashAlgorithmName.SHA256, algorithm == SigningAlgorithms.Ps256 ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
            }
            finally
            {
                idle.Add(key);
            }
        }

        private AsymmetricAlgorithm Open()
        {
            var key = make();
            key.ImportPkcs8PrivateKey(pkcs8, out _);
            return key;
        }

        private T Use<T>(Func<AsymmetricAlgorithm, T> work)
        {
            using var key = Open();
            return work(key);
        }
    }

    private sealed class Edwards(Ed25519PrivateKeyParameters key) : PrivateKey
    {
        public override Dictionary<string, string> PublicMembers => new() { ["kty"] = "OKP", ["crv"] = "Ed25519", ["x"] = Base64Url.EncodeToString(key.GeneratePublicKey().GetEncoded()) };

        public override byte[] Export() => PrivateKeyInfoFactory.CreatePrivateKeyInfo(key).GetEncoded();

        public override byte[] Sign(ReadOnlySpan<byte> data)
        {
            var signer = new Ed25519Signer();
            signer.Init(forSigning: true, key);
            signer.BlockUpdate(data.ToArray(), 0, data.Length);
            return signer.GenerateSignature();
        }
    }

    /// <summary>The public half as it is published, with the thumbprint (RFC 7638) as its <c>kid</c>.</summary>
    public (string Id, string PublicJwk) Publish(string algorithm)
    {
        var members = PublicMembers;
        var id = PublicJwk.Read(JsonSerializer.SerializeToElement(members), out _)!.Thumbprint;
        (members["use"], members["alg"], members["kid"]) = ("sig", algorithm, id);
        return (id, JsonSerializer.Serialize(members));
    }
}
