namespace Signet.Tests.Attacks;

/// <summary>Nobody becomes somebody else by asking for it: the subject is who signed in, whatever a request names.</summary>
public sealed class SomebodyElseTests(PostgresSite site) : FlowTest(site)
{
    [Theory] // PrOfESSOS: subject spoofing by the claims parameter
    [InlineData("""{"id_token":{"sub":{"value":"VICTIM"}}}""")]
    [InlineData("""{"id_token":{"sub":{"value":"VICTIM","essential":true}}}""")]
    [InlineData("""{"id_token":{"sub":{"values":["VICTIM"]}}}""")]
    [InlineData("""{"id_token":{"sub":{"values":["VICTIM","ME"]}}}""")]
    [InlineData("""{"id_token":{"sub":{"values":["ME","VICTIM"]}}}""")]
    [InlineData("""{"userinfo":{"sub":{"value":"VICTIM","essential":true}},"id_token":{"sub":{"value":"VICTIM","essential":true}}}""")]
    [InlineData("""{"id_token":""")]
    public async Task By_the_claims_parameter(string claims)
    {
        var (client, secret) = await AddClient(skipsConsent: true);
        var (me, victim) = (await AddUser(), await AddUser());
        var asked = claims.Replace("VICTIM", victim.Id.ToString(), StringComparison.Ordinal).Replace("ME", me.Id.ToString(), StringComparison.Ordinal);

        var answer = Answer(await (await SignedIn(me)).GetAsync(AuthorizeUrl(client, ("claims", asked)), Ct));

        // Asked about somebody else, or in no language at all, there is no answer; else it is about whoever is signed in.
        if (answer.TryGetValue("error", out var error))
            error.ShouldBe(claims.Contains("VICTIM", StringComparison.Ordinal) ? "login_required" : "invalid_request");
        else
            await ShouldBeOf(me, await Json(await Redeem(client, secret, answer["code"])));
        answer.ContainsKey("code").ShouldBe(claims.Contains("ME", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("sub")]
    [InlineData("user")]
    [InlineData("user_id")]
    [InlineData("userId")]
    [InlineData("username")]
    [InlineData("login_hint")]
    [InlineData("act_as")]
    [InlineData("requested_subject")]
    [InlineData("assertion")]
    public async Task By_another_parameter(string name)
    {
        var (client, secret) = await AddClient(skipsConsent: true);
        var (me, victim) = (await AddUser(), await AddUser());
        var value = name.EndsWith("hint", StringComparison.Ordinal) ? victim.Email! : victim.Id.ToString();
        var code = Answer(await (await SignedIn(me)).GetAsync(AuthorizeUrl(client, (name, value)), Ct))["code"];

        var tokens = await Json(await Redeem(client, secret, code, (name, value)));
        await ShouldBeOf(me, tokens);
        await ShouldBeOf(me, await Json(await Refresh(client, secret, Text(tokens, "refresh_token"), (name, value))));
    }

    [Fact] // PrOfESSOS: a victim's ID token, which an app may well have
    public async Task By_the_id_token_of_a_victim()
    {
        var (client, secret) = await AddClient(skipsConsent: true);
        var (me, victim) = (await AddUser(), await AddUser());
        var hint = Text(await Tokens(victim, client, secret), "id_token");
        var browser = await SignedIn(me);

        Answer(await Site.Browser().GetAsync(AuthorizeUrl(client, ("id_token_hint", hint), ("prompt", "none")), Ct))["error"].ShouldBe("login_required");
        Answer(await browser.GetAsync(AuthorizeUrl(client, ("id_token_hint", hint), ("prompt", "none")), Ct))["error"].ShouldBe("login_required");
        var asked = await browser.GetAsync(AuthorizeUrl(client, ("id_token_hint", hint)), Ct);
        asked.Headers.Location!.OriginalString.ShouldStartWith("/login");

        // Whoever signs in then is who they are, not who was expected.
        Site.Clock.Advance(TimeSpan.FromSeconds(1));
        await SignInAgain(browser, me);
        var back = Uri.UnescapeDataString(asked.Headers.Location.OriginalString["/login?returnUrl=".Length..]);
        await ShouldBeOf(me, await Json(await Redeem(client, secret, Answer(await browser.GetAsync(back, Ct))["code"])));
    }

    [Fact]
    public async Task By_a_note_or_a_consent_of_another_person()
    {
        var (client, _) = await AddClient();
        var (me, victim) = (await AddUser(), await AddUser());
        await Authorize(await SignedIn(victim), client);

        (await (await SignedIn(me)).GetAsync(AuthorizeUrl(client), Ct)).Headers.Location!.OriginalString.ShouldStartWith("/consent");
        Answer(await (await SignedIn(me)).GetAsync(AuthorizeUrl(client, ("prompt", "none")), Ct))["error"].ShouldBe("consent_required");
    }

    private async Task ShouldBeOf(Signet.Infrastructure.Data.User user, System.Text.Json.JsonElement tokens)
    {
        Jwt(Text(tokens, "access_token")).Subject.ShouldBe(user.Id.ToString());
        Jwt(Text(tokens, "id_token")).Subject.ShouldBe(user.Id.ToString());
        Text(await Json(await UserInfo(Text(tokens, "access_token"))), "sub").ShouldBe(user.Id.ToString());
    }
}
