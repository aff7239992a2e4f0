using System.Net.Security;
using System.Runtime.Versioning;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Signet.Infrastructure.Web;

/// <summary>What TLS is spoken: 1.3, and 1.2 with forward secrecy and authenticated encryption alone (RFC 9325 §4.2, FAPI 2.0 Security Profile §5.2).</summary>
internal static class Tls
{
    public static void Use(HttpsConnectionAdapterOptions https)
    {
        https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
        https.OnAuthenticate = (_, connection) =>
        {
            connection.CertificateChainPolicy = NothingFetched;
            if (OperatingSystem.IsLinux()) // elsewhere the system's own policy decides
                connection.CipherSuitesPolicy = Suites.Policy;
        };
    }

    /// <summary>For chains of certificates that a stranger shows: they may name any address for their issuer or its list of revoked ones, and nobody goes there.</summary>
    public static X509ChainPolicy NothingFetched { get; } = new() { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck };

    [SupportedOSPlatform("linux")]
    private static class Suites
    {
        public static readonly CipherSuitesPolicy Policy = new(
        [
            TlsCipherSuite.TLS_AES_128_GCM_SHA256,
            TlsCipherSuite.TLS_AES_256_GCM_SHA384,
            TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256,
            TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
            TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
            TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
            TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
            TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        ]);
    }
}
