using System.Buffers.Text;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Signet.Infrastructure.Jose;

namespace Signet.Infrastructure.OAuth;

/// <summary>
/// The certificate that a client presented in the TLS handshake (RFC 8705), on our own connection or as a known proxy tells
/// (<see cref="ForwardedCertificates"/>). The handshake has proved that the client holds its key, and nothing else is believed yet.
/// </summary>
internal sealed class ClientCertificate(X509Certificate2 certificate)
{
    public X509Certificate2 X509 => certificate;

    /// <summary>The <c>x5t#S256</c> of the certificate (RFC 8705 §3.1).</summary>
    public string Thumbprint => Base64Url.EncodeToString(SHA256.HashData(certificate.RawData));

    /// <summary>What a token that is bound to it carries (RFC 8705 §3).</summary>
    public Confirmation Confirmation => new(Tokens.Confirmation.Certificate, Thumbprint);

    public static readonly OAuthError Missing = OAuthError.InvalidClient.Because("no client certificate was presented, or none that can be read");

    /// <summary>Null where none was presented, or one that cannot be read.</summary>
    public static ClientCertificate? Of(HttpContext http) => http.Connection.ClientCertificate is { } certificate && IsReadable(certificate) ? new(certificate) : null;

    // What is inside is read late, and only then found to be damaged.
    private static bool IsReadable(X509Certificate2 certificate)
    {
        try
        {
            _ = (certificate.NotBefore, certificate.NotAfter, certificate.Extensions.Count, certificate.SubjectName.RawData, certificate.PublicKey.Oid);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    public bool IsInDate(DateTimeOffset now) => certificate.NotBefore <= now.LocalDateTime && now.LocalDateTime <= certificate.NotAfter;

    /// <summary>The certificate's key, or null where it is of a kind that no client may register.</summary>
    public PublicJwk? PublicKey
    {
        get
        {
            try
            {
                using var rsa = certificate.GetRSAPublicKey();
                using var ec = rsa is null ? certificate.GetECDsaPublicKey() : null;
                return Members(rsa, ec) is { } members ? PublicJwk.Read(JsonSerializer.SerializeToElement(members), out _) : null;
            }
            catch (Exception exception) when (exception is CryptographicException or NotSupportedException)
            {
                return null;
            }
        }
    }

    private Dictionary<string, string>? Members(RSA? rsa, ECDsa? ec)
    {
        if (rsa?.ExportParameters(false) is { } numbers)
            return new() { ["kty"] = "RSA", ["n"] = Base64Url.EncodeToString(numbers.Modulus), ["e"] = Base64Url.EncodeToString(numbers.Exponent) };
        if (ec?.ExportParameters(false).Q is { } point)
            return new() { ["kty"] = "EC", ["crv"] = "P-256", ["x"] = Base64Url.EncodeToString(point.X), ["y"] = Base64Url.EncodeToString(point.Y) };
        return certificate.PublicKey.Oid.Value == "1.3.101.112" // RFC 8410 §3
            ? new() { ["kty"] = "OKP", ["crv"] = "Ed25519", ["x"] = Base64Url.EncodeToString(certificate.PublicKey.EncodedKeyValue.RawData) }
            : null;
    }

    /// <summary>The alternative names of one kind (RFC 5280 §4.2.1.6), as they stand there.</summary>
    public IEnumerable<byte[]> AlternativeNames(int kind)
    {
        foreach (var extension in certificate.Extensions.Where(extension => extension.Oid?.Value == "2.5.29.17"))
        {
            var names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
            while (names.HasData)
            {
                var tag = names.PeekTag();
                if (tag.HasSameClassAndValue(new Asn1Tag(TagClass.ContextSpecific, kind)) && !tag.IsConstructed)
                    yield return names.ReadOctetString(tag);
                else
                    names.ReadEncodedValue();
            }
        }
    }
}
