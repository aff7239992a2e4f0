using System.Net;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Signet.Infrastructure.Data;

namespace Signet.Tests.Features.Authorize;

/// <summary>Pushed authorization requests, RFC 9126.</summary>
public abstract class PushAuthorizationTests(Site site) : FlowTest(site)
{
    [Fact]
    public async Task A_pushed_request_is_answered_with_a_name_that_leads_to_a_code()
    {
        var (client, secret) = await AddClient(skipsConsent: true);

        var pushed = await Push(client, secret);

        pushed.StatusCode.ShouldBe(HttpStatusCode.Created);
        pushed.Headers.CacheControl!.NoStore.ShouldBeTrue();
        var json = await Json(pushed);
        Text(json, "request_uri").ShouldStartWith("urn:ietf:params:oauth:request_uri:");
        Text(json, "request_uri").Length.ShouldBeGreaterThan(34 + 40);
        json.GetProperty("expires_in").GetInt64().ShouldBe(90);
        var answer = Answer(await (await SignedIn(await AddUser())).GetAsync(Url(client, Text(json, "request_uri")), Ct));
        (answer["state"], answer["iss"]).ShouldBe(("s1", Site.Issuer));
        var tokens = await Json(await Redeem(client, secret, answer["code"]));
        Jwt(Text(tokens, "id_token")).GetPayloadValue<string>("nonce").ShouldBe("n1");
    }

    [Fact]
    public async Task A_public_app_pushes_without_a_secret()
    {
        var (client, _) = await AddClient(isPublic: true, skipsConsent: true);

        var uri = Text(await Json(await Push(client, null)), "request_uri");

        Answer(await (await SignedIn(await AddUser())).GetAsync(Url(client, uri), Ct)).ShouldContainKey("code");
    }

    [Fact]
    public async Task Nothing_but_the_name_stands_in_addresses_while_the_person_signs_in_and_consents()
    {
        var (client, secret) = await AddClient();
        var user = await AddUser();
        var uri = Text(await Json(await Push(client, secret)), "request_uri");
        var browser = Site.Browser();

        var login = (await browser.GetAsync(Url(client, uri) + "&state=other&scope=admin&redirect_uri=https%3A%2F%2Fevil.test", Ct)).Headers.Location!.OriginalString;
        ShouldNameOnlyTheRequest(login);
        Site.Clock.Advance(TimeSpan.FromMinutes(8)); // longer than the name lives: who began in time may finish
        var onward = await Submit(browser, login, ("Input.Email", user.Email!), ("Input.Password", Password));
        var consent = (await browser.GetAsync(onward.Headers.Location, Ct)).Headers.Location!.OriginalString;
        ShouldNameOnlyTheRequest(consent);
        var page = await browser.GetAsync(consent, Ct);
        page.Headers.GetValues("Content-Security-Policy").Single().ShouldContain("form-action 'self' https://app.test");
        (await page.Content.ReadAsStringAsync(Ct)).ShouldContain("See your e-mail address");
        var allowed = await Submit(browser, consent, "/consent?handler=Allow", ("returnUrl", QueryHelpers.ParseQuery(consent[8..])["returnUrl"].ToString()));

        var answer = Answer(await browser.GetAsync(allowed.Headers.Location, Ct));

        answer["state"].ShouldBe("s1");
        (await Redeem(client, secret, answer["code"])).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact] // T033, and the suite's two rules: looking at the page does not use it up, a code does
    public async Task It_may_be_opened_until_a_code_is_issued_and_never_after()
    {
        var (client, secret) = await AddClient(skipsConsent: true);
        var uri = Text(await Json(await Push(client, secret)), "request_uri");
        var browser = await SignedIn(await AddUser());

        (await Site.Browser().GetAsync(Url(client, uri), Ct)).Headers.Location!.OriginalString.ShouldStartWith("/login");
        (await Site.Browser().GetAsync(Url(client, uri), Ct)).Headers.Location!.OriginalString.ShouldStartWith("/login");
        Answer(await browser.GetAsync(Url(client, uri), Ct)).ShouldContainKey("code");

        await ShouldBeUnknown(await browser.GetAsync(Url(client, uri), Ct));
        await ShouldBeUnknown(await browser.GetAsync(Url(client, uri) + "&prompt=none", Ct));
        (await Site.InDatabase(db => db.PushedRequests.CountAsync(Ct))).ShouldBe(0);
    }

    [Fact]
    public async Task A_page_of_consent_that_another_one_has_overtaken_does_not_use_it_up()
    {
        var (client, secret) = await AddClient();
        var browser = await SignedIn(await AddUser());
        var pages = new List<string>();
        for (var tab = 0; tab < 2; tab++)
            pages.Add((await browser.GetAsync(Url(client, Text(await Json(await Push(client, secret)), "request_uri")), Ct)).Headers.Location!.OriginalString);
        var form = await (await browser.GetAsync(pages[1], Ct)).Content.ReadAsStringAsync(Ct);
        async Task<HttpResponseMessage> Allow(string page) => await Post(
            browser, "/consent?handler=Allow", ("__RequestVerificationToken", AntiforgeryToken(form)), ("shown", Shown(form)), ("returnUrl", QueryHelpers.ParseQuery(page[8..])["returnUrl"].ToString()));

        await Allow(pages[1]); // a double click: the browser follows the second answer alone
        foreach (var page in pages)
        {
            var allowed = await Allow(page);
            Answer(await browser.GetAsync(allowed.Headers.Location, Ct)).ShouldContainKey("code");
        }
    }

    [Fact]
    public async Task Of_many_who_open_it_at_once_one_gets_a_code()
    {
        var (client, secret) = await AddClient(skipsConsent: true);
        var uri = Text(await Json(await Push(client, secret)), "request_uri");
        var browser = await SignedIn(await AddUser());

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => browser.GetAsync(Url(client, uri), Ct)));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.SeeOther).ShouldBe(1);
        answers.Count(answer => answer.StatusCode == HttpStatusCode.BadRequest).ShouldBe(7);
    }

    [Fact]
    public async Task It_is_no_use_to_another_app_or_when_it_is_too_old_or_made_up()
    {
        var (client, secret) = await AddClient(skipsConsent: true);
        var (other, _) = await AddClient(skipsConsent: true);
        var uri = Text(await Json(await Push(client, secret)), "request_uri");
        var browser = await SignedIn(await AddUser());

        await ShouldBeUnknown(await browser.GetAsync(Url(other, uri), Ct));
        await ShouldBeUnknown(await browser.GetAsync(Url(client, uri[..^1] + "!"), Ct));
        await ShouldBeUnknown(await browser.GetAsync(Url(client, "urn:ietf:params:oauth:request_uri:"), Ct));
        (await browser.GetAsync("/oauth/authorize?request_uri=" + Uri.EscapeDataString(uri), Ct)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        Site.Clock.Advance(TimeSpan.FromSeconds(91));
        await ShouldBeUnknown(await browser.GetAsync(Url(client, uri), Ct));
    }

    [Theory]
    [InlineData("redirect_uri", "https://evil.test/", "invalid_request")]
    [InlineData("redirect_uri", "", "invalid_request")]
    [InlineData("response_type", "token", "unsupported_response_type")]
    [InlineData("response_type", "code id_token", "unsupported_response_type")]
    [InlineData("code_challenge", "", "invalid_request")]
    [InlineData("code_challenge_method", "plain", "invalid_request")]
    [InlineData("scope", "openid unknown", "invalid_scope")]
    [InlineData("resource", "https://other.test", "invalid_target")]
    [InlineData("prompt", "dance", "invalid_request")]
    [InlineData("request_uri", "urn:ietf:params:oauth:request_uri:x", "invalid_request")]
    [InlineData("request", "e30.e30.", "invalid_request_object")]
    public async Task What_is_wrong_is_said_when_it_is_pushed(string name, string value, string error)
    {
        var (client, secret) = await AddClient();

        await ShouldBeRefused(await Push(client, secret, (name, value)), error);
        (await Site.InDatabase(db => db.PushedRequests.CountAsync(Ct))).ShouldBe(0);
    }

    [Fact]
    public async Task Only_the_app_itself_may_push_and_only_by_post()
    {
        var (client, secret) = await AddClient();
        var (other, _) = await AddClient();

        await ShouldBeRefused(await Push(client, "wrong"), "invalid_client", 401);
        await ShouldBeRefused(await Push(client, null), "invalid_client", 401);
        await ShouldBeRefused(await Push(client, secret, ("client_id", other.Id)), "invalid_client", 401);
        (await Site.Browser().GetAsync("/oauth/par", Ct)).StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        (await Site.Browser().PutAsync("/oauth/par", new FormUrlEncodedContent([]), Ct)).StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
    }

    [Fact]
    public async Task An_app_that_must_push_cannot_do_without()
    {
        var (client, secret) = await AddClient(skipsConsent: true, change: client => client.Settings = new ClientSettings { RequirePushedAuthorizationRequests = true });
        var browser = await SignedIn(await AddUser());

        Answer(await browser.GetAsync(AuthorizeUrl(client), Ct))["error"].ShouldBe("invalid_request");
        Answer(await browser.GetAsync(Url(client, Text(await Json(await Push(client, secret)), "request_uri")), Ct)).ShouldContainKey("code");
    }

    [Fact]
    public async Task No_secret_of_the_app_is_kept_with_its_request()
    {
        var (client, secret) = await AddClient();

        await Post(Site.Browser(), "/oauth/par", [.. Parameters(client).Select(pair => (pair.Key, pair.Value!)), ("client_secret", secret)]);

        (await Site.InDatabase(db => db.PushedRequests.Select(request => request.Parameters).SingleAsync(Ct))).ShouldNotContain(secret);
    }

    private static void ShouldNameOnlyTheRequest(string url)
    {
        var returnUrl = QueryHelpers.ParseQuery(url[url.IndexOf('?', StringComparison.Ordinal)..])["returnUrl"].ToString();
        QueryHelpers.ParseQuery(returnUrl[returnUrl.IndexOf('?', StringComparison.Ordinal)..]).Keys.ShouldBe(["client_id", "request_uri", "interaction"], ignoreOrder: true);
    }

    private static async Task ShouldBeUnknown(HttpResponseMessage response)
    {
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        response.Headers.Location.ShouldBeNull();
        (await response.Content.ReadAsStringAsync(Ct)).ShouldContain("invalid_request_uri");
    }

    private static string Url(Client client, string requestUri) => $"/oauth/authorize?client_id={client.Id}&request_uri={Uri.EscapeDataString(requestUri)}";

    public sealed class OnPostgres(PostgresSite site) : PushAuthorizationTests(site);

    public sealed class OnSqlite(SqliteSite site) : PushAuthorizationTests(site);
}
