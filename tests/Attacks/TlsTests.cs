using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Signet.Tests.Journeys;

namespace Signet.Tests.Attacks;

/// <summary>Which TLS is spoken on a real connection, RFC 9325 §4 and FAPI 2.0 Security Profile §5.2.</summary>
public sealed class TlsTests(LiveSite site) : IClassFixture<LiveSite>
{
#pragma warning disable CA5397, SYSLIB0039 // old protocols are asked for to see that they are refused
    [Theory]
    [InlineData(SslProtocols.Tls12, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, true)]
    [InlineData(SslProtocols.Tls12, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, true)]
    [InlineData(SslProtocols.Tls12, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, false)]
    [InlineData(SslProtocols.Tls12, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384, false)]
    [InlineData(SslProtocols.Tls11, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, false)]
    [InlineData(SslProtocols.Tls12 | SslProtocols.Tls13, null, true)]
    public async Task Only_what_is_good_today(SslProtocols protocols, TlsCipherSuite? suite, bool isSpoken)
    {
        _ = site.Services;
        using var known = X509CertificateLoader.LoadCertificateFromFile(site.CertificateFile);
        using var tcp = new TcpClient();
        await tcp.ConnectAsync("localhost", site.Address.Port, TestContext.Current.CancellationToken);
        await using var connection = new SslStream(tcp.GetStream());
        var greeting = connection.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            EnabledSslProtocols = protocols,
            CipherSuitesPolicy = suite is { } only && OperatingSystem.IsLinux() ? new CipherSuitesPolicy([only]) : null,
            RemoteCertificateValidationCallback = (_, presented, _, _) => presented!.GetCertHashString() == known.GetCertHashString(),
        }, TestContext.Current.CancellationToken);

        if (isSpoken)
        {
            await greeting;
            connection.SslProtocol.ShouldBe(suite is null ? SslProtocols.Tls13 : SslProtocols.Tls12);
        }
        else
        {
            await Should.ThrowAsync<Exception>(greeting);
        }
    }
#pragma warning restore CA5397, SYSLIB0039

    [Fact] // a client's certificate may name any address for its issuer
    public async Task Nobody_is_asked_for_the_issuer_of_a_strangers_certificate()
    {
        using var bait = new BaitCertificate();
        using var known = X509CertificateLoader.LoadCertificateFromFile(site.CertificateFile);
        using var http = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = new()
            {
                ClientCertificateContext = SslStreamCertificateContext.Create(bait.Certificate, null, offline: true),
                RemoteCertificateValidationCallback = (_, presented, _, _) => presented!.GetCertHashString() == known.GetCertHashString(),
            },
        });

        (await http.GetAsync(new Uri(site.Address, "/health/live"), TestContext.Current.CancellationToken)).StatusCode.ShouldBe(System.Net.HttpStatusCode.OK);

        bait.IsTaken.ShouldBeFalse();
    }
}
