using System.Net;
using System.Text;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Signet.Tests.Features.RegisterApp;

namespace Signet.Tests.Attacks;

/// <summary>Ids, names and members that belong to somebody else, or to nobody who may send them.</summary>
public sealed class OthersThingsTests(PostgresSite site) : AppsTest(site)
{
    [Fact] // T105, T126
    public async Task Nobody_reads_or_changes_what_is_anothers_on_any_page()
    {
        var (owner, eve) = (await AddUser("owner@example.test"), await AddUser("eve@example.test"));
        var (app, _) = await AddClient(ownerId: owner.Id, change: client => client.Name = "Secret plans");
        var (grant, _) = await AddGrant(owner, app, isOffline: true);
        var (personal, _) = await AddPersonalToken(owner, name: "Backup of plans");
        var theirs = await SignedIn(owner);
        var browser = await SignedIn(eve);
        var urls = Site.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(route => route.Metadata.GetMetadata<PageActionDescriptor>() is not null)
            .Select(route => "/" + route.RoutePattern.RawText!.TrimStart('/')).Where(url => url.StartsWith("/apps/{id:app}", StringComparison.Ordinal)).Distinct()
            .Select(url => url.Replace("{id:app}", app.Id, StringComparison.Ordinal).Replace("{secretId:guid}", $"{app.Secrets[0].Id}", StringComparison.Ordinal)).ToArray();
        urls.Length.ShouldBeGreaterThanOrEqualTo(6);
        var token = AntiforgeryToken(await browser.GetStringAsync("/account/profile", Ct));
        var before = await State();

        foreach (var url in urls)
        {
            var read = await browser.GetAsync(url, Ct);
            (url, read.StatusCode).ShouldBe((url, HttpStatusCode.NotFound));
            (await read.Content.ReadAsStringAsync(Ct)).ShouldNotContain("Secret plans");
            var changed = await Post(browser, url, ("__RequestVerificationToken", token), ("Input.Name", "Mine"), ("Name", "Secret plans"), ("Input.RedirectUris", "https://evil.test/cb"));
            (url, changed.StatusCode).ShouldBe((url, url == $"/apps/{app.Id}" ? HttpStatusCode.MethodNotAllowed : HttpStatusCode.NotFound)); // the first has no form
        }

        var session = await Site.InDatabase(db => db.Sessions.Where(known => known.UserId == owner.Id).Select(known => known.Id).FirstAsync(Ct));
        foreach (var (url, field, value) in new[]
        {
            ("/account/sessions/end", "Input.Id", $"{session}"), ("/account/tokens?handler=Revoke", "id", $"{personal.Id}"), ("/account/apps", "clientId", app.Id),
            ("/account/logins?handler=Unlink", "provider", "google"),
        })
            ((int)(await Post(browser, url, ("__RequestVerificationToken", token), (field, value), ("userId", $"{owner.Id}"))).StatusCode).ShouldBeOneOf(302, 404);
        await Post(browser, "/account/profile", ("__RequestVerificationToken", token), ("Input.Name", "Eve"), ("Input.Id", $"{owner.Id}"), ("Input.UserId", $"{owner.Id}"), ("Id", $"{owner.Id}"), ("sub", $"{owner.Id}"));

        (await State()).ShouldBe(before);
        (await theirs.GetAsync("/account", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        foreach (var url in new[] { "/account/tokens", "/account/apps", "/account/sessions", "/apps" })
        {
            var page = await browser.GetStringAsync(url, Ct);
            page.ShouldNotContain(personal.Name!);
            page.ShouldNotContain("Secret plans");
            page.ShouldNotContain($"{session}");
        }

        async Task<string> State() => await Site.InDatabase(async db =>
        {
            var client = await db.Clients.AsNoTracking().Include(known => known.Secrets).SingleAsync(known => known.Id == app.Id, Ct);
            var person = await db.Users.AsNoTracking().SingleAsync(known => known.Id == owner.Id, Ct);
            return $"{client.Name} {string.Join(' ', client.RedirectUris)} {client.Secrets.Count} {client.DisabledAt} {client.TokenEpoch} {person.Name} {person.SecurityStamp} {person.TokenEpoch} "
                + $"{(await db.Grants.SingleAsync(known => known.Id == grant.Id, Ct)).RevokedAt} {(await db.Tokens.SingleAsync(known => known.Id == personal.Id, Ct)).RevokedAt} "
                + await db.Sessions.CountAsync(known => known.UserId == owner.Id && known.EndedAt == null, Ct);
        });
    }

    [Fact] // T126
    public async Task The_api_knows_nothing_of_anothers_app_by_any_method()
    {
        var (app, _) = await AddClient(ownerId: (await AddUser()).Id);
        using var eve = await Program(await AddUser(), "apps.read apps.write admin");
        (string Method, string Path)[] calls =
        [
            ("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/secrets"), ("DELETE", $"/secrets/{app.Secrets[0].Id}"), ("POST", "/disable"), ("POST", "/enable"),
        ];

        foreach (var id in new[] { app.Id, "nobodys" })
        {
            foreach (var (method, path) in calls)
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), $"/api/v1/apps/{id}{path}") { Content = method is "PATCH" ? Body("""{"client_name":"Mine"}""") : null };
                var answer = await eve.SendAsync(request, Ct);
                (method, path, answer.StatusCode).ShouldBe((method, path, HttpStatusCode.NotFound)); // the same for one that exists and one that does not
                (await answer.Content.ReadAsStringAsync(Ct)).ShouldNotContain(id);
            }
        }

        var now = await Site.InDatabase(db => db.Clients.Include(known => known.Secrets).SingleAsync(Ct));
        (now.Name, now.Secrets.Count, now.DisabledAt).ShouldBe(("Notes", 1, null));
    }

    [Theory] // T126: the scope admin makes nobody an administrator, and an administrator's token without it is nobody's
    [InlineData(false, "apps.read admin", false)]
    [InlineData(true, "apps.read", false)]
    [InlineData(true, "apps.read admin", true)]
    public async Task Sees_all_apps_only_as_an_administrator_with_the_scope(bool isAdmin, string scopes, bool sees)
    {
        var (app, _) = await AddClient(ownerId: (await AddUser()).Id);
        using var program = await Program(await AddUser(isAdmin: isAdmin), scopes);

        (await program.GetAsync($"/api/v1/apps/{app.Id}", Ct)).StatusCode.ShouldBe(sees ? HttpStatusCode.OK : HttpStatusCode.NotFound);
    }

    [Theory] // T116, T117
    [InlineData("logo_uri", "javascript:alert(1)")]
    [InlineData("logo_uri", "http://169.254.169.254/latest/meta-data")]
    [InlineData("logo_uri", "https://app.test/logo.svg")]
    [InlineData("policy_uri", "javascript:alert(1)")]
    [InlineData("tos_uri", "javascript:alert(1)")]
    [InlineData("jwks_uri", "http://169.254.169.254/")]
    [InlineData("sector_identifier_uri", "http://169.254.169.254/")]
    [InlineData("backchannel_logout_uri", "http://169.254.169.254/")]
    [InlineData("<script>", "x")]
    [InlineData("client_uri", "javascript:alert(1)")]
    [InlineData("client_uri", "data:text/html,<script>alert(1)</script>")]
    [InlineData("client_uri", "https://app.test\\@evil.test")]
    [InlineData("client_uri", "https://user:pass@evil.test/")]
    [InlineData("client_uri", "//evil.test")]
    [InlineData("client_uri", "https://аpp.test/")]
    [InlineData("client_uri", "https://app.test/\u202Etxt.exe")]
    public async Task Takes_no_address_that_it_would_have_to_fetch_or_that_runs(string member, string value)
    {
        using var http = await Program(await AddUser(), "apps.write");
        var body = new Dictionary<string, object> { ["client_name"] = "A", ["redirect_uris"] = new[] { "https://app.test/cb" }, [member] = value };

        var answer = await PostJson(http, "/api/v1/apps", body);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        answer.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        (await answer.Content.ReadAsStringAsync(Ct)).ShouldNotContain("<script>");
        (await Site.InDatabase(db => db.Clients.CountAsync(Ct))).ShouldBe(0);
    }

    [Theory] // T118
    [InlineData("Google<br><script>alert(1)</script>", "Google&lt;br&gt;&lt;script&gt;alert(1)&lt;/script&gt;")]
    [InlineData("Bank\u202Ediap\u2066", "Bankdiap")]
    [InlineData("Good\u200Bgle\u0000", "Goodgle")]
    public async Task A_name_on_the_consent_page_is_text_and_the_place_it_leads_to_is_said(string name, string shown)
    {
        using var http = await Program(await AddUser(), "apps.write");
        var made = await PostJson(http, "/api/v1/apps", Web(name));
        made.StatusCode.ShouldBe(HttpStatusCode.Created);
        var client = await Site.InDatabase(db => db.Clients.AsNoTracking().SingleAsync(Ct));
        var browser = await SignedIn(await AddUser());

        var consent = await browser.GetStringAsync((await browser.GetAsync(FlowTest.AuthorizeUrl(client), Ct)).Headers.Location, Ct);

        consent.ShouldContain(shown);
        consent.ShouldContain("app.test");
        consent.ShouldNotContain("<script>alert");
    }

    [Fact] // T123
    public async Task What_a_request_says_of_its_subject_is_not_believed()
    {
        await AddApi();
        var victim = await AddUser(isAdmin: true);
        var (client, secret) = await AddClient(scopes: ["openid", "notes.read"]);
        (string, string)[] lies = [("sub", $"{victim.Id}"), ("subject", $"{victim.Id}"), ("username", victim.Email!), ("user_id", $"{victim.Id}"), ("role", "admin"), ("claims", """{"id_token":{"sub":{"value":"ID"}}}""".Replace("ID", $"{victim.Id}", StringComparison.Ordinal)), ("epoch", "9999999999"), ("aud", Site.Issuer)];

        var answer = await PostAs(Site.Browser(), client.Id, secret, "/oauth/token", [("grant_type", "client_credentials"), ("scope", "notes.read"), .. lies]);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        var token = new Microsoft.IdentityModel.JsonWebTokens.JsonWebToken((await Json(answer)).GetProperty("access_token").GetString());
        (token.Subject, token.Audiences.Single()).ShouldBe((client.Id, "https://api.test/notes"));
        Encoding.UTF8.GetString(Microsoft.IdentityModel.Tokens.Base64UrlEncoder.DecodeBytes(token.EncodedPayload)).ShouldNotContain($"{victim.Id}");

        foreach (var repeated in new[] { "client_id", "client_secret", "grant_type", "scope" })
        {
            var twice = await Post(Site.Browser(), "/oauth/token", ("grant_type", "client_credentials"), ("client_id", client.Id), ("client_secret", secret), ("scope", "notes.read"), (repeated, "other"));
            (repeated, (int)twice.StatusCode).ShouldBe((repeated, 400));
        }
    }

    [Fact] // T127
    public async Task A_stale_session_changes_nothing_of_what_an_account_is_protected_by()
    {
        var (admin, target) = (await AddUser(isAdmin: true), await AddUser());
        await Site.InDatabase(db => db.Users.ExecuteUpdateAsync(set => set.SetProperty(known => known.TwoFactorEnabled, true), Ct));
        var browser = await SignedIn(admin, "pwd", "otp", "mfa");
        var token = AntiforgeryToken(await browser.GetStringAsync("/account/profile", Ct));
        Site.Clock.Advance(TimeSpan.FromMinutes(31));

        foreach (var url in new[] { "/account/two-factor/disable", "/account/two-factor", "/account/two-factor/recovery-codes", "/account/logins?handler=Unlink", $"/admin/users/{target.Id}/ResetTwoStep", $"/admin/users/{target.Id}/MakeAdmin", "/admin/keys", "/admin/tokens", "/account/tokens" })
            (await Post(browser, url, ("__RequestVerificationToken", token), ("Input.Reason", "because"), ("provider", "google"))).Headers.Location!.OriginalString.ShouldStartWith("/login/confirm", Case.Sensitive, url);

        (await Site.InDatabase(db => db.Users.CountAsync(known => known.TwoFactorEnabled, Ct))).ShouldBe(2);
        (await Site.InDatabase(db => db.UserRoles.CountAsync(Ct))).ShouldBe(1);
    }

    [Fact] // T129
    public async Task A_secret_is_said_once_and_by_nothing_else_ever()
    {
        var owner = await AddUser(isAdmin: true);
        using var http = await Program(owner, "apps.read apps.write admin");
        var browser = await SignedIn(owner);
        var made = await Json(await PostJson(http, "/api/v1/apps", Web()));
        var (id, first) = (made.GetProperty("client_id").GetString()!, made.GetProperty("client_secret").GetString()!);
        var second = (await Json(await http.PostAsync($"/api/v1/apps/{id}/secrets", null, Ct))).GetProperty("client_secret").GetString()!;
        var hash = Convert.ToBase64String(new Signet.Infrastructure.Secret(first).Hash());

        var said = new List<string> { await (await http.PatchAsync($"/api/v1/apps/{id}", Body("""{"client_name":"Other"}"""), Ct)).Content.ReadAsStringAsync(Ct) };
        foreach (var url in new[] { "/api/v1/apps", $"/api/v1/apps/{id}" })
            said.Add(await http.GetStringAsync(url, Ct));
        foreach (var url in new[] { "/apps", $"/apps/{id:app}", $"/apps/{id}/edit", $"/apps/{id}/secrets", "/admin/apps", $"/admin/apps/{id}", "/admin/audit", $"/admin/users/{owner.Id}", "/account" })
            said.Add(await browser.GetStringAsync(url, Ct));
        said.AddRange(await Site.InDatabase(db => db.AuditEvents.Select(entry => entry.Subject + entry.Detail + entry.Reason).ToArrayAsync(Ct)));

        said.ShouldAllBe(text => !text.Contains(first, StringComparison.Ordinal) && !text.Contains(second, StringComparison.Ordinal) && !text.Contains(hash, StringComparison.Ordinal));
    }
}
