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

    [Fact] // RFC 8414 §3.2
    public async Task What_has_no_elements_is_left_out()
    {
        var metadata = await Json(await Site.Browser().GetAsync("/.well-known/openid-configuration", Ct));

        metadata.EnumerateObject().Where(member => member.Value is { ValueKind: System.Text.Json.JsonValueKind.Array } all && all.GetArrayLength() == 0).ShouldBeEmpty();
    }

    [Fact]
    public async Task Says_how_tokens_can_be_bound_to_a_key()
    {
        var metadata = await Json(await Site.Browser().GetAsync("/.well-known/openid-configuration", Ct));

        metadata.GetProperty("dpop_signing_alg_values_supported").EnumerateArray().Select(algorithm => algorithm.GetString()).ShouldBe(["ES256", "PS256", "EdDSA"]);
        metadata.GetProperty("tls_client_certificate_bound_access_tokens").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task Says_how_answers_are_signed_and_what_people_are_known_as()
    {
        var metadata = await Json(await Site.Browser().GetAsync("/.well-known/openid-configuration", Ct));
        string[] Texts(string member) => [.. metadata.GetProperty(member).EnumerateArray().Select(text => text.GetString()!)];

        foreach (var member in (string[])["id_token", "userinfo", "introspection"])
            Texts($"{member}_signing_alg_values_supported").ShouldBe(["ES256", "RS256", "PS256", "EdDSA"]);
        foreach (var member in (string[])["id_token", "userinfo", "introspection", "authorization"])
        {
            Texts($"{member}_encryption_alg_values_supported").ShouldBe(["RSA-OAEP-256", "ECDH-ES"]);
            Texts($"{member}_encryption_enc_values_supported").ShouldBe(["A256GCM"]);
        }

        Texts("subject_types_supported").ShouldBe(["public", "pairwise"]);
        ((string[])["openid", "profile", "email", "address", "phone", "offline_access"]).ShouldBeSubsetOf(Texts("scopes_supported"));
        ((string[])["sub", "name", "given_name", "birthdate", "updated_at", "address", "phone_number", "phone_number_verified"]).ShouldBeSubsetOf(Texts("claims_supported"));
    }

    [Fact]
    public async Task Names_where_a_device_and_a_backchannel_request_are_asked_and_only_what_is_delivered()
    {
        var metadata = await Json(await Site.Browser().GetAsync("/.well-known/openid-configuration", Ct));

        Text(metadata, "device_authorization_endpoint").ShouldBe($"{Site.Issuer}/oauth/device");
        Text(metadata, "backchannel_authentication_endpoint").ShouldBe($"{Site.Issuer}/oauth/backchannel");
        metadata.GetProperty("backchannel_token_delivery_modes_supported").EnumerateArray().Select(mode => mode.GetString()).ShouldBe(["poll", "ping"]);
        metadata.GetProperty("backchannel_user_code_parameter_supported").GetBoolean().ShouldBeFalse();
        metadata.GetProperty("backchannel_authentication_request_signing_alg_values_supported").EnumerateArray().Select(algorithm => algorithm.GetString()).ShouldBe(["ES256", "RS256", "PS256", "EdDSA"]);
        metadata.GetProperty("grant_types_supported").EnumerateArray().Select(grant => grant.GetString())
            .ShouldBeSubsetOf(Signet.Infrastructure.OAuth.GrantTypes.All);
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
