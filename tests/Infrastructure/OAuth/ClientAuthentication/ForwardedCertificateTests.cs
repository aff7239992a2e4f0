using System.Net;
using System.Security.Cryptography.X509Certificates;
using CsCheck;
using Microsoft.AspNetCore.Mvc.Testing;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.Jose;
using Signet.Tests.Attacks;

namespace Signet.Tests.Infrastructure.OAuth;

/// <summary>Certificates that a reverse proxy tells of: believed from a known one, from nobody else (RFC 9440 §4; RFC 9700 §4.13).</summary>
public sealed class ForwardedCertificateTests(PostgresSite site) : FlowTest(site)
{
    private const string Header = "X-Client-Cert";
    private const string Proxy = "10.0.0.1";

    [Fact]
    public async Task Are_believed_from_a_known_proxy_in_every_spelling()
    {
        using var certificate = CertificateSite.NewCertificate(null);
        var client = await AddHolder(certificate);
        await using var node = Node();
        var der = Convert.ToBase64String(certificate.RawData);

        foreach (var text in new[] { Uri.EscapeDataString(certificate.ExportCertificatePem()), der, $":{der}:", Uri.EscapeDataString(der) })
            (await Ask(node, Proxy, client, text)).ShouldBe(HttpStatusCode.OK, text);
        (await Ask(node, "::ffff:10.0.0.1", client, der)).ShouldBe(HttpStatusCode.OK);
        (await Ask(node, "192.168.7.7", client, der)).ShouldBe(HttpStatusCode.OK, "a network of proxies");
    }

    [Fact]
    public async Task Are_ignored_from_anybody_else()
    {
        using var certificate = CertificateSite.NewCertificate(null);
        var client = await AddHolder(certificate);
        await using var node = Node();
        var der = Convert.ToBase64String(certificate.RawData);

        (await Ask(node, "10.0.0.2", client, der)).ShouldBe(HttpStatusCode.Unauthorized);
        (await Ask(node, "203.0.113.9", client, der, forwardedFor: Proxy)).ShouldBe(HttpStatusCode.Unauthorized, "who says to come from the proxy");
        (await Ask(Site, Proxy, client, der)).ShouldBe(HttpStatusCode.Unauthorized, "where no proxy is known");
        await using var nameless = Node(header: "");
        (await Ask(nameless, Proxy, client, der)).ShouldBe(HttpStatusCode.Unauthorized, "where no header is named");
    }

    [Fact]
    public async Task Are_none_when_they_are_not_readable()
    {
        using var certificate = CertificateSite.NewCertificate(null);
        using var other = CertificateSite.NewCertificate(null);
        var client = await AddHolder(certificate);
        await using var node = Node();
        var der = Convert.ToBase64String(certificate.RawData);

        var undated = (byte[])certificate.RawData.Clone();
        undated[undated.AsSpan().IndexOf((byte[])[0x30, 0x1e, 0x17, 0x0d]) + 10] = 0x11; // no digit, in the time from which on it is good

        foreach (var text in new[] { Convert.ToBase64String(undated), "", "x", "%", "%00", "AAAA", der[..^8], "-----BEGIN CERTIFICATE-----", "-----BEGIN%20X", new string('A', 20_000), $"{der}, {der}", Convert.ToBase64String(other.RawData) })
            (await Ask(node, Proxy, client, text)).ShouldBe(HttpStatusCode.Unauthorized, text);
        (await Ask(node, Proxy, client, der, Convert.ToBase64String(other.RawData))).ShouldBe(HttpStatusCode.Unauthorized, "two");
    }

    [Fact]
    public async Task Are_not_the_proxys_own()
    {
        using var certificate = CertificateSite.NewCertificate(null);
        var client = await AddHolder(certificate);
        await using var node = Node();

        (await Ask(node, Proxy, client, null, own: certificate)).ShouldBe(HttpStatusCode.Unauthorized);
        (await Ask(node, "203.0.113.9", client, null, own: certificate)).ShouldBe(HttpStatusCode.OK, "who comes without a proxy");
    }

    [Fact]
    public async Task Are_read_or_not_and_never_an_error_of_ours()
    {
        using var certificate = CertificateSite.NewCertificate(null);
        var client = await AddHolder(certificate);
        await using var node = Node();
        var (pem, der) = (Uri.EscapeDataString(certificate.ExportCertificatePem()), Convert.ToBase64String(certificate.RawData));

        await AnyText.Header(Gen.OneOf(AnyText.Near(pem, der, $":{der}:"), AnyText.Any, AnyText.Bytes.Select(Convert.ToBase64String))).SampleAsync(
            async text => ((int)await Ask(node, Proxy, client, text)).ShouldBeLessThan(500, text), iter: AnyText.Tries(150), threads: 1);
    }

    private WebApplicationFactory<Program> Node(string header = Header) => Site.WithWebHostBuilder(builder =>
    {
        builder.UseSetting("ForwardedHeaders:KnownProxies:0", Proxy);
        builder.UseSetting("ForwardedHeaders:KnownProxies:1", "192.168.0.0/16");
        builder.UseSetting("ForwardedHeaders:ClientCertificateHeader", header);
    });

    private static Task<HttpStatusCode> Ask(WebApplicationFactory<Program> node, string from, Client client, string? certificate, string? another = null, string forwardedFor = "203.0.113.5", X509Certificate2? own = null) =>
        Ask(node, from, client, new[] { certificate, another }.OfType<string>(), forwardedFor, own);

    private static async Task<HttpStatusCode> Ask(WebApplicationFactory<Program> node, string from, Client client, IEnumerable<string> certificates, string forwardedFor, X509Certificate2? own)
    {
        _ = node.Services;
        using var http = new HttpClient(node.Server.CreateHandler(context =>
        {
            context.Connection.RemoteIpAddress = IPAddress.Parse(from);
            context.Connection.ClientCertificate = own;
        }));
        http.BaseAddress = new Uri(Site.Issuer);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/oauth/token")
        {
            Content = new FormUrlEncodedContent([new("grant_type", "client_credentials"), new("client_id", client.Id)]),
            Headers = { { "X-Forwarded-For", forwardedFor }, { "X-Forwarded-Proto", "https" } },
        };
        foreach (var certificate in certificates)
            request.Headers.TryAddWithoutValidation(Header, certificate);
        return (await http.SendAsync(request, Ct)).StatusCode;
    }

    private async Task<Client> AddHolder(X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPrivateKey()!;
        var jwks = AssertionTest.KeySet((PrivateKey.Import(SigningAlgorithms.Es256, key.ExportPkcs8PrivateKey()), SigningAlgorithms.Es256));
        return (await AddClient(change: client =>
        {
            client.AuthenticationMethods = ["self_signed_tls_client_auth"];
            client.Secrets.Clear();
            client.Settings = new() { Jwks = jwks };
        })).Client;
    }
}
