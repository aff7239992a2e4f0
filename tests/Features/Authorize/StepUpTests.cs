using System.Net;
using Microsoft.EntityFrameworkCore;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.Identity;

namespace Signet.Tests.Features.Authorize;

/// <summary>Stronger sign-in on demand: RFC 9470, and the claim <c>acr</c> of OpenID Connect Core §5.5.1.1.</summary>
public sealed class StepUpTests(PostgresSite site) : PeopleTest(site)
{
    private const string Essential = """{"id_token":{"acr":{"essential":true,"values":["aal2"]}}}""";

    [Theory]
    [InlineData("acr_values", "aal2")]
    [InlineData("claims", Essential)]
    public async Task A_session_of_one_factor_passes_the_second_and_goes_on_as_the_same_session(string name, string value)
    {
        var (client, secret) = await AddClient(skipsConsent: true);
        var user = await AddUser();
        var (totp, _) = await Enrol(await SignIn(user));
        var browser = Site.Browser();
        browser.DefaultRequestHeaders.Add("Cookie", $"{SessionCookie}={await AddSession(user)}");
        var session = await Site.InDatabase(db => db.Sessions.OrderByDescending(session => session.CreatedAt).FirstAsync(Ct));
        (await Acr(client, secret, await browser.GetAsync(FlowTest.AuthorizeUrl(client), Ct))).ShouldBe("aal1");

        var asked = (await browser.GetAsync(FlowTest.AuthorizeUrl(client, (name, value)), Ct)).Headers.Location!.OriginalString;
        asked.ShouldStartWith("/login/2fa?returnUrl=");
        var wrong = await Submit(browser, asked, ("Input.Code", "000000"));
        wrong.Headers.Location.ShouldBeNull();
        var passed = await Submit(browser, asked, ("Input.Code", NextCode(totp)));

        browser.DefaultRequestHeaders.Remove("Cookie");
        browser.DefaultRequestHeaders.Add("Cookie", CookieOf(passed, SessionCookie)!.Split(';')[0]);
        (await Acr(client, secret, await browser.GetAsync(passed.Headers.Location, Ct))).ShouldBe("aal2");
        var after = await Site.InDatabase(db => db.Sessions.AsNoTracking().SingleAsync(row => row.Id == session.Id, Ct));
        (after.EndedAt, after.AuthenticatedAt).ShouldBe((null, session.AuthenticatedAt));
        after.Methods.ShouldBe(["pwd", "otp", "mfa"]);
        (await Site.InDatabase(db => db.Grants.CountAsync(grant => grant.RevokedAt != null, Ct))).ShouldBe(0);
    }

    [Fact]
    public async Task The_browser_is_remembered_where_the_person_says_so()
    {
        var (client, _) = await AddClient(skipsConsent: true);
        var user = await AddUser();
        var (totp, _) = await Enrol(await SignIn(user));
        var browser = Site.Browser();
        browser.DefaultRequestHeaders.Add("Cookie", $"{SessionCookie}={await AddSession(user)}");
        var asked = (await browser.GetAsync(FlowTest.AuthorizeUrl(client, ("acr_values", "aal2")), Ct)).Headers.Location!.OriginalString;

        var passed = await Submit(browser, asked, ("Input.Code", NextCode(totp)), ("Input.RememberBrowser", "true"));

        CookieOf(passed, Doorway.RememberedCookie).ShouldNotBeNull();
    }

    [Fact]
    public async Task Whoever_has_no_second_factor_enrols_one_on_the_way()
    {
        var (client, secret) = await AddClient(skipsConsent: true);
        var user = await AddUser();
        var browser = await SignIn(user);

        var asked = (await browser.GetAsync(FlowTest.AuthorizeUrl(client, ("acr_values", "aal2")), Ct)).Headers.Location!.OriginalString;
        asked.ShouldStartWith("/login/2fa/enrol?returnUrl=");
        await Enrol(browser, asked);

        var back = Uri.UnescapeDataString(asked["/login/2fa/enrol?returnUrl=".Length..]);
        (await Acr(client, secret, await browser.GetAsync(back, Ct))).ShouldBe("aal2");
    }

    [Fact] // ASVS 7.5.3
    public async Task An_unlocked_screen_is_not_enough_to_enrol_on_the_way()
    {
        var (client, _) = await AddClient(skipsConsent: true);
        var browser = await SignIn(await AddUser());
        Site.Clock.Advance(TimeSpan.FromMinutes(11));

        var asked = (await browser.GetAsync(FlowTest.AuthorizeUrl(client, ("acr_values", "aal2")), Ct)).Headers.Location!.OriginalString;
        asked.ShouldStartWith("/login/confirm?returnUrl=%2Foauth%2Fauthorize");
        (await browser.GetAsync("/login/2fa/enrol", Ct)).Headers.Location!.OriginalString.ShouldStartWith("/login");
        var confirmed = await Submit(browser, asked, ("Input.Password", Password));

        (await browser.GetAsync(confirmed.Headers.Location, Ct)).Headers.Location!.OriginalString.ShouldStartWith("/login/2fa/enrol");
    }

    [Fact]
    public async Task A_step_that_waits_is_of_no_use_once_the_session_is_gone_or_another_person_is_in()
    {
        var (client, _) = await AddClient(skipsConsent: true);
        var (user, other) = (await AddUser(), await AddUser());
        var (totp, _) = await Enrol(await SignIn(user));
        var browser = Site.Browser();
        browser.DefaultRequestHeaders.Add("Cookie", $"{SessionCookie}={await AddSession(user)}");
        var asked = (await browser.GetAsync(FlowTest.AuthorizeUrl(client, ("acr_values", "aal2")), Ct)).Headers.Location!.OriginalString;
        browser.DefaultRequestHeaders.Remove("Cookie");
        browser.DefaultRequestHeaders.Add("Cookie", $"{SessionCookie}={await AddSession(other)}");

        var passed = await Submit(browser, asked, ("Input.Code", NextCode(totp)));

        passed.Headers.Location!.OriginalString.ShouldStartWith("/login");
        CookieOf(passed, SessionCookie).ShouldBeNull();
    }

    [Fact]
    public async Task What_cannot_be_reached_is_refused_when_it_is_essential_and_nothing_is_asked_silently()
    {
        var (client, secret) = await AddClient(skipsConsent: true);
        var browser = await SignIn(await AddUser());
        var (defaulting, _) = await AddClient(skipsConsent: true, change: client => client.Settings = new ClientSettings { DefaultAcrValues = ["aal2"] });

        (await Error(browser, client, ("claims", """{"id_token":{"acr":{"essential":true,"value":"urn:example:gold"}}}"""))).ShouldBe("unmet_authentication_requirements");
        (await Error(browser, client, ("acr_values", "aal2"), ("prompt", "none"))).ShouldBe("interaction_required");
        (await browser.GetAsync(FlowTest.AuthorizeUrl(defaulting), Ct)).Headers.Location!.OriginalString.ShouldStartWith("/login/2fa/enrol");
        (await Acr(client, secret, await browser.GetAsync(FlowTest.AuthorizeUrl(client, ("claims", """{"id_token":{"acr":{"essential":true,"values":["urn:example:gold","aal1"]}}}""")), Ct))).ShouldBe("aal1");
    }

    [Fact]
    public async Task Two_factors_answer_a_request_for_one_in_its_own_words()
    {
        var (client, secret) = await AddClient(skipsConsent: true);
        var browser = await SignedIn(await AddUser(), "pwd", "otp", "mfa");

        (await Acr(client, secret, await browser.GetAsync(FlowTest.AuthorizeUrl(client, ("claims", Essential.Replace("aal2", "aal1", StringComparison.Ordinal))), Ct))).ShouldBe("aal1");
        (await Acr(client, secret, await browser.GetAsync(FlowTest.AuthorizeUrl(client, ("acr_values", "aal1 aal2")), Ct))).ShouldBe("aal2");
    }

    private static async Task<string> Error(HttpClient browser, Client client, params (string, string?)[] changes) =>
        Query(await browser.GetAsync(FlowTest.AuthorizeUrl(client, changes), Ct))["error"].ToString();

    private static Dictionary<string, Microsoft.Extensions.Primitives.StringValues> Query(HttpResponseMessage response)
    {
        response.StatusCode.ShouldBe(HttpStatusCode.SeeOther, response.Headers.Location?.OriginalString);
        return Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(response.Headers.Location!.Query);
    }

    private async Task<string> Acr(Client client, string secret, HttpResponseMessage response)
    {
        var tokens = await Json(await PostAs(Site.Browser(), client.Id, secret, "/oauth/token",
            ("grant_type", "authorization_code"), ("code", Query(response)["code"].ToString()), ("redirect_uri", client.RedirectUris[0]), ("code_verifier", FlowTest.Verifier)));
        return new Microsoft.IdentityModel.JsonWebTokens.JsonWebToken(tokens.GetProperty("id_token").GetString()).GetPayloadValue<string>("acr");
    }
}
