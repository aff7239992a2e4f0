using System.Net;
using Microsoft.EntityFrameworkCore;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.OAuth;

namespace Signet.Tests.Features.Authorize;

/// <summary>What an app may wish of a sign-in and learn of a person: OpenID Connect Core §3.1.2.1 and §5.5, Initiating User Registration.</summary>
public sealed class OpenIdParametersTests(PostgresSite site) : FlowTest(site)
{
    [Fact]
    public async Task Claims_come_one_by_one_where_they_were_asked_for_and_only_there()
    {
        var (client, secret) = await AddClient();
        var user = await AddUser("ada@example.test");

        var tokens = await Tokens(user, client, secret, ("scope", "openid"),
            ("claims", """{"id_token":{"email":null,"shoe_size":{"essential":true}},"userinfo":{"name":{"essential":true},"email_verified":null}}"""));

        var idToken = Jwt(Text(tokens, "id_token"));
        idToken.GetPayloadValue<string>("email").ShouldBe("ada@example.test");
        idToken.TryGetPayloadValue<string>("name", out _).ShouldBeFalse();
        idToken.TryGetPayloadValue<object>("shoe_size", out _).ShouldBeFalse();
        var info = await Json(await UserInfo(Text(tokens, "access_token")));
        info.EnumerateObject().Select(member => member.Name).ShouldBe(["sub", "name", "email_verified"], ignoreOrder: true);
        var again = Jwt(Text(await Json(await Refresh(client, secret, Text(tokens, "refresh_token"))), "id_token"));
        again.GetPayloadValue<string>("email").ShouldBe("ada@example.test");
    }

    [Fact]
    public async Task Scopes_alone_put_nothing_about_the_person_into_the_id_token()
    {
        var (client, secret) = await AddClient();

        var idToken = Jwt(Text(await Tokens(await AddUser(), client, secret), "id_token"));

        foreach (var claim in (string[])["name", "email", "email_verified"])
            idToken.TryGetPayloadValue<object>(claim, out _).ShouldBeFalse(claim);
    }

    [Fact]
    public async Task A_person_is_asked_for_a_claim_as_for_its_scope_and_an_app_without_that_scope_gets_none()
    {
        const string Wish = """{"userinfo":{"email":null}}""";
        var (client, _) = await AddClient();
        var (other, otherSecret) = await AddClient(scopes: ["openid"], skipsConsent: true);
        var browser = await SignedIn(await AddUser());
        await Authorize(browser, client, ("scope", "openid"));

        var consent = await browser.GetAsync(AuthorizeUrl(client, ("scope", "openid"), ("claims", Wish)), Ct);

        consent.Headers.Location!.OriginalString.ShouldStartWith("/consent");
        (await (await browser.GetAsync(consent.Headers.Location, Ct)).Content.ReadAsStringAsync(Ct)).ShouldContain("See your e-mail address");
        var tokens = await Json(await Redeem(other, otherSecret, Answer(await browser.GetAsync(AuthorizeUrl(other, ("claims", Wish)), Ct))["code"]));
        (await Json(await UserInfo(Text(tokens, "access_token")))).TryGetProperty("email", out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("\"x\"")]
    [InlineData("""{"id_token":[]}""")]
    [InlineData("""{"userinfo":{"email":1}}""")]
    [InlineData("""{"userinfo":{"email":{"essential":"yes"}}}""")]
    [InlineData("""{"id_token":{"acr":{"values":"aal2"}}}""")]
    [InlineData("""{"id_token":{"email":null,"email":null}}""")]
    [InlineData("""{"id_token":{"sub":{"value":"\ud800"}}}""")]
    public async Task Malformed_wishes_are_refused(string claims)
    {
        var (client, _) = await AddClient(skipsConsent: true);

        Answer(await (await SignedIn(await AddUser())).GetAsync(AuthorizeUrl(client, ("claims", claims)), Ct))["error"].ShouldBe("invalid_request");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("pairwise")]
    public async Task A_request_about_one_person_is_never_answered_for_another(string? subjectType)
    {
        var (client, secret) = await AddClient(skipsConsent: true, change: client => client.Settings = new ClientSettings { SubjectType = subjectType });
        var (me, other) = (await AddUser(), await AddUser());
        var mine = Jwt(Text(await Tokens(me, client, secret), "id_token")).Subject;
        var wish = """{"id_token":{"sub":{"value":"MINE"}}}""".Replace("MINE", mine, StringComparison.Ordinal);

        foreach (var prompt in (string?[])[null, "none"])
        {
            Answer(await (await SignedIn(other)).GetAsync(AuthorizeUrl(client, ("claims", wish), ("prompt", prompt)), Ct))["error"].ShouldBe("login_required");
            Answer(await (await SignedIn(me)).GetAsync(AuthorizeUrl(client, ("claims", wish), ("prompt", prompt)), Ct)).ShouldContainKey("code");
        }

        // Whoever signs in for it may be the wrong one as well.
        var browser = Site.Browser();
        var login = (await browser.GetAsync(AuthorizeUrl(client, ("claims", wish)), Ct)).Headers.Location!.OriginalString;
        var onward = await Submit(browser, login, ("Input.Email", other.Email!), ("Input.Password", Password));
        Answer(await browser.GetAsync(onward.Headers.Location, Ct))["error"].ShouldBe("login_required");
        (await Site.InDatabase(db => db.Grants.CountAsync(grant => grant.UserId == other.Id, Ct))).ShouldBe(0);
    }

    [Fact]
    public async Task An_app_can_set_the_age_of_sign_ins_that_it_takes_once_for_all()
    {
        var (client, _) = await AddClient(skipsConsent: true, change: client => client.Settings = new ClientSettings { DefaultMaxAge = 60, RequireAuthTime = true });
        var browser = await SignedIn(await AddUser());
        Site.Clock.Advance(TimeSpan.FromMinutes(2));

        (await browser.GetAsync(AuthorizeUrl(client), Ct)).Headers.Location!.OriginalString.ShouldStartWith("/login");
        Answer(await browser.GetAsync(AuthorizeUrl(client, ("max_age", "600")), Ct)).ShouldContainKey("code");
    }

    [Fact]
    public async Task The_time_of_the_sign_in_stays_the_same_in_silent_requests_and_moves_with_a_new_one()
    {
        var (client, secret) = await AddClient(skipsConsent: true);
        var user = await AddUser();
        var browser = await SignedIn(user);
        async Task<(long At, string Subject)> Ask(params (string, string?)[] changes)
        {
            var idToken = Jwt(Text(await Json(await Redeem(client, secret, Answer(await browser.GetAsync(AuthorizeUrl(client, changes), Ct))["code"])), "id_token"));
            return (idToken.GetPayloadValue<long>("auth_time"), idToken.Subject);
        }

        var first = await Ask(("max_age", "15000"));
        Site.Clock.Advance(TimeSpan.FromSeconds(5));
        (await Ask(("max_age", "10000"))).ShouldBe(first);
        (await Ask(("prompt", "none"))).ShouldBe(first);
        (await browser.GetAsync(AuthorizeUrl(client, ("max_age", "1")), Ct)).Headers.Location!.OriginalString.ShouldStartWith("/login");
        await SignInAgain(browser, user);
        var later = await Ask(("max_age", "1"));
        later.Subject.ShouldBe(first.Subject);
        later.At.ShouldBeGreaterThan(first.At);
    }

    [Fact]
    public async Task Prompt_create_leads_to_sign_up_and_from_there_to_the_app()
    {
        var (client, secret) = await AddClient(skipsConsent: true);
        var browser = Site.Browser();

        var asked = (await browser.GetAsync(AuthorizeUrl(client, ("prompt", "create")), Ct)).Headers.Location!.OriginalString;
        asked.ShouldStartWith("/signup?returnUrl=");
        var signedUp = await Submit(browser, asked, ("Input.Name", "Grace"), ("Input.Email", "grace@example.test"), ("Input.Password", Password));
        var answer = Answer(await browser.GetAsync(signedUp.Headers.Location, Ct));

        (await Redeem(client, secret, answer["code"])).StatusCode.ShouldBe(HttpStatusCode.OK);
        var metadata = await Json(await browser.GetAsync("/.well-known/openid-configuration", Ct));
        metadata.GetProperty("prompt_values_supported").EnumerateArray().Select(value => value.GetString()).ShouldContain("create");
    }

    [Theory] // ignored or taken, and never an error
    [InlineData("display", "popup")]
    [InlineData("ui_locales", "se de")]
    [InlineData("claims_locales", "se")]
    [InlineData("login_hint", "ada@example.test")]
    [InlineData("extra", "foobar")]
    [InlineData("acr_values", "urn:example:gold")]
    [InlineData("acr_values", "aal2 aal1")]
    [InlineData("id_token_hint", "rubbish")]
    public async Task Other_wishes_do_no_harm(string name, string value)
    {
        var (client, _) = await AddClient(skipsConsent: true);

        Answer(await (await SignedIn(await AddUser())).GetAsync(AuthorizeUrl(client, (name, value)), Ct)).ShouldContainKey("code");
        (await Site.Browser().GetAsync(AuthorizeUrl(client, (name, value)), Ct)).Headers.Location!.OriginalString.ShouldStartWith("/login");
    }

    [Fact]
    public async Task A_code_is_bound_to_the_dpop_key_that_the_request_names()
    {
        var (client, secret) = await AddClient(skipsConsent: true);
        var browser = await SignedIn(await AddUser());

        var bound = Answer(await browser.GetAsync(AuthorizeUrl(client, ("dpop_jkt", new string('k', 43))), Ct))["code"];

        await ShouldBeRefused(await Redeem(client, secret, bound), "invalid_grant");
        foreach (var wrong in (string[])["short", new string('k', 44), new string('.', 43)])
            Answer(await browser.GetAsync(AuthorizeUrl(client, ("dpop_jkt", wrong)), Ct))["error"].ShouldBe("invalid_request");
    }

    [Fact]
    public async Task What_the_metadata_says_of_claims_is_so()
    {
        var (client, secret) = await AddClient(skipsConsent: true);
        var metadata = await Json(await Site.Browser().GetAsync("/.well-known/openid-configuration", Ct));

        metadata.GetProperty("claims_parameter_supported").GetBoolean().ShouldBeTrue();
        var supported = metadata.GetProperty("claims_supported").EnumerateArray().Select(claim => claim.GetString()!).ToArray();
        var wish = $"{{\"id_token\":{{{string.Join(',', supported.Select(claim => $"\"{claim}\":null"))}}}}}";
        var tokens = await Tokens(await AddUser(), client, secret, ("claims", wish), ("response_mode", "query"));
        var idToken = Jwt(Text(tokens, "id_token"));
        // c_hash stands beside a code only, and of the person there is what the person has given.
        string[] ofThePerson = [.. UserClaim.All.Select(claim => claim.Name).Except(["name", "email", "email_verified"])];
        foreach (var claim in supported.Except(["c_hash", .. ofThePerson]))
            idToken.TryGetPayloadValue<object>(claim, out _).ShouldBeTrue(claim);
    }
}
