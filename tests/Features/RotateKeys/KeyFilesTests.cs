using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Org.BouncyCastle.Asn1.Pkcs;
using Org.BouncyCastle.Security;
using Signet.Infrastructure;
using Signet.Infrastructure.Jose;
using Signet.Infrastructure.Tokens;
using Signet.Infrastructure.Web;

namespace Signet.Tests.Features.Keys;

/// <summary>Which files a signing key can come from, and what is said of those that it cannot.</summary>
public sealed class KeyFilesTests : IDisposable
{
    private const string Password = "correct horse ärgert battery";
    private const UnixFileMode Mine = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly PbeParameters Aes = new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000);
    private readonly string directory = Directory.CreateTempSubdirectory("signet-keys-").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Theory]
    [InlineData("ec pkcs8", "ES256", null)]
    [InlineData("ec pkcs8 encrypted", "ES256", null)]
    [InlineData("ec sec1", "ES256", null)]
    [InlineData("ec sec1 behind its parameters and a certificate", "ES256", null)]
    [InlineData("ec pfx", "ES256", null)]
    [InlineData("ec pfx without a password", "ES256", null)]
    [InlineData("rsa pkcs8", "RS256", null)]
    [InlineData("rsa pkcs1", "RS256", null)]
    [InlineData("rsa pkcs1", "PS256", "PS256")]
    [InlineData("rsa pfx of AES", "RS256", "RS256")]
    [InlineData("ed25519 pkcs8", "EdDSA", null)]
    [InlineData("ed25519 pkcs8 with its public half", "EdDSA", null)]
    [InlineData("ed25519 pkcs8 encrypted", "EdDSA", null)]
    [InlineData("ed25519 pkcs8 with its public half, encrypted", "EdDSA", null)]
    [InlineData("ed25519 pfx", "EdDSA", "EdDSA")]
    public void A_key_is_read_from_what_other_software_wrote_and_signs(string kind, string algorithm, string? configured)
    {
        var (content, password) = Good(kind);

        var file = Load(new KeyFileOptions { Path = Write(content), Password = password, Algorithm = configured }).All.Single();

        file.Algorithm.ShouldBe(algorithm);
        var jwk = JsonElement.Parse(file.PublicJwk);
        var key = PublicJwk.Read(jwk, out _)!;
        (key.Thumbprint, key.Id, key.Algorithm).ShouldBe((file.Id, file.Id, algorithm)); // RFC 7638
        key.Verifies(algorithm, "text"u8.ToArray(), file.Key.Sign("text"u8)).ShouldBeTrue();
        jwk.EnumerateObject().Select(member => member.Name).ShouldNotContain("d");
    }

    [Theory]
    [InlineData("missing", "Signet:Keys:Files:0:Path cannot be read")]
    [InlineData("no path", "Signet:Keys:Files:0:Path is missing")]
    [InlineData("readable by all", "chmod o-rwx")]
    [InlineData("wrong password of pem", "is not opened by its password")]
    [InlineData("wrong password of pfx", "is not opened by its password")]
    [InlineData("no password of pem", "is encrypted; set Password or PasswordFile")]
    [InlineData("no password of pfx", "is encrypted; set Password or PasswordFile")]
    [InlineData("weak rsa", "has an RSA key of 1024 bits; it must have 2048")]
    [InlineData("other curve", "it must be on P-256")]
    [InlineData("public half", "has no private key in it, only what everybody may know")]
    [InlineData("certificate alone", "has no private key in it, only what everybody may know")]
    [InlineData("pfx of a certificate alone", "has no private key in it, only certificates")]
    [InlineData("two keys", "has more than one private key")]
    [InlineData("old encryption", "openssl pkcs8 -topk8")]
    [InlineData("dsa", "is not spoken here")]
    [InlineData("text", "holds no key that can be read")]
    [InlineData("empty", "holds no key that can be read")]
    [InlineData("broken pem", "holds no key that can be read")]
    [InlineData("cut off pfx", "holds no key that can be read")]
    [InlineData("pfx of four gigabytes", "holds no key that can be read")]
    [InlineData("unknown kind of key", "holds no key that can be read")]
    [InlineData("other algorithm", "Signet:Keys:Files:0:Algorithm is EdDSA; the key in")]
    [InlineData("two passwords", "has Password and PasswordFile; keep one")]
    [InlineData("password file missing", "Signet:Keys:Files:0:PasswordFile cannot be read")]
    [InlineData("one key twice", "Signet:Keys:Files:1:Path has a key that an entry before it has too")]
    public void A_file_that_cannot_be_used_is_refused_with_what_to_do(string what, string says)
    {
        var ec = Text(Ec(ECCurve.NamedCurves.nistP256).ExportPkcs8PrivateKeyPem());
        KeyFileOptions[] files = what switch
        {
            "missing" => [new() { Path = Path.Combine(directory, "nowhere.pem") }],
            "no path" => [new()],
            "readable by all" => [new() { Path = Write(ec, Mine | UnixFileMode.OtherRead) }],
            "wrong password of pem" => [new() { Path = Write(Good("ec pkcs8 encrypted").Content), Password = "wrong" }],
            "wrong password of pfx" => [new() { Path = Write(Good("ec pfx").Content), Password = "wrong" }],
            "no password of pem" => [new() { Path = Write(Good("ec pkcs8 encrypted").Content) }],
            "no password of pfx" => [new() { Path = Write(Good("ec pfx").Content) }],
            "weak rsa" => [new() { Path = Write(Text(RSA.Create(1024).ExportPkcs8PrivateKeyPem())) }],
            "other curve" => [new() { Path = Write(Text(Ec(ECCurve.NamedCurves.nistP384).ExportPkcs8PrivateKeyPem())) }],
            "public half" => [new() { Path = Write(Text(Ec(ECCurve.NamedCurves.nistP256).ExportSubjectPublicKeyInfoPem())) }],
            "certificate alone" => [new() { Path = Write(Text(Certificate(RSA.Create(2048)).ExportCertificatePem())) }],
            "pfx of a certificate alone" => [new() { Path = Write(X509CertificateLoader.LoadCertificate(Certificate(RSA.Create(2048)).RawData).Export(X509ContentType.Pfx, Password)), Password = Password }],
            "two keys" => [new() { Path = Write([.. ec, (byte)'\n', .. Good("rsa pkcs1").Content]) }],
            "old encryption" => [new() { Path = Write(Text("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n")) }],
            "dsa" => [new() { Path = Write(Text(PemEncoding.WriteString("DSA PRIVATE KEY", new byte[40]))) }],
            "text" => [new() { Path = Write(Text("a key")) }],
            "empty" => [new() { Path = Write([]) }],
            "broken pem" => [new() { Path = Write(Text(PemEncoding.WriteString("PRIVATE KEY", new byte[40]))) }],
            "cut off pfx" => [new() { Path = Write(Good("rsa pfx of AES").Content[..900]), Password = Password }],
            "pfx of four gigabytes" => [new() { Path = Write([0x30, 0x84, 0xff, 0xff, 0xff, 0xff]), Password = Password }],
            "unknown kind of key" => [new() { Path = Write(Text(PemEncoding.WriteString("PRIVATE KEY", Convert.FromHexString("3013020100300A06062A864886F70D050004020400")))) }],
            "other algorithm" => [new() { Path = Write(ec), Algorithm = "EdDSA" }],
            "two passwords" => [new() { Path = Write(ec), Password = "a", PasswordFile = Write(Text("a")) }],
            "password file missing" => [new() { Path = Write(ec), PasswordFile = Path.Combine(directory, "nowhere") }],
            "one key twice" => [new() { Path = Write(ec) }, new() { Path = Write(ec) }],
            _ => throw new ArgumentOutOfRangeException(nameof(what)),
        };

        Should.Throw<InvalidSetting>(() => Load(files)).Message.ShouldContain(says);
    }

    [Fact]
    public void A_password_can_come_from_a_file_too()
    {
        var content = Good("ec pkcs8 encrypted").Content;

        Load(new KeyFileOptions { Path = Write(content), PasswordFile = Write(Text(Password + "\r\n")) }).All.Count.ShouldBe(1);
    }

    private static (byte[] Content, string? Password) Good(string kind)
    {
        var ec = Ec(ECCurve.NamedCurves.nistP256);
        var rsa = RSA.Create(2048);
        var ed25519 = PrivateKey.Generate(SigningAlgorithms.EdDsa).Export(); // with its public half (RFC 5958)
        var short25519 = Convert.FromHexString("302e020100300506032b657004220420").Concat(RandomNumberGenerator.GetBytes(32)).ToArray(); // as OpenSSL writes it
        return kind switch
        {
            "ec pkcs8" => (Text(ec.ExportPkcs8PrivateKeyPem()), null),
            "ec pkcs8 encrypted" => (Text(ec.ExportEncryptedPkcs8PrivateKeyPem(Password, Aes)), Password),
            "ec sec1" => (Text(ec.ExportECPrivateKeyPem()), null),
            "ec sec1 behind its parameters and a certificate" =>
                (Text($"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n{Certificate(rsa).ExportCertificatePem()}\n{ec.ExportECPrivateKeyPem()}\n"), null),
            "ec pfx" => (Certificate(ec).Export(X509ContentType.Pfx, Password), Password),
            "ec pfx without a password" => (Certificate(ec).Export(X509ContentType.Pfx), null),
            "rsa pkcs8" => (Text(rsa.ExportPkcs8PrivateKeyPem()), null),
            "rsa pkcs1" => (Text(rsa.ExportRSAPrivateKeyPem()), null),
            "rsa pfx of AES" => (Certificate(rsa).ExportPkcs12(Pkcs12ExportPbeParameters.Pbes2Aes256Sha256, Password), Password),
            "ed25519 pkcs8" => (Text(PemEncoding.WriteString("PRIVATE KEY", short25519)), null),
            "ed25519 pkcs8 with its public half" => (Text(PemEncoding.WriteString("PRIVATE KEY", ed25519)), null),
            "ed25519 pkcs8 encrypted" => (Text(PemEncoding.WriteString("ENCRYPTED PRIVATE KEY", Pkcs8PrivateKeyInfo.Decode(short25519, out _).Encrypt(Password, Aes))), Password),
            "ed25519 pkcs8 with its public half, encrypted" => (Text(PemEncoding.WriteString("ENCRYPTED PRIVATE KEY", PrivateKeyFactory.EncryptKey(
                PkcsObjectIdentifiers.PbeWithShaAnd3KeyTripleDesCbc, "plain".ToCharArray(), new byte[8], 1000, PrivateKeyFactory.CreateKey(ed25519)))), "plain"),
            "ed25519 pfx" => (Pfx(short25519), Password),
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
    }

    private static byte[] Pfx(byte[] pkcs8)
    {
        var contents = new Pkcs12SafeContents();
        contents.AddSafeBag(new Pkcs12ShroudedKeyBag(Pkcs8PrivateKeyInfo.Decode(pkcs8, out _).Encrypt(Password, Aes), skipCopy: true));
        var builder = new Pkcs12Builder();
        builder.AddSafeContentsUnencrypted(contents);
        builder.SealWithMac(Password, HashAlgorithmName.SHA256, 1000);
        return builder.Encode();
    }

    private static ECDsa Ec(ECCurve curve) => ECDsa.Create(curve);

    private static X509Certificate2 Certificate(AsymmetricAlgorithm key)
    {
        var request = key is RSA rsa
            ? new CertificateRequest("CN=signing", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest("CN=signing", (ECDsa)key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(1)); // its dates do not matter
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    private string Write(byte[] content, UnixFileMode mode = Mine) => KeyOnDisk.Write(directory, content, mode);

    private static KeyFiles Load(params KeyFileOptions[] files) => new(Options.Create(new SignetOptions { Keys = new KeyOptions { Files = files } }));
}

/// <summary>A file that a signing key is in.</summary>
internal static class KeyOnDisk
{
    public static string Write(string directory, byte[] content, UnixFileMode mode = UnixFileMode.UserRead)
    {
        var path = Path.Combine(directory, Guid.NewGuid().ToString("N"));
        File.WriteAllBytes(path, content);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, mode);
        return path;
    }

    /// <summary>A new key on P-256 in PEM; returns where it is and its <c>kid</c>.</summary>
    public static (string Path, string Kid) NewEc(string directory)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var point = key.ExportParameters(false).Q;
        var kid = Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(
            $$"""{"crv":"P-256","kty":"EC","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"}""")));
        return (Write(directory, Encoding.UTF8.GetBytes(key.ExportPkcs8PrivateKeyPem())), kid);
    }
}
