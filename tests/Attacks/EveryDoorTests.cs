using System.Net;
using Microsoft.EntityFrameworkCore;
using OtpNet;
using Signet.Infrastructure.Data;
using Signet.Tests.Peers;

namespace Signet.Tests.Attacks;

/// <summary>Every door asks for the same: the second factor, the count of guesses, and whether the account is open at all.</summary>
public sealed class EveryDoorTests(PeerSite site) : PeerTest(site), IClassFixture<PeerSite>
{
    private const string Email = "ada@example.test";

    public static TheoryData<string> Doors => ["password", "provider", "provider by address"];

    [Theory] // CVE-2026-73278, CVE-2026-15616: the factor that only one door knew of
    [MemberData(nameof(Doors))]
    public async Task Behind_every_first_factor_waits_the_second(string door)
    {
        var (user, secret) = await Protected(door);
        var (client, _) = await AddClient(redirectUris: ["https://app.test/cb"], skipsConsent: true);
        var browser = Site.Browser();

        var answer = await Enter(browser, door);

        answer.Headers.Location!.ToString().ShouldStartWith("/login/2fa");
        CookieOf(answer, SessionCookie).ShouldBeNull();
        // Whoever waits is nobody yet, at any door behind it.
        foreach (var url in new[] { "/account", "/account/two-factor", "/account/tokens", "/apps", "/consent?returnUrl=%2F", "/device?user_code=BCDF-GHJK", "/account/approvals", "/login/confirm", FlowTest.AuthorizeUrl(client) })
            (await browser.GetAsync(url, Ct)).Headers.Location!.ToString().ShouldStartWith("/login?", Case.Sensitive, url);
        (await browser.GetAsync("/api/v1/apps", Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await Submit(browser, "/login/2fa", ("Input.Code", Wrong(CodeNow(secret))))).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await IsSignedIn(browser)).ShouldBeFalse();
        (await Sessions(user)).ShouldBe(0);
        (await Submit(browser, "/login/2fa", ("Input.Code", NextCode(secret)))).StatusCode.ShouldBe(HttpStatusCode.Redirect);
        (await Site.InDatabase(db => db.Sessions.SingleAsync(session => session.UserId == user.Id && session.EndedAt == null, Ct))).Methods.ShouldContain("mfa");
    }

    [Theory] // CVE-2026-9798: a lock that only one door knew of
    [MemberData(nameof(Doors))]
    public async Task Guesses_at_one_door_count_at_every_other(string door)
    {
        var (user, secret) = await Protected(door);
        for (var i = 0; i < 5; i++)
        {
            var guessing = Site.Browser();
            await Login(guessing, Email);
            (await Submit(guessing, "/login/2fa", ("Input.Code", Wrong(CodeNow(secret))))).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        }

        var browser = Site.Browser();
        await Enter(browser, door);

        (await Submit(browser, "/login/2fa", ("Input.Code", NextCode(secret)))).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        (await Sessions(user)).ShouldBe(0);
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task No_door_opens_to_a_disabled_account_even_between_the_steps(string door)
    {
        var (user, secret) = await Protected(door);
        var browser = Site.Browser();
        await Enter(browser, door);

        DateTimeOffset? now = Site.Clock.GetUtcNow();
        await Site.InDatabase(db => db.Users.ExecuteUpdateAsync(set => set.SetProperty(row => row.DisabledAt, now), Ct));

        var page = await browser.GetAsync("/login/2fa", Ct);
        page.Headers.Location!.ToString().ShouldStartWith("/login");
        await Enter(Site.Browser(), door);
        (await Sessions(user)).ShouldBe(0);
        secret.ShouldNotBeEmpty();
    }

    [Theory] // the stock provider takes two steps either way, and each of them again and again
    [InlineData(-2, false)]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public async Task A_code_is_good_for_one_step_either_way(int steps, bool isGood)
    {
        Site.Clock.Stop();
        var (user, secret) = await Protected("password");
        Site.Clock.Advance(TimeSpan.FromMinutes(5));
        var browser = Site.Browser();
        await Login(browser, user.Email!);
        var code = new Totp(secret).ComputeTotp(Site.Clock.GetUtcNow().AddSeconds(30 * steps).UtcDateTime);

        (await Submit(browser, "/login/2fa", ("Input.Code", code))).StatusCode.ShouldBe(isGood ? HttpStatusCode.Redirect : HttpStatusCode.UnprocessableEntity);
    }

    [Theory]
    [InlineData("Input.Code")]
    [InlineData("Input.RecoveryCode")]
    public async Task A_hundred_parallel_guesses_at_the_second_step_are_five(string field)
    {
        var (user, secret) = await Protected("password");
        var browser = Site.Browser();
        await Login(browser, user.Email!);
        var token = AntiforgeryToken(await Page(browser, "/login/2fa"));
        var wrong = field == "Input.Code" ? Wrong(CodeNow(secret)) : "aaaa-aaaa-aaaa-aaaa-aaaa-aaaa";

        var answers = await Many(100, _ => Post(browser, "/login/2fa", ("__RequestVerificationToken", token), (field, wrong)));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.UnprocessableEntity).ShouldBeInRange(1, 5);
        answers.Count(answer => answer.StatusCode == HttpStatusCode.TooManyRequests).ShouldBeInRange(95, 99);
        (await Audited(user)).Count(action => action == "second step refused").ShouldBeInRange(1, 5);
    }

    [Theory] // the password is asked for in more than one place
    [InlineData("/login/confirm", "Input.Password")]
    [InlineData("/account/password", "Input.Current")]
    public async Task A_hundred_parallel_guesses_at_the_password_are_five_inside_too(string url, string field)
    {
        var user = await AddUser();
        var browser = await SignIn(user);
        var token = AntiforgeryToken(await Page(browser, url));
        using var hashes = new HashCounter();

        var answers = await Many(100, i => Post(browser, url, ("__RequestVerificationToken", token), (field, $"a wrong guess {i}"), ("Input.New", "another horse battery staple")));

        hashes.Of("user").ShouldBeInRange(1, 5);
        answers.Select(answer => (int)answer.StatusCode).ShouldAllBe(status => status == 422 || status == 429);
        (await Login(Site.Browser(), user.Email!)).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await Reload(user)).PasswordHash.ShouldBe(user.PasswordHash);
    }

    /// <summary>Somebody with two steps who may come in by this door, and is not in.</summary>
    private async Task<(User User, byte[] Secret)> Protected(string door)
    {
        var user = await AddUser(Email, isConfirmed: true, door == "provider" ? "grace" : null);
        await Peer.AddAccount("grace", Email);
        var (secret, _) = await Enrol(await SignIn(user));
        await Site.InDatabase(db => db.Sessions.ExecuteDeleteAsync(Ct));
        return (user, secret);
    }

    private static Task<HttpResponseMessage> Enter(HttpClient browser, string door) => door == "password" ? Login(browser, Email) : ComeFromPeer(browser, "grace");

    private Task<int> Sessions(User user) => Site.InDatabase(db => db.Sessions.CountAsync(session => session.UserId == user.Id && session.EndedAt == null, Ct));
}
