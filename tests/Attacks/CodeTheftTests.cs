using System.Net;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Signet.Infrastructure.OAuth;

namespace Signet.Tests.Attacks;

/// <summary>Codes that somebody else presents, or the right one presents wrongly (RFC 9700 §4.5, §4.8; the plans of PrOfESSOS).</summary>
public sealed class CodeTheftTests(PostgresSite site) : FlowTest(site)
{
    [Fact]
    public async Task A_hundred_redemptions_on_two_nodes_succeed_once()
    {
        await using var other = Site.WithWebHostBuilder(_ => { });
        using var second = other.CreateClient(new() { BaseAddress = new Uri(Site.Issuer) });
        using var first = Site.Browser();
        var (client, secret) = await AddClient();
        var code = await Code(await AddUser(), client);

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Task.Run(() => PostAs(
            i % 2 == 0 ? first : second, client.Id, secret, "/oauth/token",
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", RedirectUri), ("code_verifier", Verifier)))));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.OK).ShouldBe(1);
        answers.Count(answer => answer.StatusCode == HttpStatusCode.BadRequest).ShouldBe(99);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Another_app_gets_nothing_for_it_and_is_remembered(bool isPublic)
    {
        var (client, secret) = await AddClient();
        var (thief, thiefSecret) = await AddClient(isPublic: isPublic);
        var user = await AddUser();
        var code = await Code(user, client);

        foreach (var _ in Enumerable.Range(0, 3))
            await ShouldBeRefused(await Redeem(thief, isPublic ? null : thiefSecret, code), "invalid_grant");

        await ShouldBeRefused(await Redeem(client, secret, code), "invalid_grant");
        var kept = await Site.InDatabase(db => db.AuditEvents.SingleAsync(e => e.Action == "code_theft", Ct));
        (kept.Subject, kept.UserId).ShouldBe(($"client:{client.Id}", user.Id));
        kept.Detail!.ShouldContain($"client:{thief.Id}");
    }

    [Fact]
    public async Task Nobody_redeems_it_without_being_the_app()
    {
        var (client, secret) = await AddClient();
        var (other, otherSecret) = await AddClient();
        var code = await Code(await AddUser(), client);

        await ShouldBeRefused(await Redeem(client, null, code), "invalid_client", 401);
        await ShouldBeRefused(await Redeem(client, otherSecret, code), "invalid_client", 401);
        await ShouldBeRefused(await Redeem(other, otherSecret, code, ("client_id", client.Id)), "invalid_client", 401);
        (await Redeem(client, secret, code)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    public static TheoryData<string, string> Verifiers => new()
    {
        { "code_verifier", new string('w', 64) },
        { "code_verifier", Pkce.Challenge(Verifier) }, // what plain would take
        { "code_verifier", Verifier[..42] },
        { "code_verifier", Verifier + "v" },
        { "code_verifier", Verifier + "\n" },
        { "code_verifier", new string('v', 129) },
        { "code_verifier", new string('V', 64) },
        { "code_verifier", " " },
        { "code_verifier", "" },
        { "Code_Verifier", Verifier },
    };

    [Theory]
    [MemberData(nameof(Verifiers))]
    public async Task Nobody_redeems_it_without_the_very_verifier(string name, string verifier)
    {
        foreach (var isPublic in new[] { true, false })
        {
            var (client, secret) = await AddClient(isPublic: isPublic);
            var code = await Code(await AddUser(), client);

            await ShouldBeRefused(await Redeem(client, isPublic ? null : secret, code, ("code_verifier", ""), (name, verifier), ("code_challenge_method", "plain"), ("code_challenge", verifier)), "invalid_grant");
        }
    }

    [Fact]
    public async Task A_verifier_opens_its_own_code_alone()
    {
        var (client, _) = await AddClient(isPublic: true);
        var browser = await SignedIn(await AddUser());
        var mine = new string('m', 50);
        var theirs = (await Authorize(browser, client))["code"];
        (await Authorize(browser, client, ("code_challenge", Pkce.Challenge(mine)))).ShouldContainKey("code");

        await ShouldBeRefused(await Redeem(client, null, theirs, ("code_verifier", mine)), "invalid_grant");
    }

    [Fact] // whatever its row says
    public async Task A_public_app_never_goes_without_pkce()
    {
        var (client, _) = await AddClient(isPublic: true, change: client => client.Settings = client.Settings with { PkceOptional = true });
        var browser = await SignedIn(await AddUser());

        Answer(await browser.GetAsync(AuthorizeUrl(client, ("code_challenge", null), ("code_challenge_method", null)), Ct))["error"].ShouldBe("invalid_request");
        Answer(await browser.GetAsync(AuthorizeUrl(client, ("code_challenge", Verifier), ("code_challenge_method", "plain")), Ct))["error"].ShouldBe("invalid_request");
        (await Json(await browser.GetAsync("/.well-known/openid-configuration", Ct))).GetProperty("code_challenge_methods_supported").EnumerateArray().Select(method => method.GetString()).ShouldBe(["S256"]);
    }

    [Theory] // CVE-2026-7571: what was refused at the front must not come in by the page that waits
    [InlineData("token")]
    [InlineData("id_token token")]
    [InlineData("code id_token")]
    [InlineData("none")]
    public async Task A_request_that_was_changed_while_it_waited_is_judged_again(string responseType)
    {
        var (client, _) = await AddClient();
        var user = await AddUser();
        var changed = AuthorizeUrl(client, ("response_type", responseType));
        var browser = await SignedIn(user);
        var consent = (await browser.GetAsync(AuthorizeUrl(client), Ct)).Headers.Location!.OriginalString;

        var signedIn = await Submit(Site.Browser(), $"/login?returnUrl={Uri.EscapeDataString(changed)}", ("Input.Email", user.Email!), ("Input.Password", Password));
        var allowed = await Submit(browser, consent, "/consent?handler=Allow", ("returnUrl", changed));

        foreach (var response in new[] { signedIn, allowed })
        {
            response.Headers.Location!.OriginalString.ShouldBe(changed);
            var answer = await browser.GetAsync(response.Headers.Location, Ct);
            Answer(answer)["error"].ShouldBe("unsupported_response_type");
            answer.Headers.Location!.OriginalString.ShouldNotContain("#");
            answer.Headers.Location.OriginalString.ShouldNotContain("token=");
        }

        (await Site.InDatabase(db => db.Consents.CountAsync(Ct))).ShouldBe(0);
    }

    [Theory] // CVE-2026-9793, CVE-2023-48228's relatives: request objects, whatever they are wrapped in
    [InlineData("request", "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAAAAAAAAAAAAAA.e30.AAAAAAAAAAAAAAAAAAAAAA", "invalid_request_object")]
    [InlineData("request", "eyJhbGciOiJub25lIn0.eyJyZWRpcmVjdF91cmkiOiJodHRwczovL2V2aWwudGVzdC8ifQ.", "invalid_request_object")]
    [InlineData("request_uri", "https://evil.test/object", "request_uri_not_supported")]
    [InlineData("request_uri", "file:///etc/passwd", "request_uri_not_supported")]
    public async Task A_request_object_that_the_app_did_not_sign_is_never_read(string name, string value, string error)
    {
        var (client, _) = await AddClient();

        var answer = Answer(await (await SignedIn(await AddUser())).GetAsync(AuthorizeUrl(client, (name, value)), Ct));

        (answer["error"], answer["iss"], answer["state"]).ShouldBe((error, Site.Issuer, "s1"));
    }

    [Fact] // RFC 6749 §3.1
    public async Task A_parameter_without_a_value_counts_as_left_out()
    {
        var (client, secret) = await AddClient(skipsConsent: true);
        var browser = await SignedIn(await AddUser());

        Answer(await browser.GetAsync(AuthorizeUrl(client, ("request", ""), ("request_uri", ""), ("prompt", "")), Ct)).ShouldContainKey("code");
        (await PostAs(Site.Browser(), client.Id, secret, "/oauth/token", ("grant_type", "client_credentials"), ("scope", ""), ("client_secret", ""), ("client_assertion", ""))).StatusCode.ShouldNotBe(HttpStatusCode.Unauthorized);
    }

    [Theory] // RFC 6749 §3.1
    [InlineData("&scope=openid&client_id=another")]
    [InlineData("&scope=openid&redirect_uri=https%3A%2F%2Fevil.test%2F")]
    [InlineData("&request_uri=a&request_uri=b")]
    public async Task Who_is_sent_where_is_never_guessed_from_two_values(string more)
    {
        var (client, _) = await AddClient(skipsConsent: true);

        var answer = await (await SignedIn(await AddUser())).GetAsync(AuthorizeUrl(client) + more, Ct);

        (answer.StatusCode, answer.Headers.Location).ShouldBe((HttpStatusCode.BadRequest, null));
    }

    [Theory] // RFC 9207: who answers stands in every answer, good or bad
    [InlineData("prompt", "none")]
    [InlineData("scope", "nonsense")]
    [InlineData("response_type", "token")]
    [InlineData("state", null)]
    [InlineData("response_mode", "form_post")]
    public async Task Every_answer_says_whose_it_is(string name, string? value)
    {
        var (client, _) = await AddClient(skipsConsent: name is "state" or "response_mode");

        var response = await (await SignedIn(await AddUser())).GetAsync(AuthorizeUrl(client, (name, value)), Ct);

        if (response.StatusCode == HttpStatusCode.OK)
            WebUtility.HtmlDecode(await response.Content.ReadAsStringAsync(Ct)).ShouldContain($"name=\"iss\" value=\"{Site.Issuer}\"");
        else
            Answer(response)["iss"].ShouldBe(Site.Issuer);
        Text(await Json(await Site.Browser().GetAsync("/.well-known/openid-configuration", Ct)), "issuer").ShouldBe(Site.Issuer);
    }

    [Fact] // CVE-2026-15612
    public async Task A_nonce_and_a_state_survive_sign_in_and_consent_as_they_are()
    {
        const string Odd = "a/b+c=d&e%20f#g h\"<é>";
        var (client, secret) = await AddClient();
        var user = await AddUser();
        var browser = Site.Browser();
        var first = (await browser.GetAsync(AuthorizeUrl(client, ("nonce", Odd), ("state", Odd)), Ct)).Headers.Location!.OriginalString;
        var afterLogin = await Submit(browser, first, ("Input.Email", user.Email!), ("Input.Password", Password));
        var consent = (await browser.GetAsync(afterLogin.Headers.Location, Ct)).Headers.Location!.OriginalString;
        var waiting = QueryHelpers.ParseQuery(consent[consent.IndexOf('?', StringComparison.Ordinal)..])["returnUrl"].ToString();
        var allowed = await Submit(browser, consent, "/consent?handler=Allow", ("returnUrl", waiting));

        var answer = Answer(await browser.GetAsync(allowed.Headers.Location, Ct));

        answer["state"].ShouldBe(Odd);
        Jwt(Text(await Json(await Redeem(client, secret, answer["code"])), "id_token")).GetPayloadValue<string>("nonce").ShouldBe(Odd);
    }
}
