using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc.Testing;
using Signet.Infrastructure.Data;
using Signet.Tests.Features.SenderConstraint;

namespace Signet.Tests.Features.Discovery;

/// <summary>An address of its own for connections that are asked for a certificate, RFC 8705 §5.</summary>
public sealed class MutualTlsAliasTests(PostgresSite site) : FlowTest(site)
{
    private const string Alias = "https://mtls.id.test";

    [Fact]
    public async Task Its_endpoints_are_told_where_there_is_one_and_are_the_same_endpoints()
    {
        (await Json(await Site.Browser().GetAsync("/.well-known/openid-configuration", Ct))).TryGetProperty("mtls_endpoint_aliases", out _).ShouldBeFalse();
        await using var node = Site.WithWebHostBuilder(builder => builder.UseSetting("Signet:MutualTls:BaseAddress", Alias + "/"));
        var http = node.CreateClient(new WebApplicationFactoryClientOptions { BaseAddress = new Uri(Alias), AllowAutoRedirect = false });
        var metadata = await Json(await http.GetAsync("/.well-known/openid-configuration", Ct));
        var aliases = metadata.GetProperty("mtls_endpoint_aliases").EnumerateObject().ToArray();

        Text(metadata, "issuer").ShouldBe(Tests.Site.Issuer);
        Text(metadata, "token_endpoint").ShouldBe(Tests.Site.Issuer + "/oauth/token");
        aliases.Select(alias => alias.Name).ShouldBe(
            ["token_endpoint", "userinfo_endpoint", "introspection_endpoint", "revocation_endpoint", "device_authorization_endpoint", "backchannel_authentication_endpoint", "pushed_authorization_request_endpoint"], ignoreOrder: true);
        foreach (var alias in aliases)
        {
            alias.Value.GetString().ShouldBe(Alias + Text(metadata, alias.Name)[Tests.Site.Issuer.Length..]);
            (await http.GetAsync(alias.Value.GetString(), Ct)).StatusCode.ShouldNotBe(HttpStatusCode.NotFound, alias.Name);
        }

        // A proof and an assertion may name the address that they go to, and no third one.
        var key = new AppKey();
        var (client, _) = await AddClient(change: client =>
        {
            client.AuthenticationMethods = ["private_key_jwt"];
            client.Settings = new ClientSettings { Jwks = key.Jwks };
        });
        async Task<HttpResponseMessage> Ask(HttpClient at, string proofFor, string assertionFor)
        {
            var now = Site.Clock.GetUtcNow();
            using var request = new HttpRequestMessage(HttpMethod.Post, "/oauth/token")
            {
                Headers = { { "DPoP", new ProofKey().Proof("POST", proofFor + "/oauth/token", now) } },
                Content = new FormUrlEncodedContent(new Dictionary<string, string>
                {
                    ["grant_type"] = "client_credentials",
                    ["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                    ["client_assertion"] = key.Sign(new JsonObject
                    {
                        ["iss"] = client.Id,
                        ["sub"] = client.Id,
                        ["aud"] = assertionFor + "/oauth/token",
                        ["exp"] = now.AddMinutes(1).ToUnixTimeSeconds(),
                        ["jti"] = Guid.NewGuid().ToString(),
                    }),
                }),
            };
            return await at.SendAsync(request, Ct);
        }

        (await Ask(http, Alias, Alias)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Ask(http, Tests.Site.Issuer, Tests.Site.Issuer)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await ShouldBeRefused(await Ask(http, "https://other.test", Alias), "invalid_dpop_proof");
        await ShouldBeRefused(await Ask(http, Alias, "https://other.test"), "invalid_client", 401);
        await ShouldBeRefused(await Ask(Site.Browser(), Alias, Tests.Site.Issuer), "invalid_dpop_proof");
        await ShouldBeRefused(await Ask(Site.Browser(), Tests.Site.Issuer, Alias), "invalid_client", 401);
    }
}
