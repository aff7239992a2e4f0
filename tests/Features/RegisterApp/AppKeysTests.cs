using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Signet.Infrastructure.Jose;

namespace Signet.Tests.Features.RegisterApp;

/// <summary>What an app registers to prove itself with a key or a certificate (RFC 7591 §2, RFC 8705 §2.1.2; T075).</summary>
public sealed class AppKeysTests(PostgresSite site) : AppsTest(site)
{
    private const string Url = "/api/v1/apps";
    private const string Ec = """{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}""";
    private const string EcWithPrivateHalf = """{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}""";

    [Theory]
    [InlineData($$"""{"token_endpoint_auth_method":"private_key_jwt","jwks":{"keys":[{{Ec}}]} }""")]
    [InlineData($$"""{"token_endpoint_auth_method":"private_key_jwt","jwks":{"keys":[{{Ec}}]},"token_endpoint_auth_signing_alg":"ES256"}""")]
    [InlineData("""{"token_endpoint_auth_method":"private_key_jwt","jwks_uri":"https://app.test/jwks"}""")]
    [InlineData("""{"token_endpoint_auth_method":"self_signed_tls_client_auth","jwks_uri":"https://app.test/jwks"}""")]
    [InlineData("""{"token_endpoint_auth_method":"tls_client_auth","tls_client_auth_subject_dn":"CN=app,O=Example,C=DE"}""")]
    [InlineData("""{"token_endpoint_auth_method":"tls_client_auth","tls_client_auth_san_ip":"2001:db8::1"}""")]
    public async Task An_app_without_a_secret_is_registered_and_shown_as_it_was_sent(string members)
    {
        using var http = await Program(await AddUser(), "apps.write");

        var made = await http.PostAsync(Url, Body(Machine(members)), Ct);

        made.StatusCode.ShouldBe(HttpStatusCode.Created, await made.Content.ReadAsStringAsync(Ct));
        var app = await Json(made);
        app.TryGetProperty("client_secret", out _).ShouldBeFalse();
        foreach (var member in JsonElement.Parse(members).EnumerateObject())
            JsonElement.DeepEquals(app.GetProperty(member.Name), member.Value).ShouldBeTrue(member.Name);
        var url = $"{Url}/{app.GetProperty("client_id").GetString()}";
        (await http.PostAsync($"{url}/secrets", null, Ct)).StatusCode.ShouldBe(HttpStatusCode.Conflict);

        var taken = members.Contains("jwks", StringComparison.Ordinal) ? """{"jwks":null,"jwks_uri":null}""" : """{"tls_client_auth_subject_dn":null,"tls_client_auth_san_ip":null}""";
        (await http.PatchAsync(url, Body(taken), Ct)).StatusCode.ShouldBe(HttpStatusCode.BadRequest, "what it needs cannot be taken away");
        (await http.PatchAsync(url, Body("""{"client_name":"B"}"""), Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("jwks", """{"token_endpoint_auth_method":"private_key_jwt"}""")]
    [InlineData("jwks", """{"token_endpoint_auth_method":"self_signed_tls_client_auth"}""")]
    [InlineData("jwks", $$"""{"token_endpoint_auth_method":"private_key_jwt","jwks":{"keys":[{{Ec}}]},"jwks_uri":"https://app.test/jwks"}""")]
    [InlineData("jwks", $$"""{"token_endpoint_auth_method":"client_secret_basic","jwks":{"keys":[{{Ec}}]},"jwks_uri":"https://app.test/jwks"}""")]
    [InlineData("jwks", """{"token_endpoint_auth_method":"private_key_jwt","jwks":{"keys":[{"kty":"oct","k":"AAAA"}]}}""")]
    [InlineData("jwks", """{"token_endpoint_auth_method":"private_key_jwt","jwks":{"keys":[{"kty":"RSA","e":"AQAB","n":"sXchbWFueSBieXRlcyBvZiBhIG1vZHVsdXMgdGhhdCBpcyBzaG9ydA"}]}}""")]
    [InlineData("jwks", $$"""{"token_endpoint_auth_method":"private_key_jwt","jwks":{"keys":[{{EcWithPrivateHalf}}]} }""")]
    [InlineData("jwks", """{"token_endpoint_auth_method":"private_key_jwt","jwks":{"keys":[]}}""")]
    [InlineData("jwks", """{"token_endpoint_auth_method":"private_key_jwt","jwks":"https://app.test/jwks"}""")]
    [InlineData("jwks", $$"""{"token_endpoint_auth_method":"private_key_jwt","jwks":{"keys":[{{Ec}}]},"token_endpoint_auth_signing_alg":"PS256"}""")]
    [InlineData("jwks_uri", """{"token_endpoint_auth_method":"private_key_jwt","jwks_uri":"http://app.test/jwks"}""")]
    [InlineData("jwks_uri", """{"token_endpoint_auth_method":"private_key_jwt","jwks_uri":"file:///etc/passwd"}""")]
    [InlineData("token_endpoint_auth_signing_alg", """{"token_endpoint_auth_method":"private_key_jwt","jwks_uri":"https://app.test/jwks","token_endpoint_auth_signing_alg":"none"}""")]
    [InlineData("token_endpoint_auth_signing_alg", """{"token_endpoint_auth_method":"private_key_jwt","jwks_uri":"https://app.test/jwks","token_endpoint_auth_signing_alg":"HS256"}""")]
    [InlineData("token_endpoint_auth_signing_alg", """{"token_endpoint_auth_method":"private_key_jwt","jwks_uri":"https://app.test/jwks","token_endpoint_auth_signing_alg":"RS256","security_profile":"fapi_2_0_security"}""")]
    [InlineData("token_endpoint_auth_signing_alg", """{"token_endpoint_auth_method":"client_secret_jwt","token_endpoint_auth_signing_alg":"ES256"}""")]
    [InlineData("token_endpoint_auth_signing_alg", """{"token_endpoint_auth_method":"client_secret_basic","token_endpoint_auth_signing_alg":"XS256"}""")]
    [InlineData("token_endpoint_auth_method", """{"token_endpoint_auth_method":"tls_client_auth"}""")]
    [InlineData("token_endpoint_auth_method", """{"token_endpoint_auth_method":"tls_client_auth","tls_client_auth_subject_dn":"CN=app","tls_client_auth_san_dns":"app.test"}""")]
    [InlineData("token_endpoint_auth_method", """{"token_endpoint_auth_method":"tls_client_auth","tls_client_auth_subject_dn":"app"}""")]
    [InlineData("token_endpoint_auth_method", """{"token_endpoint_auth_method":"tls_client_auth","tls_client_auth_san_ip":"app.test"}""")]
    [InlineData("token_endpoint_auth_method", """{"token_endpoint_auth_method":"tls_client_auth","tls_client_auth_san_dns":""}""")]
    [InlineData("token_endpoint_auth_method", """{"token_endpoint_auth_method":"bearer"}""")]
    [InlineData("client_secret", $$"""{"token_endpoint_auth_method":"private_key_jwt","jwks":{"keys":[{{Ec}}]},"client_secret":"0123456789abcdef0123456789abcdef"}""")]
    public async Task What_does_not_go_together_is_named(string member, string members)
    {
        using var http = await Program(await AddUser(isAdmin: true), "apps.write admin");

        var refused = await http.PostAsync(Url, Body(Machine(members)), Ct);

        var answer = await refused.Content.ReadAsStringAsync(Ct);
        refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest, answer);
        JsonElement.Parse(answer).GetProperty("errors").TryGetProperty(member, out _).ShouldBeTrue(answer);
        JsonElement.Parse(answer).GetProperty("error").GetString().ShouldBe("invalid_client_metadata");
    }

    [Fact]
    public async Task Metadata_names_every_way_where_it_is_good()
    {
        var metadata = await Json(await Site.Browser().GetAsync("/.well-known/openid-configuration", Ct));
        string[] proving = ["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth"];

        Values("token_endpoint_auth_methods_supported").ShouldBe([.. proving, "none"]);
        Values("revocation_endpoint_auth_methods_supported").ShouldBe([.. proving, "none"]);
        Values("introspection_endpoint_auth_methods_supported").ShouldBe(proving);
        foreach (var endpoint in new[] { "token", "revocation", "introspection" })
            Values($"{endpoint}_endpoint_auth_signing_alg_values_supported").ShouldBe([.. SigningAlgorithms.All, "HS256"]);

        string[] Values(string member) => [.. metadata.GetProperty(member).EnumerateArray().Select(value => value.GetString()!)];
    }

    private static string Machine(string members)
    {
        var document = JsonNode.Parse(members)!.AsObject();
        (document["client_name"], document["kind"], document["grant_types"]) = ("Robot", "machine", new JsonArray("client_credentials"));
        return document.ToJsonString();
    }
}
