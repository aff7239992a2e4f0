using System.Net;

namespace Signet.Tests.Features.Discovery;

/// <summary>The metadata, RFC 8414: everything in it is served.</summary>
public sealed class DiscoveryTests(PostgresSite site) : FlowTest(site)
{
    [Fact]
    public async Task Says_the_same_at_both_addresses_with_the_configured_issuer()
    {
        var browser = Site.Browser();
        browser.DefaultRequestHeaders.Host = "evil.test";
        browser.DefaultRequestHeaders.Add("X-Forwarded-Host", "evil.test");

        var openId = await (await browser.GetAsync("/.well-known/openid-configuration", Ct)).Content.ReadAsStringAsync(Ct);
        var oauth = await (await browser.GetAsync("/.well-known/oauth-authorization-server", Ct)).Content.ReadAsStringAsync(Ct);

        openId.ShouldBe(oauth);
        openId.ShouldContain($"\"issuer\":\"{Site.Issuer}\"");
        openId.ShouldNotContain("evil.test");
    }

    [Fact]
    public async Task Every_address_in_it_is_served()
    {
        var metadata = await Json(await Site.Browser().GetAsync("/.well-known/openid-configuration", Ct));

        var addresses = metadata.EnumerateObject().Where(member => member.Name.EndsWith("_endpoint", StringComparison.Ordinal) || member.Name == "jwks_uri").ToArray();

        addresses.Length.ShouldBeGreaterThan(4);
        foreach (var address in addresses)
        {
            address.Value.GetString()!.ShouldStartWith(Site.Issuer + "/");
            (await Site.Browser().GetAsync(address.Value.GetString(), Ct)).StatusCode.ShouldNotBe(HttpStatusCode.NotFound, address.Name);
        }
    }

    [Fact]
    public async Task Says_how_tokens_can_be_bound_to_a_key()
    {
        var metadata = await Json(await Site.Browser().GetAsync("/.well-known/openid-configuration", Ct));

        metadata.GetProperty("dpop_signing_alg_values_supported").EnumerateArray().Select(algorithm => algorithm.GetString()).ShouldBe(["ES256", "PS256", "EdDSA"]);
        metadata.GetProperty("tls_client_certificate_bound_access_tokens").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task Names_the_grants_that_exchange_tokens_and_assertions()
    {
        var metadata = await Json(await Site.Browser().GetAsync("/.well-known/openid-configuration", Ct));

        var grants = metadata.GetProperty("grant_types_supported").EnumerateArray().Select(grant => grant.GetString()).ToArray();
        grants.ShouldContain("urn:ietf:params:oauth:grant-type:token-exchange");
        grants.ShouldContain("urn:ietf:params:oauth:grant-type:jwt-bearer");
    }
}
