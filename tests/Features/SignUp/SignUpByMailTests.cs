using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.EntityFrameworkCore;

namespace Signet.Tests.Features.SignUp;

/// <summary>Sign-up where mail can be sent: a link makes the account, and nobody else learns whether there is one.</summary>
public abstract partial class SignUpByMailTests(Site site) : PeopleTest(site)
{
    private const string DeadLink = "This link does not work";
    private const string HasAccount = "There is an account with the address";

    // Each test writes to somebody else: a person gets a few mails an hour.
    private readonly string email = $"grace-{Guid.NewGuid():N}@example.test";

    [Fact]
    public async Task The_link_makes_the_account_and_confirms_the_address()
    {
        var browser = Site.Browser();

        var asked = await Ask(email, browser);

        asked.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await asked.Content.ReadAsStringAsync(Ct)).ShouldContain($"We sent a mail to <strong class=\"text-break\">{email}</strong>");
        (await Users()).ShouldBe(0);
        var link = await LinkInMail();
        (await Page(Site.Browser(), link)).ShouldContain("Make the account</button>");
        await Site.Browser().SendAsync(new HttpRequestMessage(HttpMethod.Head, link), Ct);
        (await Users()).ShouldBe(0); // opening it changed nothing

        (await Confirm(browser, link)).Headers.Location!.ToString().ShouldBe("/account");

        (await IsSignedIn(browser)).ShouldBeTrue();
        var user = await Site.InDatabase(db => db.Users.SingleAsync(Ct));
        (user.Email, user.EmailConfirmed, user.Name).ShouldBe((email, true, "Grace"));
        (await Audited(user)).ShouldBe(["signed up"]);
        (await Login(Site.Browser(), email)).StatusCode.ShouldBe(HttpStatusCode.Redirect);
    }

    [Fact]
    public async Task A_link_works_once()
    {
        await Ask(email);
        var (link, late) = (await LinkInMail(), Site.Browser());
        var form = AntiforgeryToken(await Page(late, link));
        await Confirm(Site.Browser(), link);

        (await Page(Site.Browser(), link)).ShouldContain(HasAccount);
        var again = await Post(late, "/signup/confirm", ("__RequestVerificationToken", form), ("Input.Code", CodeOf(link)), ("Input.Name", "Mallory"), ("Input.Password", "another long password"));

        (await again.Content.ReadAsStringAsync(Ct)).ShouldContain(HasAccount);
        CookieOf(again, SessionCookie).ShouldBeNull();
        (await Users()).ShouldBe(1);
    }

    [Fact]
    public async Task A_hundred_confirmations_at_once_make_one_account_and_one_session()
    {
        await Ask(email);
        var (link, browser) = (await LinkInMail(), Site.Browser());
        var form = AntiforgeryToken(await Page(browser, link));

        var answers = await Many(100, _ => Post(browser, "/signup/confirm", ("__RequestVerificationToken", form), ("Input.Code", CodeOf(link)), ("Input.Name", "Grace"), ("Input.Password", Password)));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.Redirect).ShouldBe(1);
        answers.ShouldAllBe(answer => (int)answer.StatusCode < 500);
        (await Users()).ShouldBe(1);
        (await Site.InDatabase(db => db.Sessions.CountAsync(Ct))).ShouldBe(1);
    }

    [Fact]
    public async Task Answers_the_same_and_at_the_same_cost_whether_there_is_an_account_or_not()
    {
        var known = (await AddUser(email)).Email!;
        var unknown = new string([.. known.Reverse()]).Replace("tset.elpmaxe@", "x", StringComparison.Ordinal) + "@example.test";
        using var hashes = new HashCounter();

        var answers = new List<(HttpStatusCode Status, string Headers, string Page)>();
        foreach (var address in (string[])[known, unknown])
        {
            var answer = await Ask(address);
            var page = (await answer.Content.ReadAsStringAsync(Ct)).Replace(address, "ADDRESS", StringComparison.Ordinal);
            answers.Add((answer.StatusCode, string.Join('|', answer.Headers.Select(header => header.Key)), Nonce().Replace(page, "")));
        }

        answers[0].ShouldBe(answers[1]);
        hashes.All.ShouldBe(0);
        var (toKnown, toUnknown) = (await Site.Mailbox!.Next(), await Site.Mailbox.Next());
        (toKnown.To, toUnknown.To).ShouldBe((known, unknown));
        toKnown.Text.ShouldContain("It has an account already");
        toKnown.Text.ShouldContain($"{Tests.Site.Issuer}/login\n");
        toKnown.Text.ShouldNotContain("code=");
        toUnknown.Text.ShouldContain($"{Tests.Site.Issuer}/signup/confirm?code=");
    }

    [Fact]
    public async Task Who_asked_gets_nothing_of_an_account_that_the_owner_of_the_address_makes()
    {
        var mallory = Site.Browser();
        await Submit(mallory, "/signup?returnUrl=%2Faccount%2Ftokens", ("Input.Email", email), ("Input.Name", "Mallory"), ("Input.Password", "mallory knows this one"));
        var grace = Site.Browser();

        (await Confirm(grace, await LinkInMail())).Headers.Location!.ToString().ShouldBe("/account");

        (await IsSignedIn(mallory)).ShouldBeFalse();
        (await Login(Site.Browser(), email, "mallory knows this one")).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await Site.InDatabase(db => db.Users.SingleAsync(Ct))).Name.ShouldBe("Grace");
    }

    [Theory]
    [InlineData("/oauth/authorize?client_id=x&state=%20y", "/oauth/authorize?client_id=x&state=%20y")]
    [InlineData("https://evil.test/", "/account")]
    [InlineData("//evil.test", "/account")]
    public async Task Goes_on_in_the_browser_that_asked_where_it_was_going(string returnUrl, string destination)
    {
        var browser = Site.Browser();
        await Submit(browser, $"/signup?returnUrl={Uri.EscapeDataString(returnUrl)}", ("Input.Email", email));

        (await Confirm(browser, await LinkInMail())).Headers.Location!.ToString().ShouldBe(destination);
    }

    [Fact]
    public async Task Says_what_is_wrong_with_a_link_that_is_old_or_was_changed()
    {
        await Ask(email);
        var link = await LinkInMail();
        var browser = Site.Browser();
        var form = AntiforgeryToken(await Page(browser, "/signup"));
        var code = CodeOf(link);
        foreach (var bad in (string[])["", "x", code[..^1], code[..^4] + "AAAA", code + "A", new('A', 9000), "\u00e4"])
            await ShouldBeDead(bad);

        Site.Clock.Advance(TimeSpan.FromHours(24));
        await ShouldBeDead(code);
        (await Users()).ShouldBe(0);

        async Task ShouldBeDead(string bad)
        {
            (await Page(browser, $"/signup/confirm?code={Uri.EscapeDataString(bad)}")).ShouldContain(DeadLink);
            var answer = await Post(browser, "/signup/confirm", ("__RequestVerificationToken", form), ("Input.Code", bad), ("Input.Name", "Grace"), ("Input.Password", Password));
            (await answer.Content.ReadAsStringAsync(Ct)).ShouldContain(DeadLink);
        }
    }

    [Fact]
    public async Task Asks_for_a_good_password_and_a_name()
    {
        await Ask(email);
        var link = await LinkInMail();

        (await Confirm(Site.Browser(), link, password: "short")).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await Confirm(Site.Browser(), link, password: $"it is {email}")).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await Confirm(Site.Browser(), link, name: "")).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await Submit(Site.Browser(), "/signup", ("Input.Email", "no address"))).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await Users()).ShouldBe(0);
    }

    [Fact]
    public async Task Writes_to_nobody_more_than_three_times_an_hour_however_the_address_is_written()
    {
        foreach (var spelling in (string[])[email, email.ToUpperInvariant(), $" {email}", email, email])
            (await Ask(spelling)).StatusCode.ShouldBe(HttpStatusCode.OK);
        foreach (var trick in (string[])[$"x<{email}>", $"\"{email.Replace("@", "\"@", StringComparison.Ordinal)}", email.Replace("@", "(1)@", StringComparison.Ordinal)])
            (await Ask(trick)).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        await Ask("x" + email);

        var received = new List<string>();
        do
            received.Add((await Site.Mailbox!.Next()).To);
        while (received[^1] != "x" + email);
        received.Count.ShouldBe(3 + 1);
    }

    [Fact]
    public async Task Makes_no_account_once_sign_up_is_closed()
    {
        await Ask(email);
        var link = await LinkInMail();
        await using var closed = Site.WithWebHostBuilder(builder => builder.UseSetting("Signet:Registration:Users", "Closed"));
        var browser = closed.CreateClient(new WebApplicationFactoryClientOptions { BaseAddress = new Uri(Tests.Site.Issuer), AllowAutoRedirect = false });
        (await Page(browser, link)).ShouldContain("Sign-up is closed");
        var form = AntiforgeryToken(await Page(browser, "/login"));

        var answer = await Post(browser, "/signup/confirm", ("__RequestVerificationToken", form), ("Input.Code", CodeOf(link)), ("Input.Name", "Grace"), ("Input.Password", Password));

        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await Users()).ShouldBe(0);
    }

    private Task<HttpResponseMessage> Ask(string address, HttpClient? browser = null) =>
        Submit(browser ?? Site.Browser(), "/signup", ("Input.Email", address));

    private async Task<string> LinkInMail()
    {
        var letter = await Site.Mailbox!.Next();
        letter.To.ShouldBe(email);
        return Link().Match(letter.Text).Value;
    }

    private static Task<HttpResponseMessage> Confirm(HttpClient browser, string link, string name = "Grace", string password = Password) =>
        Submit(browser, link, ("Input.Code", CodeOf(link)), ("Input.Name", name), ("Input.Password", password));

    private static string CodeOf(string link) => link[(link.IndexOf('=', StringComparison.Ordinal) + 1)..];

    private Task<int> Users() => Site.InDatabase(db => db.Users.CountAsync(Ct));

    [GeneratedRegex(@"https://id\.test/signup/confirm\?code=\S+")]
    private static partial Regex Link();

    [GeneratedRegex("nonce-[^']+|name=\"__RequestVerificationToken\"[^>]+")]
    private static partial Regex Nonce();

    public sealed class OnPostgres(PostgresSiteWithMail site) : SignUpByMailTests(site), IClassFixture<PostgresSiteWithMail>;

    public sealed class OnSqlite(SqliteSiteWithMail site) : SignUpByMailTests(site), IClassFixture<SqliteSiteWithMail>;
}
