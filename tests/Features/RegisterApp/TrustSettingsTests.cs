using System.Net;
using System.Text.Json;

namespace Signet.Tests.Features.RegisterApp;

/// <summary><c>token_exchange</c> and <c>trusted_issuers</c> at <c>/api/v1/apps</c>: whom the installation trusts, an administrator says.</summary>
public sealed class TrustSettingsTests(PostgresSite site) : AppsTest(site)
{
    private const string Url = "/api/v1/apps";
    private const string Rules = """[{"subject_client":"web","audiences":["https://api.test/mail"]}]""";
    private const string Issuers = """[{"issuer":"https://idp.test","jwks_uri":"https://idp.test/jwks"}]""";

    [Theory]
    [InlineData("token_exchange", Rules)]
    [InlineData("trusted_issuers", Issuers)]
    public async Task Are_for_an_administrator_to_choose_and_stay_when_the_owner_changes_something_else(string member, string value)
    {
        var owner = await AddUser();
        using var program = await Program(owner, "apps.write");
        using var admin = await Program(await AddUser(isAdmin: true), "apps.write admin");
        var (client, _) = await AddClient(ownerId: owner.Id);
        var url = $"{Url}/{client.Id}";
        var change = $$"""{"{{member}}":{{value}}}""";

        (await Json(await program.PatchAsync(url, Body(change), Ct))).GetProperty("errors").TryGetProperty(member, out _).ShouldBeTrue();
        (await admin.PatchAsync(url, Body(change), Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        var shown = (await Json(await program.GetAsync(url, Ct))).GetProperty(member);
        JsonElement.DeepEquals(shown, JsonElement.Parse(value)).ShouldBeTrue();

        (await program.PatchAsync(url, Body($$"""{"client_name":"B","{{member}}":{{shown.GetRawText()}}}"""), Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Json(await program.PatchAsync(url, Body($$"""{"{{member}}":null}"""), Ct))).GetProperty("errors").TryGetProperty(member, out _).ShouldBeTrue();
        (await Json(await program.GetAsync(url, Ct))).TryGetProperty(member, out _).ShouldBeTrue();
    }

    [Theory]
    [InlineData("token_exchange", """[{"subject_client":"a b","audiences":["https://api.test"]}]""")]
    [InlineData("token_exchange", """[{"subject_client":"*","audiences":[]}]""")]
    [InlineData("token_exchange", """[{"subject_client":"*","audiences":["mail"]}]""")]
    [InlineData("token_exchange", """[{"subject_client":"*","audiences":null}]""")]
    [InlineData("token_exchange", "[null]")]
    [InlineData("trusted_issuers", """[{"issuer":"https://idp.test"}]""")]
    [InlineData("trusted_issuers", """[{"issuer":"https://idp.test","jwks_uri":"http://idp.test/jwks"}]""")]
    [InlineData("trusted_issuers", """[{"issuer":"https://idp.test","jwks_uri":"https://idp.test/jwks","jwks":{"keys":[]}}]""")]
    [InlineData("trusted_issuers", """[{"issuer":"https://idp.test","jwks":{"keys":[]}}]""")]
    [InlineData("trusted_issuers", """[{"issuer":"","jwks_uri":"https://idp.test/jwks"}]""")]
    public async Task Name_what_is_wrong(string member, string value)
    {
        using var admin = await Program(await AddUser(isAdmin: true), "apps.write admin");
        var (client, _) = await AddClient();

        var response = await admin.PatchAsync($"{Url}/{client.Id}", Body($$"""{"{{member}}":{{value}}}"""), Ct);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Content.ReadAsStringAsync(Ct)).ShouldContain(member);
    }

    [Theory]
    [InlineData("urn:ietf:params:oauth:grant-type:token-exchange")]
    [InlineData("urn:ietf:params:oauth:grant-type:jwt-bearer")]
    public async Task Go_with_grants_of_confidential_apps(string grant)
    {
        using var program = await Program(await AddUser(), "apps.write");

        (await PostJson(program, Url, new { client_name = "A", grant_types = new[] { grant } })).StatusCode.ShouldBe(HttpStatusCode.Created);
        var open = await PostJson(program, Url, new { client_name = "A", grant_types = new[] { grant }, token_endpoint_auth_method = "none" });
        (await Json(open)).GetProperty("errors").TryGetProperty("grant_types", out _).ShouldBeTrue();
    }
}
