using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.TestHost;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.Jose;
using Signet.Infrastructure.OAuth;
using Signet.Tests.Features.SenderConstraint;
using CertificateSite = Signet.Tests.Infrastructure.OAuth.CertificateSite;

namespace Signet.Tests.Features.Discovery;

public sealed partial class MetadataTests
{
    private static readonly string[] Doors = ["token", "introspection", "revocation"];
    private const string Api = "https://api.test/notes", Idp = "https://idp.test";

    private async Task Grants()
    {
        await AddApi();
        var user = await AddUser("ada@example.test");
        var key = new AppKey();
        var (client, secret) = await AddClient(grants: GrantTypes.All, scopes: ["openid", "offline_access", "notes.read"], skipsConsent: true, change: client => client.Settings = new()
        {
            TokenExchange = [new() { SubjectClient = "*", Audiences = [Api] }],
            TrustedIssuers = [new() { Issuer = Idp, Jwks = key.Jwks }],
        });
        var first = await Tokens(user, client, secret);
        await Walk(
            "grant_types_supported", [.. GrantTypes.All, "password", "implicit", "urn:ietf:params:oauth:grant-type:saml2-bearer", "urn:ietf:params:oauth:grant-type:uma-ticket", "urn:ietf:params:oauth:grant-type:pre-authorized_code"],
            async grant =>
            {
                (string, string)[] fields = grant switch
                {
                    GrantTypes.AuthorizationCode => [("code", await Code(user, client)), ("redirect_uri", RedirectUri), ("code_verifier", Verifier)],
                    GrantTypes.RefreshToken => [("refresh_token", Text(first, "refresh_token"))],
                    GrantTypes.ClientCredentials => [("scope", "notes.read")],
                    GrantTypes.DeviceCode => [("device_code", await DeviceCode(user, client, secret))],
                    GrantTypes.Ciba => [("auth_req_id", await Approval(user, client, secret))],
                    GrantTypes.TokenExchange => [("subject_token", Text(first, "access_token")), ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"), ("audience", Api)],
                    GrantTypes.JwtBearer => [("assertion", key.Sign(new() { ["iss"] = Idp, ["sub"] = user.Id.ToString(), ["aud"] = Site.Issuer, ["exp"] = Site.Clock.GetUtcNow().AddMinutes(5).ToUnixTimeSeconds(), ["jti"] = "1" }))],
                    _ => throw new InvalidOperationException(grant),
                };
                var response = await Token(client, secret, [("grant_type", grant), .. fields]);
                response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Ct));
                Text(await Json(response), "access_token").ShouldNotBeEmpty();
            },
            async grant =>
            {
                await ShouldBeRefused(await Token(client, secret, ("grant_type", grant), ("username", user.Email!), ("password", Password)), "unsupported_grant_type");
                await CannotBeRegistered("grant_types", $"\"grant_types\":[\"authorization_code\",\"{grant}\"]");
            });
    }

    private async Task<string> DeviceCode(User user, Client client, string secret)
    {
        var asked = await Json(await PostAs(Site.Browser(), client.Id, secret, "/oauth/device"));
        var browser = await SignedIn(user);
        await Press(browser, "/device", await (await Submit(browser, "/device", ("user_code", Text(asked, "user_code")))).Content.ReadAsStringAsync(Ct));
        return Text(asked, "device_code");
    }

    private async Task<string> Approval(User user, Client client, string secret)
    {
        var asked = await Json(await PostAs(Site.Browser(), client.Id, secret, "/oauth/backchannel", ("scope", "openid"), ("login_hint", user.Email!)));
        var browser = await SignedIn(user);
        await Press(browser, "/account/approvals", await browser.GetStringAsync("/account/approvals", Ct));
        return Text(asked, "auth_req_id");
    }

    private static Task<HttpResponseMessage> Press(HttpClient browser, string url, string page) =>
        Post(browser, $"{url}?handler=Allow", ("__RequestVerificationToken", AntiforgeryToken(page)), ("id", IdField().Match(page).Groups[1].Value));

    [GeneratedRegex("name=\"id\" value=\"([^\"]+)\"")]
    private static partial Regex IdField();

    private async Task Ways_of_authentication()
    {
        Texts("revocation_endpoint_auth_methods_supported").ShouldBe(Texts("token_endpoint_auth_methods_supported"));
        Texts("introspection_endpoint_auth_methods_supported").ShouldBe(Texts("token_endpoint_auth_methods_supported").Except(["none"]));
        using var authority = CertificateSite.NewAuthority("Example Authority");
        using var certificate = CertificateSite.NewCertificate(authority);
        var file = Path.Combine(Path.GetTempPath(), $"signet-metadata-{Guid.NewGuid():N}.pem");
        await File.WriteAllTextAsync(file, authority.ExportCertificatePem(), Ct);
        await using var node = Site.WithWebHostBuilder(host => host.UseSetting("Signet:ClientCertificateAuthorities", file));
        using var holder = Holding(node.Server, certificate);
        await Walk(
            "token_endpoint_auth_methods_supported", [.. ClientAuthenticationMethods.All, "attest_jwt_client_auth", "urn:ietf:params:oauth:client-auth:other"],
            async method =>
            {
                var (client, secret) = await AddClient(grants: ["authorization_code", "client_credentials"], isPublic: method == "none", change: client => Prove(client, method, certificate));
                foreach (var door in Doors)
                {
                    var (http, basic, fields) = method switch
                    {
                        "client_secret_basic" => (Site.Browser(), true, Array.Empty<(string, string)>()),
                        "client_secret_post" => (Site.Browser(), false, [("client_id", client.Id), ("client_secret", secret)]),
                        "client_secret_jwt" => (Site.Browser(), false, Asserted(Sign("""{"alg":"HS256"}""", Claims(client.Id), Encoding.UTF8.GetBytes(HeldSecret)))),
                        "private_key_jwt" => (Site.Browser(), false, Asserted(Assertion(client))),
                        "tls_client_auth" or "self_signed_tls_client_auth" => (holder, false, [("client_id", client.Id)]),
                        "none" => (Site.Browser(), false, [("client_id", client.Id)]),
                        _ => throw new InvalidOperationException(method),
                    };
                    (string, string)[] all = door == "token" && method == "none"
                        ? [.. fields, ("grant_type", "authorization_code"), ("redirect_uri", RedirectUri), ("code_verifier", Verifier), ("code", await Code(await AddUser(), client))]
                        : [.. fields, ("grant_type", "client_credentials"), ("token", "x")];
                    var url = Text(document, $"{door}_endpoint");
                    var response = basic ? await PostAs(http, client.Id, secret, url, all) : await Post(http, url, all);
                    if (door == "introspection" && method == "none")
                        await ShouldBeRefused(response, "invalid_client", 401);
                    else
                        response.StatusCode.ShouldBe(HttpStatusCode.OK, $"{method} at {door}: {await response.Content.ReadAsStringAsync(Ct)}");
                }
            },
            method => CannotBeRegistered("token_endpoint_auth_method", $"\"token_endpoint_auth_method\":\"{method}\""));
        File.Delete(file);
    }

    private const string HeldSecret = "a secret that is long enough to sign with";

    private void Prove(Client client, string method, X509Certificate2 certificate)
    {
        if (method == "none")
            return;
        client.AuthenticationMethods = [method];
        using var key = certificate.GetECDsaPublicKey()!;
        var point = key.ExportParameters(false).Q;
        client.Settings = method switch
        {
            "private_key_jwt" => new() { Jwks = KeySet((Key, SigningAlgorithms.Es256)) },
            "tls_client_auth" => new() { TlsClientAuthSubjectDn = "CN=shop,O=Example,C=DE" },
            "self_signed_tls_client_auth" => new() { Jwks = JsonElement.Parse($$"""{"keys":[{"kty":"EC","crv":"P-256","x":"{{System.Buffers.Text.Base64Url.EncodeToString(point.X)}}","y":"{{System.Buffers.Text.Base64Url.EncodeToString(point.Y)}}"}]}""") },
            _ => new(),
        };
        if (method == "client_secret_jwt")
            Keep(client);
    }

    /// <summary>Gives the client a secret that is kept to check signatures with.</summary>
    private void Keep(Client client)
    {
        var signing = (ClientSecretJwt)Site.Services.GetService(typeof(ClientSecretJwt))!;
        var secret = new Signet.Infrastructure.Secret(HeldSecret);
        client.Secrets.Clear();
        client.Secrets.Add(new ClientSecret
        {
            Id = Guid.CreateVersion7(),
            ClientId = client.Id,
            Hash = secret.Hash(),
            Hint = "with",
            CreatedAt = client.CreatedAt,
            Sealed = signing.Seal(client.Id, ["client_secret_jwt"], secret),
        });
    }

    private static (string Name, string Value)[] Asserted(string assertion) => [("client_assertion_type", ClientAssertion.Type), ("client_assertion", assertion)];

    private static HttpClient Holding(TestServer server, X509Certificate2 certificate) =>
        new(server.CreateHandler(http => http.Connection.ClientCertificate = certificate)) { BaseAddress = new Uri(Site.Issuer) };

    private async Task Signatures_of_assertions()
    {
        using var rsa = RSA.Create(2048);
        var numbers = rsa.ExportParameters(false);
        var open = JsonElement.Parse($$"""{"keys":[{"kty":"RSA","n":"{{System.Buffers.Text.Base64Url.EncodeToString(numbers.Modulus)}}","e":"AQAB"}]}""");
        var byRsa = (await AddClient(change: client => (client.AuthenticationMethods, client.Settings) = (["private_key_jwt"], new() { Jwks = open }))).Client;
        var bySecret = (await AddClient(change: client =>
        {
            client.AuthenticationMethods = ["client_secret_jwt"];
            Keep(client);
        })).Client;
        await Walk(
            [.. Doors.Select(door => $"{door}_endpoint_auth_signing_alg_values_supported")], Algorithms,
            async algorithm =>
            {
                var key = algorithm == "HS256" ? null : PrivateKey.Generate(algorithm);
                var client = key is null ? bySecret : await AddSigner(key, algorithm);
                foreach (var door in Doors)
                {
                    var header = $$"""{"alg":"{{algorithm}}"}""";
                    var assertion = key is null ? Sign(header, Claims(client.Id), Encoding.UTF8.GetBytes(HeldSecret)) : Sign(header, Claims(client.Id), key);
                    (await Post(Site.Browser(), Text(document, $"{door}_endpoint"), [.. Asserted(assertion), ("grant_type", "client_credentials"), ("token", "x")])).StatusCode.ShouldBe(HttpStatusCode.OK, $"{algorithm} at {door}");
                }
            },
            async algorithm =>
            {
                var client = algorithm.StartsWith("HS", StringComparison.Ordinal) ? bySecret : byRsa;
                var hash = algorithm.EndsWith("384", StringComparison.Ordinal) ? HashAlgorithmName.SHA384 : HashAlgorithmName.SHA512;
                var assertion = algorithm switch
                {
                    "HS384" or "HS512" => Sign($$"""{"alg":"{{algorithm}}"}""", Claims(client.Id), data => CryptographicOperations.HmacData(hash, Encoding.UTF8.GetBytes(HeldSecret), data)),
                    "RS384" or "RS512" => Sign($$"""{"alg":"{{algorithm}}"}""", Claims(client.Id), data => rsa.SignData(data, hash, RSASignaturePadding.Pkcs1)),
                    "PS384" or "PS512" => Sign($$"""{"alg":"{{algorithm}}"}""", Claims(client.Id), data => rsa.SignData(data, hash, RSASignaturePadding.Pss)),
                    _ => Unknown(algorithm, Claims(client.Id)),
                };
                foreach (var door in Doors)
                    await ShouldBeRefused(await Post(Site.Browser(), Text(document, $"{door}_endpoint"), [.. Asserted(assertion), ("grant_type", "client_credentials"), ("token", "x")]), "invalid_client", 401);
                await CannotBeRegistered("token_endpoint_auth_signing_alg", $"\"token_endpoint_auth_method\":\"private_key_jwt\",\"jwks_uri\":\"https://app.test/jwks\",\"token_endpoint_auth_signing_alg\":\"{algorithm}\"");
            });
    }

    private async Task Signatures_of_proofs()
    {
        var (client, secret) = await AddFirstParty();
        async Task<HttpResponseMessage> With(string proof)
        {
            using var http = Site.Browser();
            http.DefaultRequestHeaders.Add("DPoP", proof);
            return await PostAs(http, client.Id, secret, "/oauth/token", ("grant_type", "client_credentials"));
        }

        await Walk(
            "dpop_signing_alg_values_supported", Algorithms,
            async algorithm => Text(await Json(await With(new ProofKey(algorithm).Proof("POST", TokenEndpoint, Site.Clock.GetUtcNow()))), "token_type").ShouldBe("DPoP"),
            async algorithm => await ShouldBeRefused(await With(algorithm == "RS256"
                ? new ProofKey(algorithm).Proof("POST", TokenEndpoint, Site.Clock.GetUtcNow())
                : new ProofKey().Proof("POST", TokenEndpoint, Site.Clock.GetUtcNow(), change: (header, _) => header["alg"] = algorithm)), "invalid_dpop_proof"));
    }

    private async Task Tokens_of_a_certificate()
    {
        Flag("tls_client_certificate_bound_access_tokens").ShouldBeTrue();
        var (client, secret) = await AddFirstParty(settings => settings with { TlsClientCertificateBoundAccessTokens = true });
        using var certificate = CertificateSite.NewCertificate(null);
        using var holder = Holding(Site.Server, certificate);

        var tokens = await Json(await PostAs(holder, client.Id, secret, "/oauth/token", ("grant_type", "client_credentials")));

        Jwt(Text(tokens, "access_token")).GetPayloadValue<JsonElement>("cnf").GetProperty("x5t#S256").GetString()
            .ShouldBe(System.Buffers.Text.Base64Url.EncodeToString(SHA256.HashData(certificate.RawData)));
        await ShouldBeRefused(await PostAs(Site.Browser(), client.Id, secret, "/oauth/token", ("grant_type", "client_credentials")), "invalid_request");
    }

    private async Task Signatures_of_approval_requests()
    {
        const string Member = "backchannel_authentication_request_signing_alg";
        var user = await AddUser();
        await Walk(
            Member + "_values_supported", Algorithms,
            async algorithm =>
            {
                var key = new AppKey(algorithm);
                var (client, secret) = await AddFirstParty(settings => settings with { Jwks = key.Jwks, BackchannelAuthenticationRequestSigningAlg = algorithm }, grants: [GrantTypes.Ciba]);
                var now = Site.Clock.GetUtcNow().ToUnixTimeSeconds();
                var request = key.Sign(new() { ["iss"] = client.Id, ["aud"] = Site.Issuer, ["iat"] = now, ["nbf"] = now, ["exp"] = now + 300, ["jti"] = algorithm, ["scope"] = "openid", ["login_hint"] = user.Email });
                var response = await PostAs(Site.Browser(), client.Id, secret, "/oauth/backchannel", ("request", request));
                response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Ct));
            },
            algorithm => CannotBeRegistered(Member, $"\"grant_types\":[\"authorization_code\",\"{GrantTypes.Ciba}\"],\"jwks_uri\":\"https://app.test/jwks\",\"{Member}\":\"{algorithm}\""));
    }

    private async Task Delivery_modes()
    {
        string Members(string mode) => $"\"grant_types\":[\"authorization_code\",\"{GrantTypes.Ciba}\"],\"backchannel_token_delivery_mode\":\"{mode}\",\"backchannel_client_notification_endpoint\":\"https://app.test/told\"";
        await Walk(
            "backchannel_token_delivery_modes_supported", ["poll", "ping", "push"],
            mode => CanBeRegistered(Members(mode)),
            mode => CannotBeRegistered("backchannel_token_delivery_mode", Members(mode)));
        // A code of the person's that nobody asked for is not looked at.
        Flag("backchannel_user_code_parameter_supported").ShouldBeFalse();
        var (client, secret) = await AddFirstParty(grants: [GrantTypes.Ciba]);
        (await PostAs(Site.Browser(), client.Id, secret, "/oauth/backchannel", ("scope", "openid"), ("login_hint", (await AddUser()).Email!), ("user_code", "1234"))).StatusCode.ShouldBe(HttpStatusCode.OK);
    }
}
