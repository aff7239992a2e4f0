using System.Net;
using Microsoft.EntityFrameworkCore;
using Signet.Tests.Peers;

namespace Signet.Tests.Features.Account;

/// <summary>Linking logins to an account, removing them, and proving with them who one is.</summary>
public sealed class LinkLoginTests(PeerSite site) : PeerTest(site), IClassFixture<PeerSite>
{
    private const string Methods = "/account/logins";
    private const string Email = "grace@example.test";

    [Fact]
    public async Task Links_a_login_to_the_account_whatever_its_address()
    {
        var user = await AddUser("ada@example.test");
        await Peer.AddAccount("grace", Email, isVerified: false);
        var browser = await SignIn(user);

        var answer = await ComeFromPeer(browser, "grace", "Link", page: Methods);

        answer.Headers.Location!.ToString().ShouldBe(Methods);
        (await Page(browser, Methods)).ShouldContain("You can now sign in with Peer.");
        (await Logins()).ShouldBe(["peer:grace"]);
        (await Users()).ShouldBe(1);
        (await Audited(user)).ShouldBe(["signed in", "login linked"]);
        var other = Site.Browser();
        await ComeFromPeer(other, "grace");
        (await IsSignedIn(other)).ShouldBeTrue();
    }

    [Fact]
    public async Task Links_nothing_when_another_session_comes_back()
    {
        await AddUser("ada@example.test");
        await Peer.AddAccount("grace", Email);
        var browser = await SignIn(await AddUser("bob@example.test"));
        var callback = await Peer.SignIn(await Leave(browser, "Link", page: Methods), "grace");
        await Login(browser, "ada@example.test"); // in the same browser

        (await (await Return(browser, callback)).Content.ReadAsStringAsync(Ct)).ShouldContain("in another session");

        (await Logins()).ShouldBeEmpty();
        (await Users()).ShouldBe(2);
    }

    [Fact] // forced profile linking: the attacker's callback in the victim's browser
    public async Task Links_nothing_when_another_browser_comes_back()
    {
        await Peer.AddAccount("mallory", "mallory@example.test");
        var (mallory, victim) = (await SignIn(await AddUser("bob@example.test")), await SignIn(await AddUser("ada@example.test")));
        var callback = await Peer.SignIn(await Leave(mallory, "Link", page: Methods), "mallory");

        (await (await Return(victim, callback)).Content.ReadAsStringAsync(Ct)).ShouldContain("did not confirm who you are");

        (await Logins()).ShouldBeEmpty();
        (await Post(victim, "/login/external/peer", ("purpose", "Link"))).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Links_no_login_of_another_account()
    {
        await AddUser("bob@example.test", isConfirmed: true, "grace");
        await Peer.AddAccount("grace", Email);
        var ada = await AddUser("ada@example.test");
        var browser = await SignIn(ada);

        (await (await ComeFromPeer(browser, "grace", "Link", page: Methods)).Content.ReadAsStringAsync(Ct)).ShouldContain("belongs to another account");

        (await Site.InDatabase(db => db.UserLogins.SingleAsync(Ct))).UserId.ShouldNotBe(ada.Id);
    }

    [Fact]
    public async Task Links_only_after_a_recent_sign_in()
    {
        var browser = await SignIn(await AddUser());
        Site.Clock.Advance(TimeSpan.FromMinutes(11));

        (await Press(browser, "Link")).Headers.Location!.ToString().ShouldStartWith("/login/confirm");
    }

    [Fact]
    public async Task Removes_a_login_and_the_sessions_that_it_opened_elsewhere()
    {
        var user = await AddUser(Email, isConfirmed: true, "grace");
        await Peer.AddAccount("grace", Email);
        var (browser, elsewhere, byPassword) = (await SignIn(user), Site.Browser(), await SignIn(user));
        await ComeFromPeer(elsewhere, "grace");

        (await Unlink(browser, "peer")).StatusCode.ShouldBe(HttpStatusCode.Redirect);

        (await Logins()).ShouldBeEmpty();
        (await IsSignedIn(browser)).ShouldBeTrue();
        (await IsSignedIn(byPassword)).ShouldBeTrue();
        (await IsSignedIn(elsewhere)).ShouldBeFalse();
        (await Unlink(browser, "peer")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await Audited(user)).ShouldContain("login unlinked");
    }

    [Fact]
    public async Task Ends_a_sign_in_that_waits_for_its_second_step_when_the_login_is_removed()
    {
        var user = await AddUser(Email, isConfirmed: true, "grace");
        await Peer.AddAccount("grace", Email);
        var browser = await SignIn(user);
        var (secret, _) = await Enrol(browser);
        var waiting = Site.Browser();
        await ComeFromPeer(waiting, "grace");
        var form = AntiforgeryToken(await Page(waiting, "/login/2fa"));

        await Unlink(browser, "peer");
        await Post(waiting, "/login/2fa", ("__RequestVerificationToken", form), ("Input.Code", NextCode(secret)));

        (await IsSignedIn(waiting)).ShouldBeFalse();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("gone")] // a provider that is configured no more
    public async Task Does_not_remove_the_last_way_in(string? other)
    {
        var user = await AddUser(Email, isConfirmed: true, "grace", hasPassword: false);
        if (other is not null)
            await AddLogin(user, other, "grace");
        await Peer.AddAccount("grace", Email);
        var browser = Site.Browser();
        await ComeFromPeer(browser, "grace");

        var answer = await Unlink(browser, "peer");

        answer.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await answer.Content.ReadAsStringAsync(Ct)).ShouldContain("only way to sign in");
        (await Logins()).ShouldContain("peer:grace");
    }

    [Fact]
    public async Task Leaves_one_way_in_of_two_that_are_removed_at_once()
    {
        for (var round = 0; round < 10; round++)
        {
            var user = await AddUser($"{round}@example.test", isConfirmed: true, $"{round}", hasPassword: false);
            await AddLogin(user, "google", $"{round}");
            var browsers = new[] { await SignedIn(user), await SignedIn(user) };
            var forms = new[] { AntiforgeryToken(await Page(browsers[0], Methods)), AntiforgeryToken(await Page(browsers[1], Methods)) };
            string[] providers = ["peer", "google"];

            await Many(2, i => Post(browsers[i], $"{Methods}?handler=Unlink", ("__RequestVerificationToken", forms[i]), ("provider", providers[i])));

            (await Site.InDatabase(db => db.UserLogins.CountAsync(login => login.UserId == user.Id, Ct))).ShouldBe(1);
        }
    }

    [Fact]
    public async Task Lets_someone_without_a_password_prove_at_the_provider_who_it_is()
    {
        await Peer.AddAccount("grace", Email);
        await Peer.AddAccount("mallory", "mallory@example.test");
        var browser = Site.Browser();
        await ComeFromPeer(browser, "grace");
        var session = await Site.InDatabase(db => db.Sessions.SingleAsync(Ct));
        Site.Clock.Advance(TimeSpan.FromMinutes(11));
        var confirm = (await browser.GetAsync(Methods, Ct)).Headers.Location!.ToString();
        confirm.ShouldBe("/login/confirm?returnUrl=%2Faccount%2Flogins");
        var page = await Page(browser, confirm);
        page.ShouldContain("Continue with Peer");
        page.ShouldContain("name=\"returnUrl\" value=\"/account/logins\"");
        page.ShouldNotContain("current-password");

        var refused = await ComeFromPeer(browser, "mallory", "Confirm", Methods, confirm);
        (await refused.Content.ReadAsStringAsync(Ct)).ShouldContain("no login of the account");
        (await browser.GetAsync(Methods, Ct)).StatusCode.ShouldBe(HttpStatusCode.Redirect);
        (await ComeFromPeer(browser, "grace", "Confirm", Methods, confirm)).Headers.Location!.ToString().ShouldBe(Methods);

        (await browser.GetAsync(Methods, Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Site.InDatabase(db => db.Sessions.SingleAsync(Ct))).Id.ShouldBe(session.Id);
        (await Users()).ShouldBe(1);
    }

    private static Task<HttpResponseMessage> Unlink(HttpClient browser, string provider) => Submit(browser, $"{Methods}?handler=Unlink", ("provider", provider));
}
