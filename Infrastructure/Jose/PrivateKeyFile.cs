using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Text;
using Org.BouncyCastle.Asn1.Pkcs;
using Org.BouncyCastle.Asn1.X9;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Pkcs;
using Org.BouncyCastle.Security;

namespace Signet.Infrastructure.Jose;

/// <summary>
/// Reads the private key out of a file that other software wrote: PEM (RFC 7468) with a key in PKCS#8, encrypted or not, SEC1 or
/// PKCS#1, or PKCS#12 (.pfx, .p12; RFC 7292). What else is in it, certificates for example, does not matter.
/// </summary>
internal static class PrivateKeyFile
{
    private const int SmallestRsa = 2048;
    private const int LargestRsa = 8192;
    private const string WrongPassword = "is not opened by its password; set Password or PasswordFile to the one that it was encrypted with";

    /// <summary>The key and the algorithms that it can sign by, the usual one first; or null, and why after the words "the file …".</summary>
    public static (byte[] Pkcs8, string[] Algorithms)? Read(byte[] content, string? password, out string? objection)
    {
        try
        {
            var text = Encoding.Latin1.GetString(content);
            var key = text.Contains("-----BEGIN ", StringComparison.Ordinal) ? FromPem(text, password, out objection) : FromPkcs12(content, password, out objection);
            return key is null ? null : Judge(PrivateKeyFactory.CreateKey(key), out objection);
        }
        catch (Exception exception) when (IsOfContent(exception))
        {
            objection = "holds no key that can be read; it must be PEM or PKCS#12 (.pfx)";
            return null;
        }
    }

    // Both libraries throw whatever a damaged file leads them to.
    private static bool IsOfContent(Exception exception) => exception is not OutOfMemoryException;

    private static byte[]? FromPem(string text, string? password, out string? objection)
    {
        var blocks = Blocks(text).Where(block => block.Label.EndsWith("PRIVATE KEY", StringComparison.Ordinal)).ToArray();
        objection = blocks switch
        {
            [] => "has no private key in it, only what everybody may know; name the file that has the private key",
            [_, _, ..] => "has more than one private key; give each a file of its own",
            [{ Body: null }] => "is encrypted the old way; write it anew with: openssl pkcs8 -topk8 -in OLD -out NEW",
            [{ Label: "ENCRYPTED PRIVATE KEY" }] when password is null => "is encrypted; set Password or PasswordFile",
            [{ Label: "PRIVATE KEY" or "EC PRIVATE KEY" or "RSA PRIVATE KEY" or "ENCRYPTED PRIVATE KEY" }] => null,
            [var other] => $"has a {other.Label}, which is not spoken here; write it anew with: openssl pkcs8 -topk8 -nocrypt -in OLD -out NEW",
        };
        if (objection is not null)
            return null;
        var body = blocks[0].Body!;
        switch (blocks[0].Label)
        {
            case "EC PRIVATE KEY":
                using (var key = ECDsa.Create())
                {
                    key.ImportECPrivateKey(body, out _);
                    return key.ExportPkcs8PrivateKey();
                }
            case "RSA PRIVATE KEY":
                using (var key = RSA.Create())
                {
                    key.ImportRSAPrivateKey(body, out _);
                    return key.ExportPkcs8PrivateKey();
                }
            case "ENCRYPTED PRIVATE KEY":
                return Decrypt(body, password!, out objection);
            default:
                return body;
        }
    }

    // A block with headers (RFC 1421, "Proc-Type") has no body that is understood.
    private static IEnumerable<(string Label, byte[]? Body)> Blocks(string text)
    {
        var rest = text;
        while (PemEncoding.TryFind(rest, out var fields))
        {
            yield return (rest[fields.Label], Convert.FromBase64String(rest[fields.Base64Data]));
            rest = rest[fields.Location.End..];
        }

        if (text.Contains("Proc-Type:", StringComparison.Ordinal))
            yield return ("ENCRYPTED OLD PRIVATE KEY", null);
    }

    // .NET takes passwords of every language, and BouncyCastle keys that have their public half with them (RFC 5958).
    private static byte[]? Decrypt(ReadOnlyMemory<byte> encrypted, string? password, out string? objection)
    {
        objection = null;
        try
        {
            return Pkcs8PrivateKeyInfo.DecryptAndDecode(password, encrypted, out _).Encode();
        }
        catch (CryptographicException)
        {
            try
            {
                return PrivateKeyInfoFactory.CreatePrivateKeyInfo((password ?? "").ToCharArray(), EncryptedPrivateKeyInfo.GetInstance(encrypted.ToArray())).GetEncoded();
            }
            catch (Exception exception) when (IsOfContent(exception))
            {
                objection = WrongPassword;
                return null;
            }
        }
    }

    private static byte[]? FromPkcs12(byte[] content, string? password, out string? objection)
    {
        var file = Pkcs12Info.Decode(content, out _);
        if (password is null && file.IntegrityMode == Pkcs12IntegrityMode.Password && !file.VerifyMac(password))
            password = ""; // no password and an empty one are two (RFC 7292 §B.1)
        if (file.IntegrityMode == Pkcs12IntegrityMode.Password && !file.VerifyMac(password))
        {
            objection = password is "" ? "is encrypted; set Password or PasswordFile" : WrongPassword;
            return null;
        }

        var keys = new List<byte[]>();
        foreach (var safe in file.AuthenticatedSafe)
        {
            if (safe.ConfidentialityMode == Pkcs12ConfidentialityMode.Password)
                safe.Decrypt(password);
            foreach (var bag in safe.GetBags())
            {
                if (bag is Pkcs12KeyBag plain)
                    keys.Add(plain.Pkcs8PrivateKey.ToArray());
                else if (bag is Pkcs12ShroudedKeyBag shrouded)
                    keys.Add(Decrypt(shrouded.EncryptedPkcs8PrivateKey, password, out objection) ?? throw new CryptographicException(objection));
            }
        }

        objection = keys switch
        {
            [] => "has no private key in it, only certificates; export it again with the private key",
            [_] => null,
            _ => "has more than one private key; give each a file of its own",
        };
        return objection is null ? keys[0] : null;
    }

    private static (byte[] Pkcs8, string[] Algorithms)? Judge(AsymmetricKeyParameter key, out string? objection)
    {
        objection = key switch
        {
            RsaPrivateCrtKeyParameters { Modulus.BitLength: < SmallestRsa or > LargestRsa } rsa => $"has an RSA key of {rsa.Modulus.BitLength} bits; it must have {SmallestRsa} to {LargestRsa}",
            RsaPrivateCrtKeyParameters or Ed25519PrivateKeyParameters => null,
            ECPrivateKeyParameters ec when X9ObjectIdentifiers.Prime256v1.Equals(ec.PublicKeyParamSet) => null,
            ECPrivateKeyParameters => "has a key on another curve; it must be on P-256 (prime256v1), by its name",
            _ => "has a key of another kind; it must be RSA, EC on P-256 or Ed25519",
        };
        if (objection is not null)
            return null;
        string[] algorithms = key switch
        {
            RsaPrivateCrtKeyParameters => [SigningAlgorithms.Rs256, SigningAlgorithms.Ps256],
            ECPrivateKeyParameters => [SigningAlgorithms.Es256],
            _ => [SigningAlgorithms.EdDsa],
        };
        return (PrivateKeyInfoFactory.CreatePrivateKeyInfo(key).GetEncoded(), algorithms);
    }
}
