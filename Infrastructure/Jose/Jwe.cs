using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Signet.Infrastructure.Jose;

/// <summary>
/// Encrypts to somebody else's key, in compact form (RFC 7516 §3.1): the content key is wrapped by <c>RSA-OAEP-256</c> (RFC 7518
/// §4.3) or agreed on by <c>ECDH-ES</c> (§4.6), the content encrypted by <c>A256GCM</c> (§5.3).
/// </summary>
internal static class Jwe
{
    public const string RsaOaep256 = "RSA-OAEP-256";
    public const string EcdhEs = "ECDH-ES";
    public const string A256Gcm = "A256GCM";
    public static readonly string[] Algorithms = [RsaOaep256, EcdhEs];

    private const int KeyLength = 32;
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const string Jwt = "JWT";

    /// <param name="isJwt">Whether the text is itself a JWT (<c>cty</c>, RFC 7519 §5.2).</param>
    public static string Encrypt(PublicJwk recipient, string algorithm, string text, bool isJwt)
    {
        var header = new Dictionary<string, object> { ["alg"] = algorithm, ["enc"] = A256Gcm };
        if (recipient.Id is { } id)
            header["kid"] = id;
        if (isJwt)
            header["cty"] = Jwt;
        var (key, wrapped) = algorithm == RsaOaep256 ? Wrap(recipient) : Agree(recipient, header);
        var protectedHeader = Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(header));
        var content = Encoding.UTF8.GetBytes(text);
        var (nonce, encrypted, tag) = (RandomNumberGenerator.GetBytes(NonceLength), new byte[content.Length], new byte[TagLength]);
        using (var aes = new AesGcm(key, TagLength))
            aes.Encrypt(nonce, content, encrypted, tag, Encoding.ASCII.GetBytes(protectedHeader));
        CryptographicOperations.ZeroMemory(key);
        return string.Join('.', [protectedHeader, .. new[] { wrapped, nonce, encrypted, tag }.Select(part => Base64Url.EncodeToString(part))]);
    }

    private static (byte[] Key, byte[] Wrapped) Wrap(PublicJwk recipient)
    {
        var key = RandomNumberGenerator.GetBytes(KeyLength);
        using var rsa = (RSA)recipient.Import();
        return (key, rsa.Encrypt(key, RSAEncryptionPadding.OaepSHA256));
    }

    // The key of both sides is the content key itself, so there is nothing to wrap (§4.6).
    private static (byte[] Key, byte[] Wrapped) Agree(PublicJwk recipient, Dictionary<string, object> header)
    {
        using var theirs = (ECDsa)recipient.Import();
        using var their = ECDiffieHellman.Create(theirs.ExportParameters(false));
        using var mine = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256); // for this one message
        var point = mine.ExportParameters(false).Q;
        header["epk"] = new Dictionary<string, string> { ["kty"] = "EC", ["crv"] = "P-256", ["x"] = Base64Url.EncodeToString(point.X), ["y"] = Base64Url.EncodeToString(point.Y) };
        return (Derive(mine, their.PublicKey, A256Gcm, KeyLength, [], []), []);
    }

    /// <summary>The Concat KDF with SHA-256 over the agreed secret (§4.6.2), for keys of at most 32 bytes: one round is enough.</summary>
    internal static byte[] Derive(ECDiffieHellman mine, ECDiffieHellmanPublicKey theirs, string algorithm, int length, byte[] partyU, byte[] partyV)
    {
        byte[] info = [.. Counted(Encoding.ASCII.GetBytes(algorithm)), .. Counted(partyU), .. Counted(partyV), .. BigEndian(8 * length)];
        return mine.DeriveKeyFromHash(theirs, HashAlgorithmName.SHA256, BigEndian(1), info)[..length];
    }

    private static byte[] Counted(byte[] data) => [.. BigEndian(data.Length), .. data];

    private static byte[] BigEndian(int number)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return bytes;
    }
}
