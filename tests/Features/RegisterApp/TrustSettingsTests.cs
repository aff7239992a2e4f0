using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Signet.Infrastructure.Data;

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

    [Theory]
    [InlineData("token_exchange", Rules)]
    [InlineData("token_exchange", """[{"subject_client":"web","audiences":["https://api.test/mail"]},{"subject_client":"*","audiences":["https://api.test/notes"],"allows_impersonation":true}]""")]
    [InlineData("trusted_issuers", Issuers)]
    public async Task Stand_in_the_form_as_it_takes_them_back(string member, string value)
    {
        var (browser, url, client) = await ProtocolPage(member, value);

        var saved = await Submit(browser, url, ("GrantTypes", "authorization_code"), (member, await Shown(browser, url, member)), ("software_version", "2"));

        saved.StatusCode.ShouldBe(HttpStatusCode.Redirect, await saved.Content.ReadAsStringAsync(Ct));
        var settings = (await Site.InDatabase(db => db.Clients.AsNoTracking().SingleAsync(row => row.Id == client.Id, Ct))).Settings;
        settings.SoftwareVersion.ShouldBe("2");
        JsonElement.DeepEquals(settings.ToMembers()[member], JsonElement.Parse(value)).ShouldBeTrue(settings.ToString());
    }

    [Theory]
    [InlineData("token_exchange", "{}", "token_exchange is of the wrong type.")]
    [InlineData("token_exchange", """[{"subject_client":"web"}]""", "token_exchange has something missing, unknown or of the wrong type in token_exchange[0].")]
    [InlineData("token_exchange", """[{"subject_client":"web","audiences":["https://api.test"],"audience":1}]""", "in token_exchange[0].audience.")]
    [InlineData("trusted_issuers", "7", "trusted_issuers is of the wrong type.")]
    [InlineData("security_profile", "fapi_3", "security_profile is of the wrong type.")]
    public async Task Are_told_beside_the_field_when_they_are_of_another_form(string member, string typed, string sentence)
    {
        var (browser, url, _) = await ProtocolPage("token_exchange", Rules);

        var refused = await Submit(browser, url, ("GrantTypes", "authorization_code"), (member, typed));

        refused.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        var page = WebUtility.HtmlDecode(await refused.Content.ReadAsStringAsync(Ct));
        page.ShouldContain(sentence);
        page.ShouldContain($"data-valmsg-for=\"{member}\"");
        page.ShouldNotContain($"<li>{member}"); // on top is what has no field here
    }

    [Fact]
    public async Task Are_named_whole_when_something_within_is_wrong()
    {
        using var admin = await Program(await AddUser(isAdmin: true), "apps.write admin");

        var refused = await PostJson(admin, Url, new { client_name = "A", redirect_uris = new[] { "https://app.test/cb" }, token_exchange = new[] { new { subject_client = "*" } } });

        (await Json(refused)).GetProperty("errors").EnumerateObject().Single().Name.ShouldBe("token_exchange");
    }

    private async Task<(HttpClient Browser, string Url, Client Client)> ProtocolPage(string member, string value)
    {
        var admin = await AddUser(isAdmin: true);
        var (client, _) = await AddClient(ownerId: admin.Id, change: client => client.Settings = new ClientSettings().With([new(member, JsonElement.Parse(value))]));
        return (await SignedIn(admin), $"/apps/{client.Id}/protocol", client);
    }

    private static async Task<string> Shown(HttpClient browser, string url, string member)
    {
        var page = await browser.GetStringAsync(url, Ct);
        var start = page.IndexOf('>', page.IndexOf($"<textarea class=\"form-control\" id=\"{member}\"", StringComparison.Ordinal)) + 1;
        return WebUtility.HtmlDecode(page[start..page.IndexOf("</textarea>", start, StringComparison.Ordinal)]);
    }
}
