using System.Net;
using Microsoft.EntityFrameworkCore;
using Signet.Infrastructure.Web;

namespace Signet.Tests.Features.RevokeToken;

/// <summary>The pages where people and administrators end things.</summary>
public abstract class RevocationPagesTests(Site site) : SliceTest(site)
{
    [Fact]
    public async Task A_user_sees_which_apps_have_access_and_ends_it()
    {
        await AddApi();
        var user = await AddUser();
        var (client, secret) = await AddClient();
        var (grant, _) = await AddGrant(user, client, isOffline: true);
        var (othersGrant, _) = await AddGrant(await AddUser(), client);
        var (token, others) = (await IssueJwt(client, grant), await IssueJwt(client, othersGrant));
        var browser = await SignedIn(user);

        var page = await (await browser.GetAsync("/account/apps", Ct)).Content.ReadAsStringAsync(Ct);
        page.ShouldContain("Notes");
        page.ShouldContain("Use notes.read");
        page.ShouldContain("Know who you are");

        (await Submit(browser, "/account/apps", ("clientId", client.Id))).StatusCode.ShouldBe(HttpStatusCode.Redirect);

        (await Introspect(Site.Browser(), client, secret, token)).ShouldBe(Inactive);
        (await Introspect(Site.Browser(), client, secret, others)).ShouldContain("\"active\":true");
        (await (await browser.GetAsync("/account/apps", Ct)).Content.ReadAsStringAsync(Ct)).ShouldContain("No app has access");
    }

    [Theory]
    [InlineData("/admin/tokens")]
    [InlineData("/admin/keys")]
    [InlineData("/admin/jobs")]
    public async Task Only_administrators_reach_the_administration(string url)
    {
        (await Site.Browser().GetAsync(url, Ct)).StatusCode.ShouldBe(HttpStatusCode.Redirect);
        (await (await SignedIn(await AddUser())).GetAsync(url, Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await (await SignedIn(await AddUser(isAdmin: true))).GetAsync(url, Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task An_administrator_is_told_what_ends_and_must_say_why()
    {
        var browser = await SignedIn(await AddUser(isAdmin: true));
        var user = await AddUser("ada@example.test");
        var (client, secret) = await AddClient();
        var (grant, refresh) = await AddGrant(user, client);
        string[] tokens = [refresh, await IssueJwt(client, grant), await IssueOpaque(client, grant)];
        await AddPersonalToken(user);

        (await (await browser.GetAsync("/admin/tokens?q=ada@example.test", Ct)).Content.ReadAsStringAsync(Ct)).ShouldContain(grant.Id.ToString());
        var ask = await (await Submit(browser, "/admin/tokens?handler=Ask", ("Input.User", "ada@example.test"), ("Input.EndSessions", "true"))).Content.ReadAsStringAsync(Ct);
        ask.ShouldContain("<strong>1</strong> grants, <strong>2</strong> tokens and <strong>1</strong> sessions");
        (await (await Submit(browser, "/admin/tokens", ("Input.User", "ada@example.test"))).Content.ReadAsStringAsync(Ct)).ShouldContain("Say why");
        (await Introspect(Site.Browser(), client, secret, tokens[1])).ShouldContain("\"active\":true");

        await Submit(browser, "/admin/tokens", ("Input.User", "ada@example.test"), ("Input.EndSessions", "true"), ("Input.Reason", "laptop stolen"));

        foreach (var token in tokens)
            (await Introspect(Site.Browser(), client, secret, token)).ShouldBe(Inactive);
        (await Site.InDatabase(db => db.Sessions.CountAsync(session => session.UserId == user.Id && session.EndedAt == null))).ShouldBe(0);
        (await Site.InDatabase(db => db.AuditEvents.SingleAsync(entry => entry.Action == "tokens revoked", Ct))).Reason.ShouldBe("laptop stolen");
    }

    [Theory]
    [InlineData("token")]
    [InlineData("jti")]
    [InlineData("app")]
    [InlineData("all")]
    public async Task An_administrator_ends_one_all_of_an_app_or_everything(string what)
    {
        var browser = await SignedIn(await AddUser(isAdmin: true));
        var (client, secret) = await AddClient();
        var (bystander, bystanderSecret) = await AddClient();
        var (token, other) = (await IssueJwt(client), await IssueJwt(bystander));
        var jti = System.Text.Json.JsonDocument.Parse(await Introspect(Site.Browser(), client, secret, token)).RootElement.GetProperty("jti").GetString()!;
        var target = what switch { "token" => ("Input.Token", token), "jti" => ("Input.Id", jti), "app" => ("Input.App", client.Id), _ => ("Input.All", "true") };

        (await Submit(browser, "/admin/tokens", target, ("Input.Reason", "leaked"))).StatusCode.ShouldBe(HttpStatusCode.Redirect);

        (await Introspect(Site.Browser(), client, secret, token)).ShouldBe(Inactive);
        (await Introspect(Site.Browser(), bystander, bystanderSecret, other)).ShouldContain(what == "all" ? "false" : "\"active\":true");
    }

    [Fact]
    public async Task An_administrator_finds_a_pasted_token_and_rotates_keys()
    {
        var browser = await SignedIn(await AddUser(isAdmin: true));
        var (client, _) = await AddClient();

        var found = await (await Submit(browser, "/admin/tokens?handler=Find", ("token", await IssueOpaque(client)))).Content.ReadAsStringAsync(Ct);
        found.ShouldContain("access token");
        found.ShouldContain(client.Id);

        (await (await browser.GetAsync("/admin/keys", Ct)).Content.ReadAsStringAsync(Ct)).ShouldContain(">active<");
        (await Submit(browser, "/admin/keys")).StatusCode.ShouldBe(HttpStatusCode.Redirect);
        var from = await Site.InDatabase(db => db.SigningKeys.MaxAsync(key => key.ActiveFrom, Ct));
        (await browser.GetStringAsync("/admin/keys", Ct)).ShouldContain($"The next keys sign from {from.Words()}.");
        (await Site.InDatabase(db => db.AuditEvents.AnyAsync(entry => entry.Action == "signing keys rotated", Ct))).ShouldBeTrue();
    }

    public sealed class OnPostgres(PostgresSite site) : RevocationPagesTests(site);

    public sealed class OnSqlite(SqliteSite site) : RevocationPagesTests(site);
}
