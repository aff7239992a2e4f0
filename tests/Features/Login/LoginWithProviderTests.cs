using System.Net;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Signet.Tests.Peers;

namespace Signet.Tests.Features.Login;

/// <summary>Sign-in at another OpenID provider, and what is tried with it.</summary>
public sealed partial class LoginWithProviderTests(PeerSite site) : PeerTest(site), IClassFixture<PeerSite>
{
    private const string Email = "grace@example.test";
    private const string DidNotWork = "did not confirm who you are";
    private const string Exists = "There is an account with this e-mail address already";

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(null, false)]
    public async Task Makes_an_account_at_the_first_sign_in_with_the_address_confirmed_if_the_provider_has_verified_it(bool? isVerified, bool isConfirmed)
    {
        await Peer.AddAccount("grace", Email, isVerified);
        var browser = Site.Browser();

        var answer = await ComeFromPeer(browser, "grace", returnUrl: "/account/sessions");

        answer.Headers.Location!.ToString().ShouldBe("/account/sessions");
        (await IsSignedIn(browser)).ShouldBeTrue();
        var user = await Site.InDatabase(db => db.Users.SingleAsync(Ct));
        (user.Name, user.Email, user.EmailConfirmed, user.PasswordHash, user.LockoutEnabled).ShouldBe(("Grace Example", Email, isConfirmed, null, true));
        var session = await Site.InDatabase(db => db.Sessions.SingleAsync(Ct));
        (session.Methods, session.Provider).ShouldSatisfyAllConditions(s => s.Methods.ShouldBe(["fed"]), s => s.Provider.ShouldBe("peer"));
        (await Logins()).ShouldBe(["peer:grace"]);
        (await Audited(user)).ShouldBe(["signed up", "signed in"]);
    }

    [Fact]
    public async Task Finds_the_same_account_at_the_second_sign_in_whatever_the_address_is_by_then()
    {
        await Peer.AddAccount("grace", Email);
        await ComeFromPeer(Site.Browser(), "grace");
        await Peer.AddAccount("grace", "hopper@example.test", isVerified: false, name: "G. Hopper");
        var browser = Site.Browser();

        await ComeFromPeer(browser, "grace");

        (await IsSignedIn(browser)).ShouldBeTrue();
        (await Site.InDatabase(db => db.Users.SingleAsync(Ct))).Email.ShouldBe(Email);
        (await Site.InDatabase(db => db.Sessions.Select(session => session.UserId).Distinct().CountAsync(Ct))).ShouldBe(1);
    }

    [Fact]
    public async Task Makes_one_account_of_two_windows_that_come_back_at_once()
    {
        await Peer.AddAccount("grace", Email);
        var browsers = new[] { Site.Browser(), Site.Browser(), Site.Browser(), Site.Browser() };
        var callbacks = new List<Uri>();
        foreach (var browser in browsers)
            callbacks.Add(await Peer.SignIn(await Leave(browser), "grace"));

        await Many(browsers.Length, i => Return(browsers[i], callbacks[i]));

        (await Users()).ShouldBe(1);
        foreach (var browser in browsers)
            (await IsSignedIn(browser)).ShouldBeTrue();
    }

    [Theory] // an account is not given away for an address that one side has not verified, so that nobody can wait in it for its owner
    [InlineData(true, false)]
    [InlineData(true, null)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task Does_not_link_to_an_account_by_an_address_that_one_side_has_not_verified(bool isConfirmedHere, bool? isVerifiedThere)
    {
        await AddUser(Email, isConfirmedHere);
        await Peer.AddAccount("grace", Email.ToUpperInvariant(), isVerifiedThere);
        var browser = Site.Browser();

        await ShouldBeRefused(browser, await ComeFromPeer(browser, "grace"), Exists);
        (await Logins()).ShouldBeEmpty();
        (await Users()).ShouldBe(1);
    }

    [Fact]
    public async Task Links_to_the_account_with_an_address_that_both_sides_have_verified()
    {
        var user = await AddUser(Email, isConfirmed: true);
        await Peer.AddAccount("grace", "Grace@Example.Test");
        var browser = Site.Browser();

        await ComeFromPeer(browser, "grace");

        (await IsSignedIn(browser)).ShouldBeTrue();
        (await Users()).ShouldBe(1);
        (await Logins()).ShouldBe(["peer:grace"]);
        (await Audited(user)).ShouldBe(["login linked", "signed in"]);
    }

    [Fact]
    public async Task Asks_for_the_second_step_of_this_account()
    {
        var user = await AddUser(Email, isConfirmed: true, "grace");
        var (secret, _) = await Enrol(await SignIn(user));
        await Peer.AddAccount("grace", Email);
        var browser = Site.Browser();

        var answer = await ComeFromPeer(browser, "grace", returnUrl: "/account/sessions");

        answer.Headers.Location!.ToString().ShouldBe("/login/2fa?returnUrl=%2Faccount%2Fsessions");
        CookieOf(answer, SessionCookie).ShouldBeNull();
        (await IsSignedIn(browser)).ShouldBeFalse();
        (await Submit(browser, "/login/2fa", ("Input.Code", NextCode(secret)))).StatusCode.ShouldBe(HttpStatusCode.Redirect);
        (await Site.InDatabase(db => db.Sessions.OrderByDescending(session => session.CreatedAt).FirstAsync(Ct))).Methods.ShouldBe(["fed", "otp", "mfa"]);
    }

    [Fact]
    public async Task Leads_to_enrolment_where_everyone_must_have_two_steps()
    {
        await Peer.AddAccount("grace", Email);
        await using var strict = Site.WithWebHostBuilder(builder => builder.UseSetting("Signet:RequireTwoFactor", "Everyone"));
        var browser = BrowserOf(strict);

        var answer = await ComeFromPeer(browser, "grace");

        answer.Headers.Location!.ToString().ShouldStartWith("/login/2fa/enrol");
        (await IsSignedIn(browser)).ShouldBeFalse();
        (await Sessions()).ShouldBe(0);
    }

    [Theory]
    [InlineData("grace")]
    [InlineData(null)]
    public async Task Lets_nobody_into_a_disabled_account(string? linkedBefore)
    {
        await AddUser(Email, isConfirmed: true, linkedBefore, disabledAt: Site.Clock.GetUtcNow());
        await Peer.AddAccount("grace", Email);
        var browser = Site.Browser();

        await ShouldBeRefused(browser, await ComeFromPeer(browser, "grace"), "This account is disabled");
        (await Logins()).Length.ShouldBe(linkedBefore is null ? 0 : 1);
    }

    [Theory]
    [InlineData("Closed")]
    [InlineData("Invite")]
    public async Task Makes_no_account_where_sign_up_is_not_open_and_lets_in_who_has_one(string registration)
    {
        await AddUser("ada@example.test", isConfirmed: true, "ada");
        await Peer.AddAccount("grace", Email);
        await Peer.AddAccount("ada", "ada@example.test");
        await using var closed = Site.WithWebHostBuilder(builder => builder.UseSetting("Signet:Registration:Users", registration));
        var browser = BrowserOf(closed);

        await ShouldBeRefused(browser, await ComeFromPeer(browser, "grace"), "sign-up is closed");
        (await Users()).ShouldBe(1);
        await ComeFromPeer(browser, "ada");
        (await IsSignedIn(browser)).ShouldBeTrue();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("no address")]
    [InlineData("two@at@signs")]
    public async Task Makes_no_account_without_an_address(string? email)
    {
        await Peer.AddAccount("grace", email);
        var browser = Site.Browser();

        await ShouldBeRefused(browser, await ComeFromPeer(browser, "grace"), "did not tell us an e-mail address");
        (await Users()).ShouldBe(0);
    }

    [Theory]
    [InlineData("https://evil.test/")]
    [InlineData("//evil.test")]
    [InlineData("/\\evil.test")]
    public async Task Leads_on_to_nowhere_outside(string returnUrl)
    {
        await Peer.AddAccount("grace", Email);

        (await ComeFromPeer(Site.Browser(), "grace", returnUrl: returnUrl)).Headers.Location!.ToString().ShouldBe("/account");
    }

    [Fact]
    public async Task Takes_a_callback_only_in_the_browser_that_left_and_once()
    {
        await Peer.AddAccount("grace", Email);
        var (browser, other) = (Site.Browser(), Site.Browser());
        var callback = await Peer.SignIn(await Leave(browser), "grace");
        await Leave(other);

        await ShouldBeRefused(other, await Return(other, callback), DidNotWork); // login CSRF
        (await Return(browser, callback)).Headers.Location!.ToString().ShouldBe("/account");
        await browser.GetAsync(callback, Ct);
        (await Return(browser, callback)).Headers.Location.ShouldBeNull();
        (await Sessions()).ShouldBe(1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?code=c")]
    [InlineData("?code=c&state=s")]
    [InlineData("?state=s&error=access_denied")]
    [InlineData("?error=server_error&error_description=%3Cscript%3E")]
    public async Task Answers_a_callback_that_nobody_asked_for_with_a_page(string query)
    {
        var browser = Site.Browser();

        await ShouldBeRefused(browser, await Return(browser, new Uri($"{Site.Issuer}/login/external/peer/callback{query}")), DidNotWork);
        await ShouldBeRefused(browser, await browser.GetAsync("/login/external/peer", Ct), DidNotWork);
    }

    [Theory] // T095
    [InlineData("peer")] // takes pushed requests, and refuses any redirect URI but its own
    [InlineData("github")]
    public async Task Sends_its_own_address_whatever_the_Host_header_says(string provider)
    {
        var browser = Site.Browser();
        var form = AntiforgeryToken(await Page(browser, "/login"));
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/login/external/{provider}")
        {
            Content = new FormUrlEncodedContent([KeyValuePair.Create("__RequestVerificationToken", form)]),
            Headers = { { "X-Forwarded-Host", "evil.test" } },
        };
        request.Headers.Host = "evil.test";

        await Peer.AddAccount("grace", Email);

        var destination = new Uri((await browser.SendAsync(request, Ct)).Headers.GetValues("Refresh").Single()["0;url=".Length..]);

        var comesBackTo = provider == "peer"
            ? (await Peer.SignIn(destination, "grace")).GetLeftPart(UriPartial.Path)
            : QueryHelpers.ParseQuery(destination.Query)["redirect_uri"].ToString();
        comesBackTo.ShouldBe($"{Site.Issuer}/login/external/{provider}/callback");
    }

    [Fact]
    public async Task Leaves_by_a_form_of_its_own_only()
    {
        (await Post(Site.Browser(), "/login/external/peer")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await Press(Site.Browser(), provider: "nobody")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await Press(Site.Browser(), purpose: "7")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await Press(Site.Browser(), purpose: "Link")).Headers.Location!.ToString().ShouldStartWith("/login?");
    }

    [Fact]
    public async Task Says_so_when_the_provider_is_away()
    {
        var answer = await Press(Site.Browser(), provider: "away");

        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await answer.Content.ReadAsStringAsync(Ct)).ShouldContain("Away cannot be reached at the moment");
    }

    [Fact]
    public async Task Knows_Google_Microsoft_and_GitHub_by_name()
    {
        var page = await Page(Site.Browser(), "/login?returnUrl=%2Faccount%2Fsessions");

        foreach (var name in (string[])["Peer", "Google", "Microsoft", "GitHub"])
            page.ShouldContain($"Continue with {name}</button>");
        page.ShouldContain("name=\"returnUrl\" value=\"/account/sessions\"");
        (await Leave(Site.Browser(), provider: "github")).AbsoluteUri.ShouldStartWith("https://github.com/login/oauth/authorize?client_id=signet&scope=read%3Auser%20user%3Aemail");
    }
}
