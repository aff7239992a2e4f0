using System.Net;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.IdentityModel.JsonWebTokens;
using Signet.Infrastructure.OAuth;

namespace Signet.Tests.Attacks;

/// <summary>Steps of a sign-in that are left out, prepared by somebody else, or carried over from another place.</summary>
public sealed class StolenStepsTests(PostgresSite site) : PeopleTest(site)
{
    private const string Pending = "__Host-signet.pending";
    private const string Remembered = "__Host-signet.remembered";

    [Fact] // T092
    public async Task Between_password_and_second_step_nothing_is_open()
    {
        var user = await AddUser(isAdmin: true);
        var (client, _) = await AddClient(skipsConsent: true);
        await Enrol(await SignIn(user));
        var browser = Site.Browser();
        await Login(browser, user.Email!);
        var token = AntiforgeryToken(await Page(browser, "/login/2fa"));

        foreach (var url in new[] { "/account", "/account/tokens", "/apps", "/apps/new", "/admin", "/admin/jobs", "/login/confirm", "/consent?returnUrl=%2Foauth%2Fauthorize", FlowTest.AuthorizeUrl(client) })
            (url, (await browser.GetAsync(url, Ct)).Headers.Location?.OriginalString.StartsWith("/login?returnUrl=", StringComparison.Ordinal)).ShouldBe((url, true));
        foreach (var url in new[] { "/consent?handler=Allow", "/account/two-factor/disable", "/account/two-factor", "/account/password", "/login/confirm" })
        {
            var answer = await Post(browser, url, ("__RequestVerificationToken", token), ("returnUrl", FlowTest.AuthorizeUrl(client)), ("Input.New", "seven quiet lanterns drift"));
            (url, answer.Headers.Location?.OriginalString).ShouldBe((url, "/login?returnUrl=%2F"));
        }

        (await browser.GetAsync(FlowTest.AuthorizeUrl(client, ("prompt", "none")), Ct)).Headers.Location!.Query.ShouldContain("error=login_required");
        (await Site.InDatabase(db => db.Consents.CountAsync(Ct))).ShouldBe(0);
        (await Reload(user)).TwoFactorEnabled.ShouldBeTrue();
    }

    [Fact] // T098
    public async Task A_cookie_of_one_purpose_or_person_is_worth_nothing_as_another()
    {
        var (user, other) = (await AddUser(), await AddUser());
        var (secret, _) = await Enrol(await SignIn(user));
        await Enrol(await SignIn(other));
        var cookies = new CookieContainer();
        var browser = Site.Watched(cookies);
        await Login(browser, user.Email!);
        var pending = Value(cookies, Pending);
        await Submit(browser, "/login/2fa", ("Input.Code", NextCode(secret)), ("Input.RememberBrowser", "true"));
        var remembered = Value(cookies, Remembered);
        string[] forged = [pending, remembered, Value(cookies, "__Host-signet.antiforgery"), $"{user.Id}|{user.SecurityStamp}|9999999999", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{user.Id}|{user.SecurityStamp}|9999999999")), ""];

        foreach (var value in forged)
        {
            foreach (var name in new[] { SessionCookie, "__Host-signet.external", Pending })
                (await IsSignedIn(With(name, value))).ShouldBeFalse();
            if (value != pending)
                (await With(Pending, value).GetAsync("/login/2fa", Ct)).Headers.Location!.OriginalString.ShouldStartWith("/login");
            if (value != remembered)
                (await Login(With(Remembered, value), user.Email!)).Headers.Location!.OriginalString.ShouldStartWith("/login/2fa");
        }

        (await Login(With(Remembered, remembered), user.Email!)).Headers.Location!.OriginalString.ShouldBe("/account"); // it is the right one for its person
        (await Login(With(Remembered, remembered), other.Email!)).Headers.Location!.OriginalString.ShouldStartWith("/login/2fa"); // and for nobody else
    }

    [Fact] // T099
    public async Task Every_step_up_gives_a_new_key_and_the_old_one_is_dead()
    {
        var user = await AddUser();
        var cookies = new CookieContainer();
        var browser = Site.Watched(cookies);
        var keys = new List<string>();
        (byte[] secret, string[] codes) = ([], []);
        Func<Task>[] steps =
        [
            () => Login(browser, user.Email!),
            async () => (secret, codes) = await Enrol(browser),
            () => Submit(browser, "/login/confirm", ("Input.Password", Password), ("Input.Code", NextCode(secret))),
            () => Submit(browser, "/account/password", ("Input.Current", Password), ("Input.New", "seven quiet lanterns drift")),
            async () =>
            {
                await Login(browser, user.Email!, "seven quiet lanterns drift");
                await Submit(browser, "/login/2fa", ("Input.Code", NextCode(secret)));
            },
            () => Submit(browser, "/account/two-factor/disable"),
        ];

        foreach (var step in steps)
        {
            await step();
            keys.Add(Value(cookies, SessionCookie));
            (await IsSignedIn(browser)).ShouldBeTrue();
            foreach (var old in keys[..^1])
                (await IsSignedIn(With(SessionCookie, old))).ShouldBeFalse();
        }

        keys.Distinct().Count().ShouldBe(steps.Length);
        await Submit(browser, "/logout");
        (await IsSignedIn(With(SessionCookie, keys[^1]))).ShouldBeFalse();
    }

    [Fact] // T093
    public async Task A_remembered_browser_is_no_second_factor_in_what_apps_are_told()
    {
        var user = await AddUser();
        var (client, secret) = await AddClient(skipsConsent: true, scopes: ["openid"]);
        var (totp, _) = await Enrol(await SignIn(user));
        var browser = Site.Browser();
        await Login(browser, user.Email!);
        await Submit(browser, "/login/2fa", ("Input.Code", NextCode(totp)), ("Input.RememberBrowser", "true"));

        (await Methods()).ShouldBe(["pwd", "otp", "mfa"]);
        await Submit(browser, "/logout");
        (await Login(browser, user.Email!)).Headers.Location!.OriginalString.ShouldBe("/account");
        (await Methods()).ShouldBe(["pwd"]);

        async Task<string[]> Methods()
        {
            var code = (await browser.GetAsync(FlowTest.AuthorizeUrl(client), Ct)).Headers.Location!.Query.Split("code=")[1].Split('&')[0];
            var tokens = await Json(await PostAs(Site.Browser(), client.Id, secret, "/oauth/token",
                ("grant_type", "authorization_code"), ("code", Uri.UnescapeDataString(code)), ("redirect_uri", FlowTest.RedirectUri), ("code_verifier", FlowTest.Verifier)));
            return new JsonWebToken(tokens.GetProperty("id_token").GetString()).GetPayloadValue<string[]>("amr");
        }
    }

    [Theory] // T093
    [InlineData("/signup")]
    [InlineData("/setup")]
    public async Task Where_everyone_needs_a_second_step_no_new_account_is_let_in_without(string door)
    {
        await using var strict = Site.WithWebHostBuilder(host => host.UseSetting("Signet:RequireTwoFactor", "Everyone"));
        var browser = strict.CreateClient(new() { BaseAddress = new Uri(Site.Issuer), AllowAutoRedirect = false });
        var code = new Signet.Infrastructure.Secret(OpaqueValue.Random(OpaqueValue.SecretLength));
        await Site.InDatabase(db =>
        {
            db.Add(new Signet.Infrastructure.Data.SetupCode { Hash = code.Hash(), ExpiresAt = Site.Clock.GetUtcNow().AddHours(1) });
            return db.SaveChangesAsync(Ct);
        });

        var answer = await Submit(browser, $"{door}?code={code.Text}", ("Input.Code", code.Text), ("Input.Name", "Ada"), ("Input.Email", "ada@example.test"), ("Input.Password", "seven quiet lanterns drift"));

        answer.Headers.Location!.OriginalString.ShouldStartWith("/login/2fa/enrol");
        (await IsSignedIn(browser)).ShouldBeFalse();
        (await Site.InDatabase(db => db.Sessions.CountAsync(Ct))).ShouldBe(0);
    }

    [Fact] // T108
    public async Task An_app_is_nobody_who_can_sign_in()
    {
        var (client, secret) = await AddClient(change: client => client.Name = "backup");
        var token = (await Json(await PostAs(Site.Browser(), client.Id, secret, "/oauth/token", ("grant_type", "client_credentials")))).GetProperty("access_token").GetString()!;

        (await Login(Site.Browser(), client.Id, secret)).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await Login(Site.Browser(), $"{client.Id}@id.test", secret)).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        var browser = Site.Browser();
        browser.DefaultRequestHeaders.Authorization = new("Bearer", token);
        (await IsSignedIn(browser)).ShouldBeFalse();
        (await browser.GetAsync("/oauth/userinfo", Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await IsSignedIn(With(SessionCookie, token))).ShouldBeFalse();
    }

    [Fact] // T113
    public async Task Every_cookie_of_a_whole_stay_is_closed_to_scripts_and_bound_to_the_host()
    {
        var user = await AddUser();
        var set = new List<string>();
        var browser = Site.Watched(new CookieContainer(), answer => set.AddRange(answer.Headers.TryGetValues("Set-Cookie", out var cookies) ? cookies : []));
        await Login(browser, user.Email!);
        var (secret, _) = await Enrol(browser);
        await Submit(browser, "/account/profile", ("Input.Name", "Ada Lovelace"));
        await Submit(browser, "/logout");
        await Post(browser, "/login", ("__RequestVerificationToken", AntiforgeryToken(await Page(browser, "/login"))), ("Input.Email", user.Email!), ("Input.Password", Password), ("Input.Remember", "true"));
        await Submit(browser, "/login/2fa", ("Input.Code", NextCode(secret)), ("Input.RememberBrowser", "true"));
        await browser.GetAsync(FlowTest.AuthorizeUrl((await AddClient()).Client, ("prompt", "login")), Ct);

        set.Select(cookie => cookie.Split('=')[0]).Distinct().Order(StringComparer.Ordinal).ShouldBe(
            ["__Host-signet.antiforgery", "__Host-signet.interaction", "__Host-signet.notice", Pending, Remembered, SessionCookie], ignoreOrder: true);
        set.ShouldAllBe(cookie => Regex.IsMatch(cookie, "; path=/(;|$)", RegexOptions.IgnoreCase) && Regex.IsMatch(cookie, "; secure", RegexOptions.IgnoreCase)
            && Regex.IsMatch(cookie, "; samesite=(lax|strict)", RegexOptions.IgnoreCase) && Regex.IsMatch(cookie, "; httponly", RegexOptions.IgnoreCase) && !cookie.Contains("domain=", StringComparison.OrdinalIgnoreCase));
    }

    private static string Value(CookieContainer cookies, string name) => cookies.GetCookies(new Uri(Site.Issuer))[name]?.Value ?? throw new InvalidOperationException($"There is no {name}.");

    private HttpClient With(string cookie, string value)
    {
        var cookies = new CookieContainer();
        cookies.Add(new Uri(Site.Issuer), new Cookie(cookie, value) { Secure = true });
        return Site.Watched(cookies);
    }
}
