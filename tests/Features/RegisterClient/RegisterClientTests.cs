using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Signet.Infrastructure.Data;

namespace Signet.Tests.Features.RegisterClient;

/// <summary>Apps that register themselves, RFC 7591 and OpenID Connect Registration.</summary>
public sealed class RegisterClientTests(PostgresSite site, OpenRegistration open) : RegistrationTest(site, open)
{
    [Fact] // §2, §3.2.1; C03
    public async Task Gives_what_is_not_said_the_defaults_of_the_specification()
    {
        await AddApi();

        var made = await Registered(new { redirect_uris = Callback });

        Texts(made, "grant_types").ShouldBe(["authorization_code"]);
        Texts(made, "response_types").ShouldBe(["code"]);
        Text(made, "token_endpoint_auth_method").ShouldBe("client_secret_basic");
        Text(made, "application_type").ShouldBe("web");
        Text(made, "client_name").ShouldBe("app.test");
        Text(made, "scope").ShouldBe("openid profile email address phone offline_access notes.read notes.write");
        Text(made, "client_secret").ShouldStartWith("sgs_");
        made.GetProperty("client_secret_expires_at").GetInt64().ShouldBe(0);
        made.GetProperty("client_id_issued_at").GetInt64().ShouldBeInRange(Site.Clock.GetUtcNow().ToUnixTimeSeconds() - 10, Site.Clock.GetUtcNow().ToUnixTimeSeconds());
        Text(made, "registration_access_token").ShouldStartWith("sga_");
        Text(made, "registration_client_uri").ShouldBe($"{Site.Issuer}/oauth/register/{Text(made, "client_id")}");
        made.TryGetProperty("error", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Can_be_used_at_once_by_the_app_that_was_registered_and_from_another_node()
    {
        var made = await Registered(new { client_name = "Reader", redirect_uris = Callback, response_types = new[] { "code" }, grant_types = new[] { "authorization_code", "refresh_token" } });

        var tokens = await Tokens(await AddUser(), await Stored(made), Text(made, "client_secret"), ("scope", "openid email"));

        Text(tokens, "scope").ShouldBe("openid email");
        (await IsLive(Text(tokens, "access_token"))).ShouldBeTrue();
        (await (await Refresh(await Stored(made), Text(made, "client_secret"), Text(tokens, "refresh_token"))).Content.ReadAsStringAsync(Ct)).ShouldContain("access_token");
    }

    [Fact]
    public async Task Echoes_every_member_that_is_registered_and_none_that_is_not()
    {
        const string sent = """
            {
              "redirect_uris": ["https://app.test/cb", "https://app.test/other?a=b"], "client_name": "Reader", "client_name#fr": "Lecteur", "client_uri": "https://app.test",
              "logo_uri": "https://app.test/logo.png", "policy_uri": "https://app.test/privacy", "tos_uri": "https://app.test/terms", "contacts": ["a@app.test"],
              "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"], "token_endpoint_auth_method": "client_secret_post",
              "scope": "openid email", "application_type": "web", "software_id": "4NRB1-0XZABZI9E6-5SM3R", "software_version": "2.1", "subject_type": "pairwise",
              "initiate_login_uri": "https://app.test/login", "default_max_age": 3600, "require_auth_time": true, "default_acr_values": ["aal1"],
              "post_logout_redirect_uris": ["https://app.test/bye"], "backchannel_logout_uri": "https://app.test/logout", "backchannel_logout_session_required": true,
              "frontchannel_logout_uri": "https://app.test/front", "dpop_bound_access_tokens": true, "request_uris": ["https://app.test/request"],
              "id_token_signed_response_alg": "ES256", "userinfo_signed_response_alg": "RS256", "require_pushed_authorization_requests": true,
              "skip_consent": true, "owner": "ada@example.test", "disabled": true, "kind": "machine", "access_token_lifetime": 86400, "security_profile": "fapi_2_0_security",
              "trusted_issuers": [{"issuer": "https://evil.test", "jwks_uri": "https://evil.test/jwks"}], "token_exchange": [], "example_extension": {"a": [1]}, "tos_uri#de": null
            }
            """;
        string[] ignored = ["client_name#fr", "skip_consent", "owner", "disabled", "kind", "access_token_lifetime", "security_profile", "trusted_issuers", "token_exchange", "example_extension", "tos_uri#de"];

        var made = await Registered(sent);
        var stored = await Stored(made);

        foreach (var member in JsonElement.Parse(sent).EnumerateObject().Where(member => !ignored.Contains(member.Name)))
            JsonElement.DeepEquals(made.GetProperty(member.Name), member.Value).ShouldBeTrue($"{member.Name}: {made}");
        foreach (var member in ignored)
            made.TryGetProperty(member, out _).ShouldBeFalse(member);
        stored.SkipsConsent.ShouldBeFalse();
        stored.Settings.TrustedIssuers.ShouldBeNull();
        stored.Origin.ShouldBe(ClientOrigin.Dynamic);
        // The address of the registration says the same (oidcc-3rd_party-init-login).
        var read = await Json(await Manage(made, HttpMethod.Get));
        Text(read, "initiate_login_uri").ShouldBe("https://app.test/login");
    }

    [Theory] // RFC 8252: programs on a person's machine
    [InlineData("""{"redirect_uris":["http://127.0.0.1/callback"],"token_endpoint_auth_method":"none","grant_types":["authorization_code","refresh_token"]}""", "http://127.0.0.1:53123/callback")]
    [InlineData("""{"redirect_uris":["http://[::1]:3000/callback"],"token_endpoint_auth_method":"none"}""", "http://[::1]:9/callback")]
    [InlineData("""{"redirect_uris":["com.example.app:/callback"],"token_endpoint_auth_method":"none","application_type":"native"}""", "com.example.app:/callback")]
    [InlineData("""{"redirect_uris":["com.example.app:/callback","https://app.test/cb"],"token_endpoint_auth_method":"none"}""", "com.example.app:/callback")]
    public async Task Lets_a_public_app_come_back_by_the_loopback_interface_or_its_own_scheme(string metadata, string redirectUri)
    {
        var made = await Registered(metadata);
        var client = await Stored(made);
        client.RedirectUris = [redirectUri, .. client.RedirectUris];

        made.TryGetProperty("client_secret", out _).ShouldBeFalse();
        Text(made, "application_type").ShouldBe("native");
        Text(await Json(await Redeem(client, null, await Code(await AddUser(), client, ("scope", "openid")))), "id_token").ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData("""{"scope":"openid admin apps.write apps.read nothing"}""", "scope", "openid")] // as a client asks that takes scopes_supported
    [InlineData("""{"grant_types":["authorization_code","implicit","client_credentials","urn:ietf:params:oauth:grant-type:token-exchange"]}""", "grant_types", """["authorization_code"]""")]
    [InlineData("""{"grant_types":["authorization_code","implicit"],"response_types":["id_token code","token"]}""", "response_types", """["code id_token"]""")]
    [InlineData("""{"grant_types":["urn:ietf:params:oauth:grant-type:device_code"],"redirect_uris":[],"token_endpoint_auth_method":"none"}""", "response_types", "[]")]
    [InlineData("""{"client_name":"  Goo\u202Egle\u0000\u200B  "}""", "client_name", "Google")] // T118
    [InlineData("""{"client_name":null,"scope":null,"client_uri":"https://reader.test/"}""", "client_name", "reader.test")]
    public async Task Replaces_what_such_an_app_cannot_have_and_says_so(string metadata, string member, string told)
    {
        var made = await Registered(With(metadata));

        var value = made.GetProperty(member);
        (value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText()).ShouldBe(told);
    }

    [Theory]
    [InlineData("""{"redirect_uris":["https://app.test/cb#x"]}""", "invalid_redirect_uri")] // oidcc-redirect-uri-regfrag, T008
    [InlineData("""{"redirect_uris":["javascript:alert(1)"]}""", "invalid_redirect_uri")] // T009
    [InlineData("""{"redirect_uris":["data:text/html,x"],"application_type":"native"}""", "invalid_redirect_uri")]
    [InlineData("""{"redirect_uris":["https://app.test/*"]}""", "invalid_redirect_uri")] // T004
    [InlineData("""{"redirect_uris":["https://\u0430pp.test/cb"]}""", "invalid_redirect_uri")] // T016
    [InlineData("""{"redirect_uris":["http://app.test/cb"]}""", "invalid_redirect_uri")]
    [InlineData("""{"redirect_uris":["com.example.app:/cb"],"application_type":"web"}""", "invalid_redirect_uri")]
    [InlineData("""{"redirect_uris":[]}""", "invalid_redirect_uri")]
    [InlineData("""{"redirect_uris":"https://app.test/cb"}""", "invalid_redirect_uri")]
    [InlineData("""{"redirect_uris":["https://app.test/cb",1]}""", "invalid_redirect_uri")]
    [InlineData("""{"initiate_login_uri":"http://app.test/login"}""", "invalid_client_metadata")] // oidcc-3rd_party-init-login-nohttps
    [InlineData("""{"logo_uri":"javascript:alert(1)"}""", "invalid_client_metadata")] // T116
    [InlineData("""{"logo_uri":"http://169.254.169.254/latest"}""", "invalid_client_metadata")]
    [InlineData("""{"logo_uri":"https://app.test/logo.svg"}""", "invalid_client_metadata")]
    [InlineData("""{"client_uri":"javascript:alert(1)"}""", "invalid_client_metadata")]
    [InlineData("""{"policy_uri":"javascript:alert(1)"}""", "invalid_client_metadata")]
    [InlineData("""{"tos_uri":"data:text/html,x"}""", "invalid_client_metadata")]
    [InlineData("""{"jwks":{"keys":[{"kty":"oct","k":"AAAA"}]},"token_endpoint_auth_method":"private_key_jwt"}""", "invalid_client_metadata")] // T075
    [InlineData("""{"token_endpoint_auth_method":"private_key_jwt"}""", "invalid_client_metadata")]
    [InlineData("""{"jwks":{"keys":[]},"jwks_uri":"https://app.test/jwks"}""", "invalid_client_metadata")]
    [InlineData("""{"token_endpoint_auth_method":"password"}""", "invalid_client_metadata")]
    [InlineData("""{"grant_types":["client_credentials"],"redirect_uris":[]}""", "invalid_client_metadata")]
    [InlineData("""{"grant_types":["password"]}""", "invalid_client_metadata")]
    [InlineData("""{"grant_types":["refresh_token"],"redirect_uris":[]}""", "invalid_client_metadata")]
    [InlineData("""{"grant_types":["urn:ietf:params:oauth:grant-type:device_code"],"response_types":["code"],"redirect_uris":[]}""", "invalid_client_metadata")] // §2.1
    [InlineData("""{"response_types":["token"]}""", "invalid_client_metadata")]
    [InlineData("""{"response_types":[]}""", "invalid_client_metadata")]
    [InlineData("""{"scope":"admin"}""", "invalid_client_metadata")]
    [InlineData("""{"scope":["openid"]}""", "invalid_client_metadata")]
    [InlineData("""{"client_name":7}""", "invalid_client_metadata")]
    [InlineData("""{"client_name":"\ud800"}""", "invalid_client_metadata")]
    [InlineData("""{"client_name":"a","client_name":"b"}""", "invalid_client_metadata")]
    [InlineData("""{"default_max_age":"soon"}""", "invalid_client_metadata")]
    [InlineData("""{"contacts":[1]}""", "invalid_client_metadata")]
    [InlineData("""{"application_type":"toaster"}""", "invalid_client_metadata")]
    [InlineData("""{"subject_type":"secret"}""", "invalid_client_metadata")]
    [InlineData("""{"id_token_signed_response_alg":"none"}""", "invalid_client_metadata")]
    [InlineData("""{"post_logout_redirect_uris":["https://app.test/bye#x"]}""", "invalid_client_metadata")]
    [InlineData("[]", "invalid_client_metadata")]
    [InlineData("{", "invalid_client_metadata")]
    [InlineData("", "invalid_client_metadata")]
    public async Task Refuses_what_cannot_be_registered_in_the_words_of_the_specification(string metadata, string error)
    {
        var response = await Register(With(metadata));

        await ShouldBeRefused(response, error);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/json"); // T117
        response.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        Text(await Json(response), "error_description").ShouldAllBe(character => character >= ' ' && character <= '~' && character != '"' && character != '\\');
        (await Site.InDatabase(db => db.Clients.CountAsync(Ct))).ShouldBe(0);
    }

    [Fact] // oidcc-registration-sector-uri, -sector-bad
    public async Task Asks_the_sector_whether_the_redirect_uris_are_its_own()
    {
        Open.Outside.AnswerJson("/sector", """["https://app.test/cb","https://other.test/cb"]""");
        var sector = Open.Outside.Url("/sector");

        var made = await Registered(new { redirect_uris = Callback, subject_type = "pairwise", sector_identifier_uri = sector });
        Text(made, "sector_identifier_uri").ShouldBe(sector);
        await ShouldBeRefused(await Register(new { redirect_uris = new[] { "https://app.test/cb", "https://evil.test/cb" }, subject_type = "pairwise", sector_identifier_uri = sector }), "invalid_client_metadata");
    }

    /// <summary>The metadata with a good redirect URI, where it names none.</summary>
    private static string With(string metadata) => metadata.StartsWith("{\"", StringComparison.Ordinal) && !metadata.Contains("redirect_uris\":", StringComparison.Ordinal)
        || metadata.Contains("post_logout_redirect_uris", StringComparison.Ordinal)
        ? "{\"redirect_uris\":[\"https://app.test/cb\"]," + metadata[1..] : metadata;
}
