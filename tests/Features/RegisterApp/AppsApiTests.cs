using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;

namespace Signet.Tests.Features.RegisterApp;

/// <summary>Apps for programs, at <c>/api/v1/apps</c> (RFC 7591 §2, RFC 9457).</summary>
public abstract class AppsApiTests(Site site) : AppsTest(site)
{
    private const string Url = "/api/v1/apps";
    private static readonly string[] Callback = ["https://app.test/cb"];

    [Fact]
    public async Task Registers_a_web_app_and_shows_its_secret_once()
    {
        using var http = await Program(await AddUser(), "apps.write");

        var response = await PostJson(http, Url, Web());
        var text = await response.Content.ReadAsStringAsync(Ct);
        var made = JsonDocument.Parse(text).RootElement;
        var secret = made.GetProperty("client_secret").GetString()!;
        var again = await http.GetStringAsync(response.Headers.Location, Ct);

        response.StatusCode.ShouldBe(HttpStatusCode.Created, text);
        secret.ShouldStartWith("sgs_");
        made.GetProperty("grant_types").EnumerateArray().Select(grant => grant.GetString()).ShouldBe(["authorization_code", "refresh_token"]);
        made.GetProperty("scope").GetString().ShouldBe("openid profile email offline_access");
        again.ShouldNotContain(secret);
        JsonDocument.Parse(again).RootElement.TryGetProperty("client_secret", out _).ShouldBeFalse();
        (await Site.InDatabase(db => db.ClientSecrets.SingleAsync(Ct))).Hint.ShouldBe(secret[^4..]);
        (await Site.InDatabase(db => db.AuditEvents.SingleAsync(Ct))).Action.ShouldBe("app registered");
    }

    [Fact]
    public async Task Keeps_the_one_authentication_method_that_was_chosen()
    {
        using var http = await Program(await AddUser(), "apps.write");

        await PostJson(http, Url, new { client_name = "A", redirect_uris = Callback, token_endpoint_auth_method = "client_secret_post" });

        (await Site.InDatabase(db => db.Clients.SingleAsync(Ct))).AuthenticationMethods.ShouldBe(["client_secret_post"]);
    }

    [Theory]
    [InlineData("spa", "none", false)]
    [InlineData("native", "none", false)]
    [InlineData("web", "client_secret_basic", true)]
    public async Task Knows_what_follows_from_the_kind(string kind, string method, bool hasSecret)
    {
        using var http = await Program(await AddUser(), "apps.write");

        var made = await Json(await PostJson(http, Url, new { client_name = "A", kind, redirect_uris = Callback }));

        made.GetProperty("token_endpoint_auth_method").GetString().ShouldBe(method);
        made.TryGetProperty("client_secret", out _).ShouldBe(hasSecret);
    }

    [Theory]
    [InlineData("javascript:alert(1)")]
    [InlineData("data:text/html,x")]
    [InlineData("vbscript:x")]
    [InlineData("file:///etc/passwd")]
    [InlineData("https://app.test/*")]
    [InlineData("https://app.test/cb#x")]
    [InlineData("https://аpp.test/cb")]
    [InlineData("http://app.test/cb")]
    public async Task Refuses_a_dangerous_redirect_uri_by_its_name(string uri)
    {
        using var http = await Program(await AddUser(), "apps.write");

        var response = await PostJson(http, Url, Web(redirectUri: uri));
        var problem = await Json(response);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        problem.GetProperty("error").GetString().ShouldBe("invalid_redirect_uri");
        problem.GetProperty("errors").GetProperty("redirect_uris")[0].GetString()!.ShouldContain(uri);
        (await Site.InDatabase(db => db.Clients.CountAsync(Ct))).ShouldBe(0);
    }

    [Theory]
    [InlineData("""{"client_name":"A","<script>":1}""", "application/json", 400)]
    [InlineData("""{"client_name":"A","client_name":"B"}""", "application/json", 400)]
    [InlineData("""{"client_name":7}""", "application/json", 400)]
    [InlineData("<script>", "application/json", 400)]
    [InlineData("null", "application/json", 400)]
    [InlineData("", "application/json", 400)]
    [InlineData("""{"client_name":"A"}""", "text/plain", 415)]
    [InlineData("client_name=A", "application/x-www-form-urlencoded", 415)]
    public async Task Takes_documented_json_alone_and_echoes_nothing(string body, string type, int status)
    {
        using var http = await Program(await AddUser(), "apps.write");

        var response = await http.PostAsync(Url, Body(body, type), Ct);

        ((int)response.StatusCode).ShouldBe(status);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        response.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        (await response.Content.ReadAsStringAsync(Ct)).ShouldNotContain("<script>");
    }

    [Fact]
    public async Task Refuses_huge_names_lists_and_lifetimes()
    {
        using var http = await Program(await AddUser(), "apps.write");
        object[] huge =
        [
            Web(new string('a', 10_000)),
            Web(redirectUri: "https://app.test/" + new string('a', 100_000)),
            new { client_name = "A", redirect_uris = Enumerable.Range(0, 10_000).Select(i => $"https://app.test/{i}") },
            new { client_name = "A", redirect_uris = Callback, scope = string.Join(' ', Enumerable.Range(0, 10_000).Select(i => $"s{i}")) },
            new { client_name = "A", redirect_uris = Callback, access_token_lifetime = long.MaxValue },
            new { client_name = "A", redirect_uris = Callback, access_token_lifetime = -1 },
        ];

        foreach (var body in huge)
            (await PostJson(http, Url, body)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await Site.InDatabase(db => db.Clients.CountAsync(Ct))).ShouldBe(0);
    }

    [Fact]
    public async Task Asks_for_the_scope_and_for_its_own_audience()
    {
        var user = await AddUser();
        using var anonymous = Site.Browser();
        using var openid = await Program(user, "openid");
        using var reader = await Program(user, "apps.read");
        using var elsewhere = await Program(user, "apps.read apps.write", "https://api.test/notes");
        using var browser = await SignedIn(user);

        (await anonymous.GetAsync(Url, Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await browser.GetAsync(Url, Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await elsewhere.GetAsync(Url, Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await reader.GetAsync(Url, Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await PostJson(reader, Url, Web())).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        var refusal = await openid.GetAsync(Url, Ct);
        refusal.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        refusal.Headers.WwwAuthenticate.ToString().ShouldContain("insufficient_scope");
    }

    [Theory]
    [InlineData("client_id", "\"mine\"")]
    [InlineData("client_secret", "\"correct horse\"")]
    [InlineData("owner", "\"ada@example.test\"")]
    [InlineData("skip_consent", "true")]
    public async Task Leaves_to_administrators_what_is_theirs(string member, string value)
    {
        var user = await AddUser("ada@example.test", isAdmin: true);
        using var http = await Program(user, "apps.write");
        using var admin = await Program(user, "apps.write admin");
        var body = $$"""{"client_name":"A","redirect_uris":["https://app.test/cb"],"{{member}}":{{value}}}""";

        var refused = await http.PostAsync(Url, Body(body), Ct);
        var made = await admin.PostAsync(Url, Body(body), Ct);

        refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await Json(refused)).GetProperty("errors").TryGetProperty(member, out _).ShouldBeTrue();
        made.StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Gives_an_app_of_its_own_no_power_over_apps()
    {
        using var http = await Program(await AddUser(), "apps.write");

        var response = await PostJson(http, Url, new { client_name = "A", kind = "machine", scope = "apps.write" });

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await Json(response)).GetProperty("errors").GetProperty("scope")[0].GetString()!.ShouldContain("Only an administrator");
    }

    [Fact] // RFC 9700 §4.15
    public async Task Takes_no_id_that_could_be_a_persons_or_is_taken()
    {
        using var admin = await Program(await AddUser(isAdmin: true), "apps.write admin");

        (await PostJson(admin, Url, new { client_id = $"{Guid.NewGuid()}", client_name = "A", kind = "machine" })).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await PostJson(admin, Url, new { client_id = "a b\nADMIN LOGIN OK", client_name = "A", kind = "machine" })).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await PostJson(admin, Url, new { client_id = "shop", client_name = "A", kind = "machine" })).StatusCode.ShouldBe(HttpStatusCode.Created);
        (await PostJson(admin, Url, new { client_id = "shop", client_name = "B", kind = "machine" })).StatusCode.ShouldBe(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task Changes_what_is_sent_and_keeps_the_rest()
    {
        using var http = await Program(await AddUser(), "apps.write");
        var url = (await PostJson(http, Url, Web())).Headers.Location;

        var changed = await http.PatchAsync(url, Body("""{"client_name":"New","access_token_lifetime":60}"""), Ct);
        var unknown = await http.PatchAsync(url, Body("""{"skip_consent":true}"""), Ct);
        var bad = await http.PatchAsync(url, Body("""{"redirect_uris":["javascript:x"]}"""), Ct);
        var now = await Json(await http.GetAsync(url, Ct));

        changed.StatusCode.ShouldBe(HttpStatusCode.OK, await changed.Content.ReadAsStringAsync(Ct));
        unknown.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        bad.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        now.GetProperty("client_name").GetString().ShouldBe("New");
        now.GetProperty("access_token_lifetime").GetInt64().ShouldBe(60);
        now.GetProperty("redirect_uris")[0].GetString().ShouldBe("https://app.test/cb");
    }

    [Fact] // no write is lost
    public async Task Keeps_every_one_of_parallel_changes()
    {
        using var http = await Program(await AddUser(), "apps.write");
        var url = (await PostJson(http, Url, Web())).Headers.Location;

        var answers = await Task.WhenAll(
            http.PatchAsync(url, Body("""{"client_name":"New"}"""), Ct),
            http.PatchAsync(url, Body("""{"client_uri":"https://app.test"}"""), Ct));
        var now = await Json(await http.GetAsync(url, Ct));

        answers.ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.OK);
        now.GetProperty("client_name").GetString().ShouldBe("New");
        now.GetProperty("client_uri").GetString().ShouldBe("https://app.test");
    }

    [Fact]
    public async Task Says_of_anothers_app_that_it_is_not_there()
    {
        var (app, _) = await AddClient(ownerId: (await AddUser()).Id);
        var secretId = app.Secrets[0].Id;
        using var http = await Program(await AddUser(), "apps.read apps.write");
        (HttpMethod, string)[] doors =
        [
            (HttpMethod.Get, $"{Url}/{app.Id}"), (HttpMethod.Patch, $"{Url}/{app.Id}"), (HttpMethod.Delete, $"{Url}/{app.Id}"),
            (HttpMethod.Post, $"{Url}/{app.Id}/secrets"), (HttpMethod.Delete, $"{Url}/{app.Id}/secrets/{secretId}"),
            (HttpMethod.Post, $"{Url}/{app.Id}/disable"), (HttpMethod.Post, $"{Url}/{app.Id}/enable"),
        ];

        foreach (var (method, url) in doors)
        {
            using var request = new HttpRequestMessage(method, url) { Content = method == HttpMethod.Get || method == HttpMethod.Delete ? null : Body("{}") };
            (await http.SendAsync(request, Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound, $"{method} {url}");
        }

        (await Json(await http.GetAsync(Url, Ct))).GetProperty("total").GetInt32().ShouldBe(0);
        (await Site.InDatabase(db => db.ClientSecrets.CountAsync(Ct))).ShouldBe(1);
    }

    [Fact]
    public async Task Never_has_three_live_secrets_however_many_are_asked_for_at_once()
    {
        using var http = await Program(await AddUser(), "apps.write");
        var url = (await PostJson(http, Url, Web())).Headers.Location;

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => PostJson(http, $"{url}/secrets", new { })));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.Created).ShouldBe(1);
        answers.Count(answer => answer.StatusCode == HttpStatusCode.Conflict).ShouldBe(11);
        (await Site.InDatabase(db => db.ClientSecrets.CountAsync(Ct))).ShouldBe(2);
    }

    [Fact]
    public async Task Rotates_a_secret_without_an_outage()
    {
        using var http = await Program(await AddUser(), "apps.write");
        var url = (await PostJson(http, Url, Web())).Headers.Location;
        var first = (await Json(await http.GetAsync(url, Ct))).GetProperty("secrets")[0].GetProperty("id").GetString();

        var added = await PostJson(http, $"{url}/secrets", new { expires_at = Site.Clock.GetUtcNow().AddDays(30) });
        var revoked = await http.DeleteAsync($"{url}/secrets/{first}", Ct);
        var left = (await Json(await http.GetAsync(url, Ct))).GetProperty("secrets").EnumerateArray().ToArray();

        added.StatusCode.ShouldBe(HttpStatusCode.Created);
        revoked.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        left.Select(secret => secret.GetProperty("id").GetString()).ShouldBe([(await Json(added)).GetProperty("id").GetString()]);
    }

    [Fact]
    public async Task Ends_what_was_issued_when_the_app_is_disabled_or_removed()
    {
        var user = await AddUser();
        using var owner = await Program(user, "apps.write");
        var (app, _) = await AddClient(ownerId: user.Id);
        using var machine = await MachineOf(app);
        (await machine.GetAsync(Url, Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);

        await owner.PostAsync($"{Url}/{app.Id}/disable", null, Ct);
        (await machine.GetAsync(Url, Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        await owner.PostAsync($"{Url}/{app.Id}/enable", null, Ct);
        (await machine.GetAsync(Url, Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);

        (await owner.DeleteAsync($"{Url}/{app.Id}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await Site.InDatabase(db => db.Clients.CountAsync(Ct))).ShouldBe(0);
        (await Site.InDatabase(db => db.Tokens.CountAsync(token => token.ClientId != null, Ct))).ShouldBe(0);
    }

    public sealed class OnPostgres(PostgresSite site) : AppsApiTests(site);

    public sealed class OnSqlite(SqliteSite site) : AppsApiTests(site);
}
