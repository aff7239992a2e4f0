using System.Net;
using Microsoft.EntityFrameworkCore;
using Signet.Infrastructure;
using Signet.Infrastructure.Data;

namespace Signet.Tests.Features.SetUp;

/// <summary>The first administrator, made by a link that works once.</summary>
public abstract class SetUpTests(Site site) : PeopleTest(site)
{
    private const string Code = "a-code-that-nobody-can-guess-0123456789";

    private Task AddCode() => Site.InDatabase(db =>
    {
        db.Add(new SetupCode { Hash = new Secret(Code).Hash(), ExpiresAt = Site.Clock.GetUtcNow().AddHours(1) });
        return db.SaveChangesAsync(Ct);
    });

    private static (string, string)[] Form(int i = 0) => [("Input.Code", Code), ("Input.Name", "Grace"), ("Input.Email", $"grace{i}@example.test"), ("Input.Password", Password)];

    [Fact]
    public async Task Makes_the_first_administrator_and_dies()
    {
        await AddCode();
        var browser = Site.Browser();

        (await Submit(browser, $"/setup?code={Code}", Form())).StatusCode.ShouldBe(HttpStatusCode.Redirect);

        (await IsSignedIn(browser)).ShouldBeTrue();
        (await Site.InDatabase(db => db.UserRoles.CountAsync(role => role.RoleId == Roles.AdminId, Ct))).ShouldBe(1);
        (await Page(Site.Browser(), $"/setup?code={Code}")).ShouldContain("no longer works");
        await AddCode(); // whatever code comes later
        (await Page(Site.Browser(), $"/setup?code={Code}")).ShouldContain("no longer works");
    }

    [Fact]
    public async Task Makes_one_administrator_of_many_at_once()
    {
        await AddCode();
        var browsers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            var browser = Site.Browser();
            return (browser, AntiforgeryToken(await Page(browser, $"/setup?code={Code}")));
        }));

        var answers = await Many(8, i => Post(browsers[i].browser, "/setup", [("__RequestVerificationToken", browsers[i].Item2), .. Form(i)]));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.Redirect).ShouldBe(1);
        (await Site.InDatabase(db => db.Users.CountAsync(Ct))).ShouldBe(1);
    }

    [Fact]
    public async Task Refuses_a_wrong_an_old_and_no_code()
    {
        await AddCode();
        var browser = Site.Browser();
        var token = AntiforgeryToken(await Page(browser, $"/setup?code={Code}"));

        foreach (var url in new[] { "/setup", "/setup?code=", "/setup?code=wrong" })
            (await Page(Site.Browser(), url)).ShouldContain("no longer works");
        Site.Clock.Advance(TimeSpan.FromMinutes(61));
        (await Page(Site.Browser(), $"/setup?code={Code}")).ShouldContain("no longer works");
        await Post(browser, "/setup", [("__RequestVerificationToken", token), .. Form()]);
        (await Site.InDatabase(db => db.Users.CountAsync(Ct))).ShouldBe(0);
    }

    [Fact]
    public async Task Refuses_while_there_is_an_administrator()
    {
        await AddUser(isAdmin: true);
        await AddCode();

        (await Page(Site.Browser(), $"/setup?code={Code}")).ShouldContain("no longer works");
    }

    public sealed class OnPostgres(PostgresSite site) : SetUpTests(site);

    public sealed class OnSqlite(SqliteSite site) : SetUpTests(site);
}
