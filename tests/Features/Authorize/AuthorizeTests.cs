using System.Net;
using Microsoft.EntityFrameworkCore;

namespace Signet.Tests.Features.Authorize;

/// <summary>The authorization endpoint: RFC 6749 §4.1, RFC 7636, RFC 9207, OpenID Connect Core §3.1.2.</summary>
public abstract class AuthorizeTests(Site site) : FlowTest(site)
{
    [Fact]
    public async Task Asks_for_consent_once_and_then_answers_with_code_state_and_issuer()
    {
        var (client, _) = await AddClient();
        var browser = await SignedIn(await AddUser());

        var first = await Authorize(browser, client);
        var second = Answer(await browser.GetAsync(AuthorizeUrl(client), Ct));

        first.Keys.ShouldBe(["code", "state", "iss"], ignoreOrder: true);
        first["state"].ShouldBe("s1");
        first["iss"].ShouldBe(Site.Issuer);
        second["code"].ShouldNotBe(first["code"]);
    }

    [Fact]
    public async Task Sends_whoever_is_not_signed_in_to_the_sign_in_page_and_back()
    {
        var (client, _) = await AddClient();

        var response = await Site.Browser().GetAsync(AuthorizeUrl(client, ("login_hint", "ada@example.test")), Ct);

        response.Headers.Location!.OriginalString.ShouldStartWith("/login?returnUrl=%2Foauth%2Fauthorize%3Fclient_id");
        response.Headers.Location.OriginalString.ShouldEndWith("&loginHint=ada%40example.test");
    }

    [Fact]
    public async Task Tells_the_app_when_the_person_denies()
    {
        var (client, _) = await AddClient();
        var browser = await SignedIn(await AddUser());
        var consent = (await browser.GetAsync(AuthorizeUrl(client), Ct)).Headers.Location!.OriginalString;
        var returnUrl = Uri.UnescapeDataString(consent["/consent?returnUrl=".Length..]);

        var answer = Answer(await Submit(browser, consent, "/consent?handler=Deny", ("returnUrl", returnUrl)));

        answer["error"].ShouldBe("access_denied");
        answer["state"].ShouldBe("s1");
        answer["iss"].ShouldBe(Site.Issuer);
    }

    [Fact]
    public async Task Consent_page_names_the_app_the_scopes_in_words_and_where_it_leads()
    {
        await AddApi();
        var (client, _) = await AddClient(scopes: ["openid", "notes.read"]);
        var browser = await SignedIn(await AddUser());

        var page = await browser.GetAsync((await browser.GetAsync(AuthorizeUrl(client), Ct)).Headers.Location, Ct);

        var html = await page.Content.ReadAsStringAsync(Ct);
        html.ShouldContain("Notes");
        html.ShouldContain("Know who you are");
        html.ShouldContain("Use notes.read");
        html.ShouldContain("https://app.test");
        page.Headers.GetValues("Content-Security-Policy").Single().ShouldContain("form-action 'self' https://app.test");
    }

    [Theory] // an address that is not exactly a registered one: said here, never sent there
    [InlineData("https://app.test.evil.test/cb")]
    [InlineData("https://evil.test/")]
    [InlineData("https://app.test/cb/..%2f..%2fevil")]
    [InlineData("https://app.test/cb%252f..%252fevil")]
    [InlineData("https://app.test/cb/..;/evil")]
    [InlineData("https://app.test/CB")]
    [InlineData("HTTPS://APP.TEST/cb")]
    [InlineData("https://app.test/cb#x")]
    [InlineData("https://app.test/cb/")]
    [InlineData("https://app.test/cb?x=1")]
    [InlineData("https://app.test:443/cb")]
    [InlineData("https://user@app.test/cb")]
    [InlineData("https://аpp.test/cb")]
    [InlineData(" https://app.test/cb")]
    [InlineData("//app.test/cb")]
    [InlineData("javascript:alert(1)")]
    [InlineData(null)]
    public async Task Never_sends_anyone_to_an_address_that_is_not_registered(string? redirectUri)
    {
        var (client, _) = await AddClient();
        var browser = await SignedIn(await AddUser());

        var good = await browser.GetAsync(AuthorizeUrl(client, ("redirect_uri", redirectUri)), Ct);
        var bogus = await browser.GetAsync(AuthorizeUrl(client, ("redirect_uri", redirectUri), ("response_type", "bogus")), Ct);

        ShouldBeRefusedHere(good);
        ShouldBeRefusedHere(bogus);
    }

    [Theory]
    [InlineData("https://foo.example.test/cb", "https://fooaexample.test/cb")]
    [InlineData("https://app.test/a.b", "https://app.test/aXb")]
    public async Task Takes_a_registered_address_literally(string registered, string requested)
    {
        var (client, _) = await AddClient(redirectUris: [registered]);

        ShouldBeRefusedHere(await (await SignedIn(await AddUser())).GetAsync(AuthorizeUrl(client, ("redirect_uri", requested)), Ct));
    }

    [Fact]
    public async Task Refuses_here_what_an_unknown_or_disabled_client_or_a_doubled_address_asks()
    {
        var (client, _) = await AddClient();
        var (disabled, _) = await AddClient(change: client => client.DisabledAt = client.CreatedAt);
        var browser = await SignedIn(await AddUser());

        ShouldBeRefusedHere(await browser.GetAsync(AuthorizeUrl(client, ("client_id", "unknown"), ("redirect_uri", "https://evil.test/")), Ct));
        ShouldBeRefusedHere(await browser.GetAsync(AuthorizeUrl(disabled), Ct));
        ShouldBeRefusedHere(await browser.GetAsync(AuthorizeUrl(client) + "&redirect_uri=https%3A%2F%2Fevil.test", Ct));
    }

    [Fact]
    public async Task Loopback_addresses_may_use_any_port()
    {
        var (client, _) = await AddClient(redirectUris: ["http://127.0.0.1/cb"], isPublic: true, skipsConsent: true);

        var response = await (await SignedIn(await AddUser())).GetAsync(AuthorizeUrl(client, ("redirect_uri", "http://127.0.0.1:49152/cb")), Ct);

        response.Headers.Location!.OriginalString.ShouldStartWith("http://127.0.0.1:49152/cb?code=");
    }

    [Theory]
    [InlineData("response_type", "token", "unsupported_response_type")]
    [InlineData("response_type", "id_token token", "unsupported_response_type")]
    [InlineData("response_type", null, "invalid_request")]
    [InlineData("response_mode", "pigeon", "invalid_request")]
    [InlineData("code_challenge", null, "invalid_request")]
    [InlineData("code_challenge", "short", "invalid_request")]
    [InlineData("code_challenge_method", "plain", "invalid_request")]
    [InlineData("code_challenge_method", null, "invalid_request")]
    [InlineData("request", "eyJhbGciOiJub25lIn0.e30.", "invalid_request_object")]
    [InlineData("request_uri", "http://listener.test/x", "request_uri_not_supported")]
    [InlineData("prompt", "none login", "invalid_request")]
    [InlineData("prompt", "dance", "invalid_request")]
    [InlineData("max_age", "-1", "invalid_request")]
    [InlineData("scope", "openid unknown", "invalid_scope")]
    [InlineData("scope", "openid \"x\"", "invalid_scope")]
    [InlineData("resource", "https://other.test", "invalid_target")]
    public async Task Tells_the_app_what_is_wrong_with_its_request(string name, string? value, string error)
    {
        var (client, _) = await AddClient();

        var answer = Answer(await (await SignedIn(await AddUser())).GetAsync(AuthorizeUrl(client, (name, value)), Ct));

        answer["error"].ShouldBe(error);
        answer["state"].ShouldBe("s1");
        answer["iss"].ShouldBe(Site.Issuer);
        answer.ShouldNotContainKey("code");
        answer["error_description"].ShouldAllBe(character => character >= ' ' && character <= '~' && character != '"' && character != '\\');
    }

    [Fact]
    public async Task Refuses_a_client_that_is_not_registered_for_codes()
    {
        var (client, _) = await AddClient(grants: ["client_credentials"]);

        Answer(await (await SignedIn(await AddUser())).GetAsync(AuthorizeUrl(client), Ct))["error"].ShouldBe("unauthorized_client");
    }

    [Fact]
    public async Task Prompt_none_never_shows_a_page()
    {
        var (client, _) = await AddClient();
        var browser = await SignedIn(await AddUser());

        Answer(await Site.Browser().GetAsync(AuthorizeUrl(client, ("prompt", "none")), Ct))["error"].ShouldBe("login_required");
        Answer(await browser.GetAsync(AuthorizeUrl(client, ("prompt", "none")), Ct))["error"].ShouldBe("consent_required");
        await Authorize(browser, client);
        Answer(await browser.GetAsync(AuthorizeUrl(client, ("prompt", "none")), Ct)).ShouldContainKey("code");
    }

    [Fact]
    public async Task Prompt_login_and_max_age_want_a_newer_sign_in()
    {
        var (client, _) = await AddClient(skipsConsent: true);
        var user = await AddUser();
        var browser = await SignedIn(user);
        Site.Clock.Advance(TimeSpan.FromMinutes(2));

        var byPrompt = await browser.GetAsync(AuthorizeUrl(client, ("prompt", "login")), Ct);
        var byAge = await browser.GetAsync(AuthorizeUrl(client, ("max_age", "60")), Ct);
        var oldEnough = Answer(await browser.GetAsync(AuthorizeUrl(client, ("max_age", "600")), Ct));

        byPrompt.Headers.Location!.OriginalString.ShouldStartWith("/login?returnUrl=");
        byAge.Headers.Location!.OriginalString.ShouldStartWith("/login?returnUrl=");
        oldEnough.ShouldContainKey("code");

        // A newer sign-in satisfies that very request, and a note for one request does not fit another.
        Site.Clock.Advance(TimeSpan.FromSeconds(1));
        var back = Uri.UnescapeDataString(byPrompt.Headers.Location.OriginalString["/login?returnUrl=".Length..]);
        await SignInAgain(browser, user);
        Answer(await browser.GetAsync(back, Ct)).ShouldContainKey("code");
        (await browser.GetAsync(back.Replace("state=s1", "state=s2", StringComparison.Ordinal), Ct)).Headers.Location!.OriginalString.ShouldStartWith("/login");
    }

    [Fact]
    public async Task Form_post_answers_with_an_encoded_form_that_leads_only_to_the_app()
    {
        var (client, _) = await AddClient(skipsConsent: true);
        const string State = "\"><script>alert(1)</script>";

        var response = await (await SignedIn(await AddUser())).GetAsync(AuthorizeUrl(client, ("response_mode", "form_post"), ("state", State)), Ct);

        var html = await response.Content.ReadAsStringAsync(Ct);
        html.ShouldNotContain("<script>alert");
        html.ShouldContain("&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;");
        response.Headers.GetValues("Content-Security-Policy").Single().ShouldContain("form-action https://app.test;");
    }

    [Fact]
    public async Task A_posted_request_goes_on_as_a_get()
    {
        var (client, _) = await AddClient();

        var response = await Post(Site.Browser(), "/oauth/authorize", [.. Parameters(client).Select(pair => (pair.Key, pair.Value!))]);

        response.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        response.Headers.Location!.OriginalString.ShouldStartWith("/oauth/authorize?client_id=");
    }

    [Fact]
    public async Task A_consent_that_was_given_for_less_is_asked_again_for_more()
    {
        var (client, _) = await AddClient();
        var browser = await SignedIn(await AddUser());
        await Authorize(browser, client, ("scope", "openid"));

        (await browser.GetAsync(AuthorizeUrl(client, ("scope", "openid email")), Ct)).Headers.Location!.OriginalString.ShouldStartWith("/consent");
        Answer(await browser.GetAsync(AuthorizeUrl(client, ("scope", "openid")), Ct)).ShouldContainKey("code");
    }

    [Theory] // long ones are real: some clients keep all that they know in it, sealed
    [InlineData("s", 4096, true)]
    [InlineData("s", 4097, false)]
    [InlineData("%", 1365, true)]
    [InlineData("%", 1366, false)]
    public async Task A_long_state_comes_back_whole_by_way_of_consent(string text, int times, bool isCarried)
    {
        var (client, _) = await AddClient();
        var state = string.Concat(Enumerable.Repeat(text, times));

        var answer = await Authorize(await SignedIn(await AddUser()), client, ("state", state));

        answer.GetValueOrDefault("error").ShouldBe(isCarried ? null : "invalid_request");
        if (isCarried)
            answer["state"].ShouldBe(state);
    }

    [Fact]
    public async Task Huge_parameters_are_refused_and_leave_no_row()
    {
        var (client, _) = await AddClient();
        var browser = await SignedIn(await AddUser());

        Answer(await browser.GetAsync(AuthorizeUrl(client, ("scope", string.Join(' ', Enumerable.Repeat("openid", 2000)))), Ct))["error"].ShouldBe("invalid_scope");
        (await Post(browser, "/oauth/authorize", ("client_id", client.Id), ("state", new string('s', 60_000)))).StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        Answer(await browser.GetAsync(AuthorizeUrl(client, ("nonce", new string('n', 5000))), Ct))["error"].ShouldBe("invalid_request");
        (await Site.InDatabase(db => db.Grants.CountAsync(Ct))).ShouldBe(0);
    }

    private static void ShouldBeRefusedHere(HttpResponseMessage response)
    {
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        response.Headers.Location.ShouldBeNull();
        response.Headers.CacheControl!.NoStore.ShouldBeTrue();
    }

    public sealed class OnPostgres(PostgresSite site) : AuthorizeTests(site);

    public sealed class OnSqlite(SqliteSite site) : AuthorizeTests(site);
}
