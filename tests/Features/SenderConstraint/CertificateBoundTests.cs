using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.Identity;
using Signet.Tests.Journeys;

namespace Signet.Tests.Features.SenderConstraint;

/// <summary>Tokens that are bound to a client certificate, RFC 8705 §3, over real TLS connections.</summary>
public sealed class CertificateBoundTests(CertificateSite site) : FlowTest(site), IClassFixture<CertificateSite>, IDisposable
{
    private readonly List<HttpClient> connections = [];
    private readonly X509Certificate2 certificate = LiveSite.NewCertificate();
    private readonly X509Certificate2 known = X509CertificateLoader.LoadCertificateFromFile(site.CertificateFile);
    private readonly X509Certificate2 other = LiveSite.NewCertificate();

    private string Thumbprint => Base64Url.EncodeToString(SHA256.HashData(certificate.RawData));

    [Theory]
    [InlineData(TokenFormat.Jwt)]
    [InlineData(TokenFormat.Opaque)]
    internal async Task A_token_works_over_connections_of_its_certificate_alone(TokenFormat format)
    {
        var (client, secret) = await Bound(format: format);

        var tokens = await Tokens(client, secret);
        var token = Text(tokens, "access_token");
        var said = JsonElement.Parse(await Introspect(Connect(null), client, secret, token));

        Text(tokens, "token_type").ShouldBe("Bearer");
        said.GetProperty("cnf").GetProperty("x5t#S256").GetString().ShouldBe(Thumbprint);
        foreach (var url in (string[])["/oauth/userinfo", "/api/v1/apps"])
        {
            (await Ask(certificate, url, token)).StatusCode.ShouldBe(HttpStatusCode.OK);
            await ShouldBeRefused(await Ask(other, url, token), "invalid_token", 401);
            await ShouldBeRefused(await Ask(null, url, token), "invalid_token", 401);
            await ShouldBeRefused(await Ask(certificate, url, token, "DPoP"), "invalid_token", 401);
        }
    }

    [Fact]
    public async Task No_token_is_made_without_a_certificate_or_with_a_proof_instead()
    {
        var (client, secret) = await Bound();
        (string, string)[] fields = [("grant_type", "client_credentials")];
        var withProof = Connect(certificate);
        withProof.DefaultRequestHeaders.Add("DPoP", new ProofKey().Proof("POST", new Uri(site.Address, "/oauth/token").ToString(), Site.Clock.GetUtcNow()));

        await ShouldBeRefused(await PostAs(Connect(null), client.Id, secret, "/oauth/token", fields), "invalid_request");
        await ShouldBeRefused(await PostAs(withProof, client.Id, secret, "/oauth/token", fields), "invalid_request");
        (await PostAs(Connect(certificate), client.Id, secret, "/oauth/token", fields)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_refresh_token_of_a_public_app_is_bound_too()
    {
        var (client, _) = await Bound(isPublic: true);
        var refresh = Text(await Tokens(client, null), "refresh_token");
        (string, string)[] fields = [("grant_type", "refresh_token"), ("refresh_token", refresh), ("client_id", client.Id)];

        await ShouldBeRefused(await Post(Connect(null), "/oauth/token", fields), "invalid_request");
        await ShouldBeRefused(await Post(Connect(other), "/oauth/token", fields), "invalid_grant");
        Text(await Json(await Post(Connect(certificate), "/oauth/token", fields)), "refresh_token").ShouldBe(refresh);
    }

    [Fact]
    public async Task A_certificate_binds_nothing_for_an_app_that_does_not_ask()
    {
        var (client, secret) = await AddClient(scopes: ["openid", "apps.read"], skipsConsent: true);

        var token = Text(await Tokens(client, secret), "access_token");

        (await Ask(null, "/oauth/userinfo", token)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private Task<(Client Client, string Secret)> Bound(TokenFormat format = TokenFormat.Jwt, bool isPublic = false) => AddClient(
        scopes: ["openid", "apps.read"], skipsConsent: true, format: format, isPublic: isPublic,
        change: client => client.Settings = client.Settings with { TlsClientCertificateBoundAccessTokens = true });

    /// <summary>The tokens of a fresh authorization, asked for with the certificate.</summary>
    private async Task<JsonElement> Tokens(Client client, string? secret)
    {
        var browser = Connect(null);
        browser.DefaultRequestHeaders.Add("Cookie", $"{SessionAuthentication.Cookie}={await AddSession(await AddUser())}");
        var code = (await Authorize(browser, client))["code"];
        (string, string)[] fields = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", RedirectUri), ("code_verifier", Verifier)];
        var response = secret is null
            ? await Post(Connect(certificate), "/oauth/token", [.. fields, ("client_id", client.Id)])
            : await PostAs(Connect(certificate), client.Id, secret, "/oauth/token", fields);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Ct));
        return await Json(response);
    }

    private async Task<HttpResponseMessage> Ask(X509Certificate2? shown, string url, string token, string scheme = "Bearer")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Authorization = new(scheme, token) } };
        return await Connect(shown).SendAsync(request, Ct);
    }

    private HttpClient Connect(X509Certificate2? shown)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, served, _, _) => served?.GetRawCertData().SequenceEqual(known.RawData) == true;
        if (shown is not null)
            handler.SslOptions.ClientCertificates = [shown];
        var http = new HttpClient(handler) { BaseAddress = site.Address };
        connections.Add(http);
        return http;
    }

    public void Dispose()
    {
        connections.ForEach(http => http.Dispose());
        certificate.Dispose();
        known.Dispose();
        other.Dispose();
    }
}

/// <summary>A site that asks whoever connects for a certificate, and takes any.</summary>
public sealed class CertificateSite : LiveSite
{
    protected override void Configure(HttpsConnectionAdapterOptions https)
    {
        https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
        https.AllowAnyClientCertificate();
    }
}
