using System.Net;
using Microsoft.EntityFrameworkCore;

namespace Signet.Tests.Features.Admin;

/// <summary>What administrators do with apps and APIs.</summary>
public abstract class AdminAppsAndApisTests(Site site) : SliceTest(site)
{
    [Fact]
    public async Task Finds_an_app_by_name_id_and_owner()
    {
        var owner = await AddUser("grace@example.test");
        var (app, _) = await AddClient(ownerId: owner.Id, change: client => client.Name = "100%_sure");
        using var admin = await SignedIn(await AddUser(isAdmin: true));

        foreach (var find in new[] { "100%25_S", app.Id, "GRACE" })
            (await admin.GetStringAsync($"/admin/apps?find={find}", Ct)).ShouldContain(app.Id);
        (await admin.GetStringAsync("/admin/apps?find=1___sure", Ct)).ShouldNotContain(app.Id);
        (await admin.GetStringAsync("/admin", Ct)).ShouldContain("/admin/jobs");
    }

    [Fact]
    public async Task Gives_an_app_another_owner_and_makes_it_first_party()
    {
        var next = await AddUser("grace@example.test");
        var (app, _) = await AddClient();
        using var admin = await SignedIn(await AddUser(isAdmin: true));

        var done = await Submit(admin, $"/admin/apps/{app.Id}", ("Input.OwnerEmail", "Grace@Example.test"), ("Input.SkipsConsent", "true"));
        var nobody = await Submit(admin, $"/admin/apps/{app.Id}", ("Input.OwnerEmail", "nobody@example.test"));
        var now = await Site.InDatabase(db => db.Clients.SingleAsync(Ct));

        done.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        nobody.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        now.OwnerId.ShouldBe(next.Id);
        now.SkipsConsent.ShouldBeTrue();
    }

    [Fact]
    public async Task Adds_changes_and_removes_an_api()
    {
        using var admin = await SignedIn(await AddUser(isAdmin: true));

        var added = await Submit(admin, "/admin/apis/new", ("Input.Name", "Notes"), ("Input.Audience", "https://api.test/notes"), ("Input.Scopes[0].Name", "notes.read"), ("Input.Scopes[0].Description", "Read your notes"), ("Input.Scopes[1].Name", ""), ("Input.Scopes[1].Description", ""),
            ("Input.DetailsTypes[0].Name", "share_note"), ("Input.DetailsTypes[0].Description", "Share a note for you"), ("Input.DetailsTypes[1].Name", "seal_note"));
        var twice = await Submit(admin, "/admin/apis/new", ("Input.Name", "Notes"), ("Input.Audience", "https://api.test/notes"));
        var api = await Site.InDatabase(db => db.Resources.Include(resource => resource.Scopes).AsNoTracking().SingleAsync(Ct));
        var edited = await Submit(admin, $"/admin/apis/{api.Id}", ("Input.Name", "Notes 2"), ("Input.Scopes[0].Name", "notes.write"), ("Minutes", "5"));
        var later = await Site.InDatabase(db => db.Resources.Include(resource => resource.Scopes).AsNoTracking().SingleAsync(Ct));
        var doubled = await Submit(admin, $"/admin/apis/{api.Id}", ("Input.Name", "Notes 2"), ("Input.DetailsTypes[0].Name", "a"), ("Input.DetailsTypes[1].Name", "a"));
        (await admin.GetAsync($"/apps/{api.ClientId}", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        var removed = await Submit(admin, $"/admin/apis/{api.Id}/remove");

        (await added.Content.ReadAsStringAsync(Ct)).ShouldContain("sgs_");
        api.Scopes.Single().Description.ShouldBe("Read your notes");
        api.DetailsTypes.ShouldBe([new("share_note", "Share a note for you"), new("seal_note", "seal_note")]);
        later.DetailsTypes.ShouldBeEmpty();
        (await doubled.Content.ReadAsStringAsync(Ct)).ShouldContain("is listed twice");
        (await twice.Content.ReadAsStringAsync(Ct)).ShouldContain("Another API has this audience");
        edited.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        later.Scopes.Single().Name.ShouldBe("notes.write");
        later.AccessTokenLifetime.ShouldBe(TimeSpan.FromMinutes(5));
        removed.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        (await Site.InDatabase(db => db.Clients.CountAsync(Ct))).ShouldBe(0);
    }

    [Theory]
    [InlineData("api.test", "notes.read")]
    [InlineData("https://api.test/#x", "notes.read")]
    [InlineData(Site.Issuer, "notes.read")]
    [InlineData("https://api.test/", "openid")]
    [InlineData("https://api.test/", "two words")]
    public async Task Refuses_an_audience_or_a_scope_that_is_none(string audience, string scope)
    {
        using var admin = await SignedIn(await AddUser(isAdmin: true));

        var answer = await Submit(admin, "/admin/apis/new", ("Input.Name", "Notes"), ("Input.Audience", audience), ("Input.Scopes[0].Name", scope));

        answer.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task Is_for_administrators()
    {
        var (api, _, _) = await AddApi();
        using var browser = await SignedIn(await AddUser());

        foreach (var url in new[] { "/admin", "/admin/apps", "/admin/apis", "/admin/apis/new", $"/admin/apis/{api.Id}", $"/admin/apis/{api.Id}/remove" })
            (await browser.GetAsync(url, Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden, url);
        (await browser.GetAsync($"/apps/{api.ClientId}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    public sealed class OnPostgres(PostgresSite site) : AdminAppsAndApisTests(site);

    public sealed class OnSqlite(SqliteSite site) : AdminAppsAndApisTests(site);
}
