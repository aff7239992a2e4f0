using System.Buffers.Text;
using System.Security.Cryptography;

namespace Signet.Infrastructure.OAuth;

/// <summary>The certificate that the caller proved to hold when the connection was made (RFC 8705 §3).</summary>
internal static class PresentedCertificate
{
    /// <summary>What a token that is bound to it carries; null where there was none.</summary>
    public static Confirmation? Confirmation(HttpContext http) =>
        http.Connection.ClientCertificate is { } certificate ? new(Tokens.Confirmation.Certificate, Base64Url.EncodeToString(SHA256.HashData(certificate.RawData))) : null;
}
