using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Signet.Features;
using Signet.Infrastructure.Data;

namespace Signet.Tests.Features.RegisterApp;

/// <summary>The members of RFC 7591 and its successors that each belong to one feature, at <c>/api/v1/apps</c>.</summary>
public sealed class AppSettingsTests(PostgresSite site) : AppsTest(site)
{
    private const string Url = "/api/v1/apps";
    private static readonly string[] Callback = ["https://app.test/cb"];

    [Fact]
    public async Task Come_back_as_they_were_sent_and_change_one_by_one()
    {
        using var http = await Program(await AddUser(), "apps.write");

        var made = await Json(await PostJson(http, Url, new { client_name = "A", redirect_uris = Callback, contacts = new[] { "a@app.test" }, software_id = "x", default_max_age = 60, initiate_login_uri = "https://app.test/login" }));
        var url = $"{Url}/{made.GetProperty("client_id").GetString()}";
        made.GetProperty("contacts")[0].GetString().ShouldBe("a@app.test");
        made.GetProperty("default_max_age").GetInt64().ShouldBe(60);
        made.GetProperty("initiate_login_uri").GetString().ShouldBe("https://app.test/login");

        var changed = await Json(await http.PatchAsync(url, Body("""{"software_id":null,"software_version":"2"}"""), Ct));
        changed.TryGetProperty("software_id", out _).ShouldBeFalse();
        changed.GetProperty("software_version").GetString().ShouldBe("2");
        changed.GetProperty("default_max_age").GetInt64().ShouldBe(60);
        changed.GetProperty("response_types")[0].GetString().ShouldBe("code");

        // A change of something else leaves them alone.
        var renamed = await Json(await http.PatchAsync(url, Body("""{"client_name":"B"}"""), Ct));
        renamed.GetProperty("software_version").GetString().ShouldBe("2");
    }

    [Theory]
    [InlineData("""{"client_name":"A","redirect_uris":["https://app.test/cb"],"contact":["a@app.test"]}""", "contact")]
    [InlineData("""{"client_name":"A","redirect_uris":["https://app.test/cb"],"default_max_age":"soon"}""", "default_max_age")]
    [InlineData("""{"client_name":"A","redirect_uris":["https://app.test/cb"],"response_types":["token"]}""", "response_types")]
    [InlineData("""{"client_name":"A","redirect_uris":["https://app.test/cb"],"security_profile":"fapi_2_0_security","dpop_bound_access_tokens":true}""", "token_endpoint_auth_method")]
    [InlineData("""{"client_name":"A","redirect_uris":["https://app.test/cb"],"response_modes":["query","smoke"]}""", "response_modes")]
    [InlineData("""{"client_name":"A","redirect_uris":["https://app.test/cb"],"response_modes":[]}""", "response_modes")]
    [InlineData("""{"client_name":"A","redirect_uris":["https://app.test/cb"],"security_profile":"fapi_3"}""", "security_profile")]
    [InlineData("""{"client_name":"A","redirect_uris":["https://app.test/cb"],"dpop_bound_access_tokens":true,"tls_client_certificate_bound_access_tokens":true}""", "dpop_bound_access_tokens")]
    [InlineData("""{"client_name":"A","redirect_uris":["https://app.test/cb"],"dpop_bound_access_tokens":"yes"}""", "dpop_bound_access_tokens")]
    public async Task Name_the_member_that_is_wrong(string body, string member)
    {
        using var http = await Program(await AddUser(), "apps.write");

        var response = await http.PostAsync(Url, Body(body), Ct);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await Json(response)).GetProperty("errors").TryGetProperty(member, out _).ShouldBeTrue(await response.Content.ReadAsStringAsync(Ct));
        (await Site.InDatabase(db => db.Clients.CountAsync(Ct))).ShouldBe(0);
    }

    [Fact]
    public async Task Let_an_app_change_its_grants_and_its_way_of_authentication()
    {
        using var http = await Program(await AddUser(), "apps.write");
        var made = await Json(await PostJson(http, Url, Web()));
        var url = $"{Url}/{made.GetProperty("client_id").GetString()}";

        var changed = await Json(await http.PatchAsync(url, Body("""{"grant_types":["authorization_code"],"token_endpoint_auth_method":"client_secret_post"}"""), Ct));
        changed.GetProperty("grant_types").EnumerateArray().Select(grant => grant.GetString()).ShouldBe(["authorization_code"]);
        changed.GetProperty("token_endpoint_auth_method").GetString().ShouldBe("client_secret_post");

        var refused = await http.PatchAsync(url, Body("""{"grant_types":["refresh_token"]}"""), Ct);
        (await Json(refused)).GetProperty("errors").TryGetProperty("grant_types", out _).ShouldBeTrue();
    }

    [Fact]
    public async Task Are_shown_to_people_where_they_decide()
    {
        var (client, _) = await AddClient(change: client => client.Settings = new() { PolicyUri = "https://app.test/privacy", TosUri = "https://app.test/terms" });

        var browser = await SignedIn(await AddUser());
        var consent = (await browser.GetAsync(FlowTest.AuthorizeUrl(client), Ct)).Headers.Location;
        var page = await (await browser.GetAsync(consent, Ct)).Content.ReadAsStringAsync(Ct);

        page.ShouldContain("href=\"https://app.test/privacy\"");
        page.ShouldContain("href=\"https://app.test/terms\"");
    }

    [Fact]
    public async Task Have_a_page_that_changes_what_was_typed_and_keeps_the_rest()
    {
        var user = await AddUser();
        var (client, _) = await AddClient(ownerId: user.Id, change: client => client.Settings = new() { SoftwareId = "x", Contacts = ["a@app.test"] });
        var browser = await SignedIn(user);
        var url = $"/apps/{client.Id}/protocol";
        var page = await (await browser.GetAsync(url, Ct)).Content.ReadAsStringAsync(Ct);
        page.ShouldContain("a@app.test");
        page.ShouldContain("""name="GrantTypes" value="refresh_token" checked="checked" """.Trim());

        (string, string)[] typed = [("GrantTypes", "authorization_code"), ("software_id", ""), ("software_version", "2"), ("contacts", "a@app.test\nb@app.test"), ("default_max_age", "60")];
        (await Submit(browser, url, typed)).StatusCode.ShouldBe(HttpStatusCode.Redirect);

        var changed = await Site.InDatabase(db => db.Clients.SingleAsync(row => row.Id == client.Id, Ct));
        changed.GrantTypes.ShouldBe(["authorization_code"]);
        changed.AuthenticationMethods.ShouldBe(["client_secret_basic", "client_secret_post"]);
        changed.Settings.ShouldBe(new ClientSettings { SoftwareVersion = "2", Contacts = ["a@app.test", "b@app.test"], DefaultMaxAge = 60 });

        var wrong = await Submit(browser, url, ("GrantTypes", "authorization_code"), ("jwks", "{"), ("default_max_age", "soon"));
        wrong.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        var again = await wrong.Content.ReadAsStringAsync(Ct);
        again.ShouldContain("This is not JSON.");
        again.ShouldContain("This is not a whole number.");
    }

    [Fact]
    public async Task Name_every_kind_of_picture_that_a_logo_may_be()
    {
        using var http = await Program(await AddUser(), "apps.write");

        var refused = await PostJson(http, Url, new { client_name = "A", redirect_uris = Callback, logo_uri = "https://app.test/logo.svg" });

        (await Json(refused)).GetProperty("errors").GetProperty("logo_uri")[0].GetString()!.ShouldContain("PNG, JPEG, WebP or GIF");
    }

    [Fact]
    public void Have_each_its_own_field_on_the_page() =>
        EditAppProtocol.Sections.SelectMany(section => section.Fields).Append(EditAppProtocol.Profile).Select(field => field.Member)
            .ShouldBe(ClientSettings.Members, ignoreOrder: true);

    [Fact]
    public void Are_kept_as_a_document_of_what_is_set()
    {
        new ClientSettings().ToString().ShouldBe("{}");
        var settings = new ClientSettings { Profile = SecurityProfile.Fapi2Security, SubjectType = "pairwise" };
        ClientSettings.Parse(settings.ToString()).ShouldBe(settings);
        settings.With([new("subject_type", JsonDocument.Parse("null").RootElement)]).IsPairwise.ShouldBeFalse();
        ClientSettings.Members.ShouldContain("jwks_uri");
    }
}
