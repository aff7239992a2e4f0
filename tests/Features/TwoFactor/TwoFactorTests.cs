using System.Net;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.EntityFrameworkCore;

namespace Signet.Tests.Features.TwoFactor;

/// <summary>Two-step sign-in (RFC 6238), its recovery codes, and what is tried against them.</summary>
public abstract class TwoFactorTests(Site site) : PeopleTest(site)
{
    private static Task<HttpResponseMessage> Second(HttpClient browser, string code, params (string, string)[] more) => Submit(browser, "/login/2fa", [("Input.Code", code), .. more]);

    [Fact]
    public async Task Asks_for_a_code_once_it_is_on_and_says_so_in_the_session()
    {
        var user = await AddUser();
        var (secret, codes) = await Enrol(await SignIn(user));
        codes.Length.ShouldBe(10);
        var browser = Site.Browser();

        var first = await Login(browser, user.Email!, returnUrl: "/account/sessions");
        first.Headers.Location!.ToString().ShouldBe("/login/2fa?returnUrl=%2Faccount%2Fsessions");
        CookieOf(first, SessionCookie).ShouldBeNull();
        foreach (var url in new[] { "/account", "/account/password", "/account/two-factor" })
            (await browser.GetAsync(url, Ct)).Headers.Location!.ToString().ShouldStartWith("/login");

        (await Second(browser, NextCode(secret), ("returnUrl", "/account/sessions"))).Headers.Location!.ToString().ShouldBe("/account/sessions");
        (await IsSignedIn(browser)).ShouldBeTrue();
        (await Site.InDatabase(db => db.Sessions.Where(session => session.EndedAt == null).OrderByDescending(session => session.CreatedAt).FirstAsync(Ct))).Methods.ShouldBe(["pwd", "otp", "mfa"]);
        (await Audited(user)).ShouldBe(["signed in", "two-step sign-in turned on", "signed in"]);
    }

    [Fact]
    public async Task Keeps_neither_secret_nor_recovery_code_in_the_clear()
    {
        var user = await AddUser();
        var (secret, codes) = await Enrol(await SignIn(user));

        (await Reload(user)).SealedTotpSecret.ShouldNotBeNull().ShouldNotContain(OtpNet.Base32Encoding.ToString(secret).TrimEnd('='));
        var hashes = await Site.InDatabase(db => db.RecoveryCodes.Select(code => code.Hash).ToArrayAsync(Ct));
        hashes.Length.ShouldBe(10);
        hashes.ShouldAllBe(hash => hash.Length == 32 && !codes.Contains(System.Text.Encoding.UTF8.GetString(hash)));
    }

    [Fact]
    public async Task Accepts_a_code_once_however_often_it_is_sent_at_once()
    {
        var user = await AddUser();
        var (secret, _) = await Enrol(await SignIn(user));
        var code = NextCode(secret);
        var browsers = new List<(HttpClient Http, string Token)>();
        for (var i = 0; i < 4; i++)
        {
            var browser = Site.Browser();
            await Login(browser, user.Email!);
            browsers.Add((browser, AntiforgeryToken(await Page(browser, "/login/2fa"))));
        }

        var answers = await Many(100, i => Post(browsers[i % 4].Http, "/login/2fa", ("__RequestVerificationToken", browsers[i % 4].Token), ("Input.Code", code)));

        answers.Count(answer => CookieOf(answer, SessionCookie) is not null).ShouldBe(1);
        answers.ShouldAllBe(answer => (int)answer.StatusCode < 500);
    }

    [Fact]
    public async Task Accepts_no_code_again_and_none_of_the_enrolment()
    {
        Site.Clock.Stop();
        var user = await AddUser();
        var (secret, _) = await Enrol(await SignIn(user));
        var browser = Site.Browser();
        await Login(browser, user.Email!);

        (await Second(browser, CodeNow(secret))).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        var code = NextCode(secret);
        (await Second(browser, code)).StatusCode.ShouldBe(HttpStatusCode.Redirect);
        var other = Site.Browser();
        await Login(other, user.Email!);
        (await Second(other, code)).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task Accepts_a_recovery_code_once_however_often_it_is_sent_at_once()
    {
        var user = await AddUser();
        var (_, codes) = await Enrol(await SignIn(user));
        var browser = Site.Browser();
        await Login(browser, user.Email!);
        var token = AntiforgeryToken(await Page(browser, "/login/2fa"));

        var answers = await Many(100, _ => Post(browser, "/login/2fa", ("__RequestVerificationToken", token), ("Input.RecoveryCode", codes[0].ToUpperInvariant())));

        answers.Count(answer => CookieOf(answer, SessionCookie) is not null).ShouldBe(1);
        answers.ShouldAllBe(answer => (int)answer.StatusCode < 500);
        (await Site.InDatabase(db => db.RecoveryCodes.CountAsync(Ct))).ShouldBe(9);
        (await Audited(user)).ShouldContain("recovery code used");
    }

    [Theory]
    [InlineData("Input.Code")]
    [InlineData("Input.RecoveryCode")]
    public async Task Counts_guesses_on_the_account_whatever_the_browser(string field)
    {
        var user = await AddUser();
        var (secret, _) = await Enrol(await SignIn(user));
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 8; i++)
        {
            var browser = Site.Browser();
            await Login(browser, user.Email!);
            statuses.Add((await Submit(browser, "/login/2fa", (field, field == "Input.Code" ? Wrong(CodeNow(secret)) : "aaaa-aaaa-aaaa-aaaa-aaaa-aaaa"))).StatusCode);
        }

        statuses.Take(5).ShouldAllBe(status => status == HttpStatusCode.UnprocessableEntity);
        statuses.Skip(5).ShouldAllBe(status => status == HttpStatusCode.TooManyRequests);
        var late = Site.Browser();
        await Login(late, user.Email!);
        (await Second(late, NextCode(secret))).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task Remembers_a_browser_until_the_password_changes()
    {
        var user = await AddUser();
        var (secret, _) = await Enrol(await SignIn(user));
        var browser = Site.Browser();
        await Login(browser, user.Email!);
        await Second(browser, NextCode(secret), ("Input.RememberBrowser", "true"));
        await Submit(browser, "/logout");

        (await Login(browser, user.Email!)).Headers.Location!.ToString().ShouldBe("/account");
        (await Submit(browser, "/account/password", ("Input.Current", Password), ("Input.New", "another horse battery staple"))).StatusCode.ShouldBe(HttpStatusCode.Redirect);
        await Submit(browser, "/logout");
        (await Login(browser, user.Email!, "another horse battery staple")).Headers.Location!.ToString().ShouldStartWith("/login/2fa");
    }

    [Theory]
    [InlineData("/account/two-factor/disable")]
    [InlineData("/account/tokens")]
    public async Task A_remembered_browser_alone_proves_nobody_before_something_sensitive(string url)
    {
        var user = await AddUser();
        var (secret, _) = await Enrol(await SignIn(user));
        var browser = Site.Browser();
        await Login(browser, user.Email!);
        await Second(browser, NextCode(secret), ("Input.RememberBrowser", "true"));
        (await browser.GetAsync(url, Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await Submit(browser, "/logout");
        await Login(browser, user.Email!);

        (await browser.GetAsync(url, Ct)).Headers.Location!.ToString().ShouldStartWith("/login/confirm");
        await Submit(browser, "/login/confirm", ("Input.Password", Password), ("Input.Code", NextCode(secret)));
        (await browser.GetAsync(url, Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Nobody_who_waits_at_the_second_step_can_replace_it()
    {
        var user = await AddUser();
        await Enrol(await SignIn(user));
        var browser = Site.Browser();
        await Login(browser, user.Email!);
        (await browser.GetAsync("/login/2fa/enrol", Ct)).Headers.Location!.ToString().ShouldBe("/login/2fa");
        var before = (await Reload(user)).SealedTotpSecret;

        var token = AntiforgeryToken(await Page(browser, "/login/2fa"));
        var answer = await Post(browser, "/login/2fa/enrol", ("__RequestVerificationToken", token), ("Input.Offer", "x"), ("Input.Code", "123456"), ("Input.AtSignIn", "true"));

        CookieOf(answer, SessionCookie).ShouldBeNull();
        (await Reload(user)).SealedTotpSecret.ShouldBe(before);
    }

    [Fact]
    public async Task A_secret_on_offer_is_one_persons_and_for_minutes_only()
    {
        var (one, other) = (await SignIn(await AddUser()), await SignIn(await AddUser()));
        var page = await Page(one, "/account/two-factor");
        (await Submit(other, "/account/two-factor", ("Input.Offer", Offer(page)), ("Input.Code", "123456"))).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);

        Site.Clock.Advance(TimeSpan.FromMinutes(9));
        page = await Page(one, "/account/two-factor");
        Site.Clock.Advance(TimeSpan.FromMinutes(16));
        await Submit(one, "/login/confirm", ("Input.Password", Password));
        (await (await Submit(one, "/account/two-factor", ("Input.Offer", Offer(page)), ("Input.Code", "123456"))).Content.ReadAsStringAsync(Ct)).ShouldContain("took too long");
    }

    [Theory]
    [InlineData("/account/two-factor")]
    [InlineData("/account/two-factor/recovery-codes")]
    [InlineData("/account/two-factor/disable")]
    public async Task A_stale_session_proves_itself_again_with_both_factors(string url)
    {
        var user = await AddUser();
        var browser = await SignIn(user);
        var (secret, _) = await Enrol(browser);
        var token = AntiforgeryToken(await Page(browser, "/account/two-factor/disable"));
        Site.Clock.Advance(TimeSpan.FromMinutes(11));

        (await browser.GetAsync(url, Ct)).Headers.Location!.ToString().ShouldBe("/login/confirm?returnUrl=" + Uri.EscapeDataString(url));
        (await Post(browser, url, ("__RequestVerificationToken", token))).Headers.Location!.ToString().ShouldStartWith("/login/confirm");
        (await Reload(user)).TwoFactorEnabled.ShouldBeTrue();
        (await Submit(browser, "/login/confirm", ("Input.Password", Password), ("Input.Code", Wrong(CodeNow(secret))))).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        var confirmed = await Submit(browser, $"/login/confirm?returnUrl={url}", ("Input.Password", Password), ("Input.Code", NextCode(secret)));
        confirmed.Headers.Location!.ToString().ShouldBe(url);
        CookieOf(confirmed, SessionCookie).ShouldNotBeNull();
        (await browser.GetAsync(url, Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Turning_it_off_or_on_ends_the_other_sessions()
    {
        var user = await AddUser();
        var (here, elsewhere) = (await SignIn(user), await SignIn(user));
        await Enrol(here);
        (await IsSignedIn(elsewhere)).ShouldBeFalse();
        (await IsSignedIn(here)).ShouldBeTrue();
        elsewhere = await SignedIn(user);

        (await Submit(here, "/account/two-factor/disable")).StatusCode.ShouldBe(HttpStatusCode.Redirect);

        (await IsSignedIn(elsewhere)).ShouldBeFalse();
        (await IsSignedIn(here)).ShouldBeTrue();
        (await Reload(user)).SealedTotpSecret.ShouldBeNull();
        (await Site.InDatabase(db => db.RecoveryCodes.CountAsync(Ct))).ShouldBe(0);
    }

    [Fact]
    public async Task New_recovery_codes_replace_the_old_and_can_be_saved_as_a_file()
    {
        var user = await AddUser();
        var browser = await SignIn(user);
        var (_, old) = await Enrol(browser);

        var page = await (await Submit(browser, "/account/two-factor/recovery-codes")).Content.ReadAsStringAsync(Ct);
        var sealedCodes = System.Text.RegularExpressions.Regex.Match(page, "name=\"codes\" value=\"([^\"]+)\"").Groups[1].Value;
        var file = await Post(browser, "/account/two-factor/recovery-codes/download", ("__RequestVerificationToken", AntiforgeryToken(page)), ("codes", sealedCodes));

        Codes(page).Length.ShouldBe(10);
        file.Content.Headers.ContentDisposition!.DispositionType.ShouldBe("attachment");
        (await file.Content.ReadAsStringAsync(Ct)).ShouldContain(string.Join('\n', Codes(page)));
        var other = Site.Browser();
        await Login(other, user.Email!);
        (await Submit(other, "/login/2fa", ("Input.RecoveryCode", old[0]))).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await Submit(other, "/login/2fa", ("Input.RecoveryCode", Codes(page)[3]))).StatusCode.ShouldBe(HttpStatusCode.Redirect);
    }

    [Fact]
    public async Task Whoever_must_have_it_enrols_before_the_session_begins()
    {
        var user = await AddUser();
        await using var strict = Site.WithWebHostBuilder(builder => builder.UseSetting("Signet:RequireTwoFactor", "Everyone"));
        var browser = strict.CreateClient(new WebApplicationFactoryClientOptions { BaseAddress = new Uri(Site.Issuer), AllowAutoRedirect = false });

        var first = await Login(browser, user.Email!);
        first.Headers.Location!.ToString().ShouldStartWith("/login/2fa/enrol");
        (await IsSignedIn(browser)).ShouldBeFalse();
        var (_, codes) = await Enrol(browser, "/login/2fa/enrol");

        codes.Length.ShouldBe(10);
        (await IsSignedIn(browser)).ShouldBeTrue();
        (await Site.InDatabase(db => db.Sessions.SingleAsync(Ct))).Methods.ShouldBe(["pwd", "otp", "mfa"]);
    }

    public sealed class OnPostgres(PostgresSite site) : TwoFactorTests(site);

    public sealed class OnSqlite(SqliteSite site) : TwoFactorTests(site);
}
