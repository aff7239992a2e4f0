using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Signet.Infrastructure.Jose;

namespace Signet.Tests.Infrastructure.Jose;

/// <summary>Encryption, RFC 7516 and RFC 7518, read by another implementation.</summary>
public sealed class JweTests
{
    [Fact]
    public void The_agreed_key_is_the_one_of_rfc_7518_appendix_c()
    {
        using var alice = Agreement("gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0", "SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps", "0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo");
        using var bob = Agreement("weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ", "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck", null);

        var key = Jwe.Derive(alice, bob.PublicKey, "A128GCM", 16, Encoding.ASCII.GetBytes("Alice"), Encoding.ASCII.GetBytes("Bob"));

        Base64Url.EncodeToString(key).ShouldBe("VqqN6vgjbSBcIijNcacQGg");
    }

    [Theory]
    [InlineData(Jwe.RsaOaep256)]
    [InlineData(Jwe.EcdhEs)]
    public async Task What_is_encrypted_is_read_by_who_has_the_key_and_differs_each_time(string algorithm)
    {
        var (jwk, privateKey) = EncryptionKey.New(algorithm);
        var recipient = PublicJwk.Read(jwk, out _)!;

        var (one, other) = (Jwe.Encrypt(recipient, algorithm, "Grüße", isJwt: true), Jwe.Encrypt(recipient, algorithm, "Grüße", isJwt: false));

        var read = await Peers.Jose.Decrypt(one, privateKey);
        read.Text.ShouldBe("Grüße");
        (Text(read.Header, "alg"), Text(read.Header, "enc"), Text(read.Header, "kid"), Text(read.Header, "cty")).ShouldBe((algorithm, "A256GCM", "enc-1", "JWT"));
        var again = await Peers.Jose.Decrypt(other, privateKey);
        again.Text.ShouldBe("Grüße");
        again.Header.TryGetProperty("cty", out _).ShouldBeFalse();
        one.Split('.').Intersect(other.Split('.')).Where(part => part.Length > 0).ShouldBeEmpty("key and nonce are of one message");
    }

    [Fact]
    public void A_key_is_for_what_it_says_and_one_for_encryption_comes_first()
    {
        var plain = JsonElement.Parse(PrivateKey.Generate(SigningAlgorithms.Es256).Publish(SigningAlgorithms.Es256).PublicJwk); // use sig
        var (encryption, _) = EncryptionKey.New(Jwe.EcdhEs);
        var set = JwkSet.Read(JsonElement.Parse($$"""{"keys":[{{plain.GetRawText()}},{{encryption.GetRawText()}}]}"""));

        set.ToEncryptBy(Jwe.EcdhEs)!.Id.ShouldBe("enc-1");
        set.ToEncryptBy(Jwe.RsaOaep256).ShouldBeNull();
        JwkSet.Read(JsonElement.Parse($$"""{"keys":[{{plain.GetRawText()}}]}""")).ToEncryptBy(Jwe.EcdhEs).ShouldBeNull();
        PublicJwk.Read(encryption, out _)!.Fits(SigningAlgorithms.Es256).ShouldBeFalse();
    }

    private static ECDiffieHellman Agreement(string x, string y, string? d) => ECDiffieHellman.Create(new ECParameters
    {
        Curve = ECCurve.NamedCurves.nistP256,
        Q = new ECPoint { X = Base64Url.DecodeFromChars(x), Y = Base64Url.DecodeFromChars(y) },
        D = d is null ? null : Base64Url.DecodeFromChars(d),
    });

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;
}
