using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Signet.Infrastructure.Data;

namespace Signet.Tests.Infrastructure.OAuth;

/// <summary>Clients that prove themselves with a certificate in the TLS handshake, RFC 8705 §2, on a real port.</summary>
public sealed class MutualTlsTests(CertificateSite site) : FlowTest(site), IClassFixture<CertificateSite>
{
    [Fact]
    public async Task A_certificate_of_a_trusted_authority_with_the_registered_subject_is_who_the_client_is()
    {
        var client = await AddHolder("tls_client_auth", new() { TlsClientAuthSubjectDn = "CN=shop,O=Example,C=DE" });
        using var good = CertificateSite.NewCertificate(site.Authority);

        await Works(client, good);
        var http = site.Program(good);
        var token = await IssueOpaque(client);
        (await (await Post(http, "/oauth/introspect", ("client_id", client.Id), ("token", token))).Content.ReadAsStringAsync(Ct)).ShouldContain("\"active\":true");
        (await Post(http, "/oauth/revoke", ("client_id", client.Id), ("token", token))).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await (await Post(http, "/oauth/introspect", ("client_id", client.Id), ("token", token))).Content.ReadAsStringAsync(Ct)).ShouldBe(Inactive);
    }

    [Fact]
    public async Task Any_other_certificate_is_not()
    {
        var client = await AddHolder("tls_client_auth", new() { TlsClientAuthSubjectDn = "CN=shop,O=Example,C=DE" });
        using var other = CertificateSite.NewAuthority("Example Authority");

        await Fails(client, null, "none");
        await Fails(client, CertificateSite.NewCertificate(null), "one that nobody vouches for");
        await Fails(client, CertificateSite.NewCertificate(other), "one of another authority of the same name");
        await Fails(client, CertificateSite.NewCertificate(site.Authority, daysFromNow: -2), "one that has expired");
        await Fails(client, CertificateSite.NewCertificate(site.Authority, daysFromNow: 2), "one that is not valid yet");
        await Fails(client, CertificateSite.NewCertificate(site.Authority, usage: "1.3.6.1.5.5.7.3.1"), "one for servers");
        await Fails(await AddHolder("tls_client_auth", new() { TlsClientAuthSubjectDn = "CN=shop,O=Example" }), CertificateSite.NewCertificate(site.Authority), "one of another name");
        await Fails(await AddHolder("tls_client_auth", new()), CertificateSite.NewCertificate(site.Authority), "one that nobody registered");
        await Fails(await AddHolder("private_key_jwt", new() { TlsClientAuthSubjectDn = "CN=shop,O=Example,C=DE" }), CertificateSite.NewCertificate(site.Authority), "one in place of an assertion");
        await Works(client, CertificateSite.NewCertificate(site.Authority));
    }

    [Fact]
    public async Task An_alternative_name_is_as_good_as_a_subject_where_it_is_registered()
    {
        using var certificate = CertificateSite.NewCertificate(site.Authority, names: names =>
        {
            names.AddDnsName("other.example.com");
            names.AddDnsName("shop.example.com");
            names.AddUri(new Uri("spiffe://example.com/shop"));
            names.AddIpAddress(IPAddress.Parse("192.0.2.7"));
            names.AddIpAddress(IPAddress.Parse("2001:db8::7"));
            names.AddEmailAddress("shop@example.com");
        });
        foreach (var good in (ClientSettings[])
        [
            new() { TlsClientAuthSanDns = "shop.example.com" }, new() { TlsClientAuthSanDns = "Shop.example.com" }, new() { TlsClientAuthSanUri = "spiffe://example.com/shop" },
            new() { TlsClientAuthSanIp = "192.0.2.7" }, new() { TlsClientAuthSanIp = "2001:DB8:0::7" }, new() { TlsClientAuthSanEmail = "shop@example.com" },
        ])
            await Works(await AddHolder("tls_client_auth", good), certificate);
        foreach (var bad in (ClientSettings[])
        [
            new() { TlsClientAuthSanDns = "example.com" }, new() { TlsClientAuthSanDns = "*.example.com" }, new() { TlsClientAuthSanDns = "shop" }, new() { TlsClientAuthSanDns = "shop@example.com" },
            new() { TlsClientAuthSanUri = "shop.example.com" }, new() { TlsClientAuthSanUri = "spiffe://example.com/shop/x" }, new() { TlsClientAuthSanIp = "192.0.2.8" }, new() { TlsClientAuthSanEmail = "x@example.com" },
            new() { TlsClientAuthSanDns = "shop.example.com", TlsClientAuthSanEmail = "shop@example.com" },
        ])
            await Fails(await AddHolder("tls_client_auth", bad), certificate, bad.ToString());
    }

    [Fact]
    public async Task A_self_signed_certificate_is_good_for_the_client_that_registered_its_key()
    {
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var rsa = RSA.Create(2048);
        foreach (var key in (AsymmetricAlgorithm[])[ec, rsa])
        {
            using var certificate = CertificateSite.NewCertificate(null, key);
            using var renewed = CertificateSite.NewCertificate(null, key);
            using var expired = CertificateSite.NewCertificate(null, key, daysFromNow: -2);
            using var other = CertificateSite.NewCertificate(null);
            var client = await AddHolder("self_signed_tls_client_auth", new() { Jwks = JwksOf(key, certificate) });

            await Works(client, certificate);
            await Works(client, renewed);
            await Fails(client, other, "another key");
            await Fails(client, CertificateSite.NewCertificate(site.Authority), "a trusted one");
            await Fails(client, expired, "an expired one");
            await Fails(client, null, "none");
        }
    }

    [Fact]
    public async Task A_certificate_is_nothing_that_others_must_have()
    {
        var (confidential, secret) = await AddClient();
        using var certificate = CertificateSite.NewCertificate(null);

        foreach (var http in new[] { site.Program(null), site.Program(certificate) })
            (await PostAs(http, confidential.Id, secret, "/oauth/token", ("grant_type", "client_credentials"))).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static System.Text.Json.JsonElement JwksOf(AsymmetricAlgorithm key, X509Certificate2 certificate)
    {
        static string B64(byte[]? bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
        string[] chain = [Convert.ToBase64String(certificate.RawData)];
        object jwk = key is RSA rsa
            ? new { kty = "RSA", n = B64(rsa.ExportParameters(false).Modulus), e = B64(rsa.ExportParameters(false).Exponent), x5c = chain }
            : new { kty = "EC", crv = "P-256", x = B64(((ECDsa)key).ExportParameters(false).Q.X), y = B64(((ECDsa)key).ExportParameters(false).Q.Y), x5c = chain };
        return System.Text.Json.JsonSerializer.SerializeToElement(new { keys = new[] { jwk } });
    }

    private async Task<Client> AddHolder(string method, ClientSettings settings) => (await AddClient(change: client =>
    {
        client.AuthenticationMethods = [method];
        client.Secrets.Clear();
        client.Settings = settings;
    })).Client;

    private async Task Works(Client client, X509Certificate2 certificate)
    {
        var answer = await Post(site.Program(certificate), "/oauth/token", ("grant_type", "client_credentials"), ("client_id", client.Id));
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, $"{client.Settings}: {await answer.Content.ReadAsStringAsync(Ct)}");
    }

    private async Task Fails(Client client, X509Certificate2? certificate, string what) =>
        (await Post(site.Program(certificate), "/oauth/token", ("grant_type", "client_credentials"), ("client_id", client.Id))).StatusCode.ShouldBe(HttpStatusCode.Unauthorized, what);
}
