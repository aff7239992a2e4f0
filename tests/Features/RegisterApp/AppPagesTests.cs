using System.Net;
using Microsoft.EntityFrameworkCore;

namespace Signet.Tests.Features.RegisterApp;

/// <summary>Apps for people, without JavaScript.</summary>
public abstract class AppPagesTests(Site site) : AppsTest(site)
{
    private static readonly string[] Pages = ["", "/edit", "/secrets", "/disable", "/remove"];

    [Fact]
    public async Task Registers_and_shows_the_secret_with_lines_that_use_it()
    {
        using var browser = await SignedIn(await AddUser());

        var answer = await Submit(browser, "/apps/new", ("Input.Name", "Notes"), ("Input.Kind", "Web"), ("RedirectUris", "https://app.test/cb\r\nhttps://app.test/two\r\nhttps://app.test/cb"), ("Input.Scopes", "openid"));
        var page = await answer.Content.ReadAsStringAsync(Ct);
        var app = await Site.InDatabase(db => db.Clients.SingleAsync(Ct));

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        app.RedirectUris.ShouldBe(["https://app.test/cb", "https://app.test/two"]);
        page.ShouldContain("sgs_");
        page.ShouldContain($"{Site.Issuer}/oauth/token");
        page.ShouldContain("AddOpenIdConnect");
        answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
        (await browser.GetStringAsync($"/apps/{app.Id}", Ct)).ShouldNotContain("sgs_");
        (await browser.GetStringAsync("/apps", Ct)).ShouldContain("Notes");
    }

    [Fact]
    public async Task An_app_that_left_its_secret_for_a_key_shows_no_lines_that_would_be_refused_and_the_secret_to_revoke()
    {
        var user = await AddUser();
        var (app, secret) = await AddClient(ownerId: user.Id, change: client => (client.AuthenticationMethods, client.Settings) = (["private_key_jwt"], client.Settings with { JwksUri = "https://app.test/jwks" }));

        var page = WebUtility.HtmlDecode(await (await SignedIn(user)).GetStringAsync($"/apps/{app.Id}", Ct));

        page.ShouldNotContain("YOUR_CLIENT_SECRET");
        page.ShouldContain("/.well-known/openid-configuration");
        page.ShouldContain($"…{secret[^4..]}");
        page.ShouldContain("proves itself in another way now");
        page.ShouldNotContain("Add a secret");
    }

    [Fact]
    public async Task Names_each_bad_field_and_keeps_what_was_typed()
    {
        using var browser = await SignedIn(await AddUser());

        var answer = await Submit(browser, "/apps/new", ("Input.Name", ""), ("Input.Kind", "Web"), ("RedirectUris", "javascript:alert(1)\nhttp://app.test/cb"));
        var page = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Ct));

        answer.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        page.ShouldContain("Give the app a name");
        page.ShouldContain("“javascript:alert(1)”");
        page.ShouldContain("“http://app.test/cb” must be https");
    }

    [Fact]
    public async Task Encodes_a_name_and_takes_what_is_invisible_out_of_it()
    {
        using var browser = await SignedIn(await AddUser());

        var answer = await Submit(browser, "/apps/new", ("Input.Name", "Goo\u202Egle<br>"), ("Input.Kind", "Machine"));
        var page = await answer.Content.ReadAsStringAsync(Ct);

        page.ShouldContain("Google&lt;br&gt;");
        page.ShouldNotContain("<br>");
    }

    [Fact]
    public async Task Ignores_what_only_administrators_may_say_in_a_forged_form()
    {
        using var browser = await SignedIn(await AddUser());

        var answer = await Submit(browser, "/apps/new", ("Input.Name", "A"), ("Input.Kind", "Machine"), ("Input.SkipsConsent", "true"), ("Input.Id", "mine"));

        answer.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await Site.InDatabase(db => db.Clients.CountAsync(Ct))).ShouldBe(0);
    }

    [Fact]
    public async Task Refuses_a_form_from_elsewhere()
    {
        var user = await AddUser();
        var (app, _) = await AddClient(ownerId: user.Id);
        using var browser = await SignedIn(user);

        (await Post(browser, "/apps/new", ("Input.Name", "A"), ("Input.Kind", "Machine"))).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await Post(browser, $"/apps/{app.Id}/remove")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await Site.InDatabase(db => db.Clients.CountAsync(Ct))).ShouldBe(1);
    }

    [Fact]
    public async Task Shows_and_changes_nobody_elses_app()
    {
        var (app, _) = await AddClient(ownerId: (await AddUser()).Id);
        using var browser = await SignedIn(await AddUser());
        var token = AntiforgeryToken(await browser.GetStringAsync("/apps/new", Ct));
        string[] urls = [.. Pages.Select(page => $"/apps/{app.Id}{page}"), $"/apps/{app.Id}/secrets/{app.Secrets[0].Id}/revoke"];

        foreach (var url in urls)
        {
            (await browser.GetAsync(url, Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound, url);
            if (url != $"/apps/{app.Id}")
                (await Post(browser, url, ("__RequestVerificationToken", token), ("Input.Name", "Mine"))).StatusCode.ShouldBe(HttpStatusCode.NotFound, url);
        }

        (await browser.GetAsync("/admin/apps", Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await browser.GetAsync($"/admin/apps/{app.Id}", Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await Site.InDatabase(db => db.Clients.Include(client => client.Secrets).SingleAsync(Ct))).Secrets.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Edits_rotates_disables_and_removes()
    {
        var user = await AddUser();
        var (app, _) = await AddClient(ownerId: user.Id);
        using var browser = await SignedIn(user);

        foreach (var page in Pages)
            (await browser.GetAsync($"/apps/{app.Id}{page}", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK, page);
        var edited = await Submit(browser, $"/apps/{app.Id}/edit", ("Input.Name", "New"), ("RedirectUris", "https://app.test/new"), ("Input.Scopes", "openid"), ("AccessTokenMinutes", "5"));
        var tooLong = await Submit(browser, $"/apps/{app.Id}/edit", ("Input.Name", "New"), ("RedirectUris", "https://app.test/new"), ("AccessTokenMinutes", "999999"));
        var secret = await Submit(browser, $"/apps/{app.Id}/secrets", ("ExpiresInDays", "30"));
        var revoked = await Submit(browser, $"/apps/{app.Id}/secrets/{app.Secrets[0].Id}/revoke");
        var disabled = await Submit(browser, $"/apps/{app.Id}/disable");
        var now = await Site.InDatabase(db => db.Clients.AsNoTracking().Include(client => client.Secrets).SingleAsync(Ct));
        var removed = await Submit(browser, $"/apps/{app.Id}/remove");

        edited.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        tooLong.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await secret.Content.ReadAsStringAsync(Ct)).ShouldContain("sgs_");
        revoked.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        disabled.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        now.Name.ShouldBe("New");
        now.RedirectUris.ShouldBe(["https://app.test/new"]);
        now.AccessTokenLifetime.ShouldBe(TimeSpan.FromMinutes(5));
        now.DisabledAt.ShouldNotBeNull();
        now.Secrets.Single().Id.ShouldNotBe(app.Secrets[0].Id);
        removed.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        (await Site.InDatabase(db => db.Clients.CountAsync(Ct))).ShouldBe(0);
    }

    public sealed class OnPostgres(PostgresSite site) : AppPagesTests(site);

    public sealed class OnSqlite(SqliteSite site) : AppPagesTests(site);
}
