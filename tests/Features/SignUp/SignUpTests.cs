using System.Net;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.EntityFrameworkCore;

namespace Signet.Tests.Features.SignUp;

/// <summary>People who make accounts of their own.</summary>
public abstract class SignUpTests(Site site) : PeopleTest(site)
{
    private static Task<HttpResponseMessage> SignUp(HttpClient browser, string name = "Grace", string email = "grace@example.test", string password = Password) =>
        Submit(browser, "/signup", ("Input.Name", name), ("Input.Email", email), ("Input.Password", password));

    [Fact]
    public async Task Makes_an_account_and_signs_in()
    {
        var browser = Site.Browser();

        (await SignUp(browser)).Headers.Location!.ToString().ShouldBe("/account");

        (await Page(browser, "/account")).ShouldContain("grace@example.test");
        (await Audited(await Site.InDatabase(db => db.Users.SingleAsync(Ct)))).ShouldBe(["signed up"]);
        (await Login(Site.Browser(), "grace@example.test")).StatusCode.ShouldBe(HttpStatusCode.Redirect);
    }

    [Fact]
    public async Task Makes_one_account_of_an_address_however_it_is_raced_and_written()
    {
        await Many(8, i => SignUp(Site.Browser(), email: i % 2 == 0 ? "grace@example.test" : "Grace@Example.test"));

        (await Site.InDatabase(db => db.Users.CountAsync(Ct))).ShouldBe(1);
        (await Site.InDatabase(db => db.Sessions.CountAsync(Ct))).ShouldBe(1);
    }

    [Theory]
    [InlineData("", "grace@example.test", Password)]
    [InlineData("Grace\u0001", "grace@example.test", Password)]
    [InlineData("Grace\u202E", "grace@example.test", Password)]
    [InlineData("Grace", "grace", Password)]
    [InlineData("Grace", "gra ce@example.test", Password)]
    [InlineData("Grace", "grace\u0001@example.test", Password)]
    [InlineData("Grace", "grace@example.test", "short")]
    [InlineData("Grace", "grace@example.test", "password12345678")]
    [InlineData("Grace", "grace@example.test", "aaaaaaaaaaaaaaaa")]
    [InlineData("Grace", "grace@example.test", "i am grace of signs")]
    [InlineData("Grace", "grace@example.test", "my signet password")]
    public async Task Says_what_is_wrong_and_makes_nothing(string name, string email, string password)
    {
        (await SignUp(Site.Browser(), name, email, password)).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);

        (await Site.InDatabase(db => db.Users.CountAsync(Ct))).ShouldBe(0);
    }

    [Fact]
    public async Task Never_repeats_a_password_on_the_page()
    {
        var answer = await SignUp(Site.Browser(), email: "nonsense", password: "correct horse battery secret");

        (await answer.Content.ReadAsStringAsync(Ct)).ShouldNotContain("battery secret");
    }

    [Fact]
    public async Task Is_closed_where_the_operator_says_so()
    {
        var token = Site.Browser();
        var form = AntiforgeryToken(await Page(token, "/signup"));
        await using var closed = Site.WithWebHostBuilder(builder => builder.UseSetting("Signet:Registration:Users", "Closed"));
        var browser = closed.CreateClient(new WebApplicationFactoryClientOptions { BaseAddress = new Uri(Site.Issuer), AllowAutoRedirect = false });
        (await Page(browser, "/signup")).ShouldContain("Sign-up is closed");

        form = AntiforgeryToken(await Page(browser, "/login"));
        var answer = await Post(browser, "/signup", ("__RequestVerificationToken", form), ("Input.Name", "Grace"), ("Input.Email", "grace@example.test"), ("Input.Password", Password));

        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await Site.InDatabase(db => db.Users.CountAsync(Ct))).ShouldBe(0);
    }

    public sealed class OnPostgres(PostgresSite site) : SignUpTests(site);

    public sealed class OnSqlite(SqliteSite site) : SignUpTests(site);
}
