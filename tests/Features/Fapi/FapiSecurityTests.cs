using System.Net;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.EntityFrameworkCore;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.Jose;
using Signet.Infrastructure.OAuth;
using Signet.Tests.Features.SenderConstraint;

namespace Signet.Tests.Features.Fapi;

/// <summary>What holds for an app under FAPI 2.0, Security Profile §5.3.2 and §5.4, wherever a request is judged.</summary>
public sealed class FapiSecurityTests(PostgresSite site) : FapiTest(site)
{
    [Theory]
    [InlineData("https://app.test/cb")]
    [InlineData("https://app.test/cb?tenant=1")]
    public async Task An_app_signs_pushes_and_proves_its_way_to_tokens_and_back_to_new_ones(string redirectUri)
    {
        // What an older row may say of rotation and PKCE does not count under the profile.
        var client = await AddApp(redirectUris: [redirectUri], change: client => (client.RefreshRotation, client.Settings) = (RefreshRotation.Always, client.Settings with { PkceOptional = true }));
        var pushed = await PushGood(client, ("scope", "offline_access email openid"), ("state", ""), ("nonce", new string('n', 64)), ("dpop_jkt", Proofs.Thumbprint));
        pushed.StatusCode.ShouldBe(HttpStatusCode.Created);
        var response = await (await SignedIn(await AddUser())).GetAsync(AuthorizeUrl(client, await Json(pushed)), Ct);

        response.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        response.Headers.Location!.OriginalString.ShouldStartWith(redirectUri);
        response.Headers.Location.Fragment.ShouldBe("");
        var answer = Answer(response);
        answer.Keys.Where(name => name != "tenant").ShouldBe(["code", "iss"], ignoreOrder: true);
        answer["iss"].ShouldBe(Site.Issuer);
        var tokens = await Json(await Tokens(client, answer["code"]));

        Text(tokens, "token_type").ShouldBe("DPoP");
        var idToken = Jwt(Text(tokens, "id_token"));
        idToken.Alg.ShouldBe("PS256");
        idToken.GetPayloadValue<string>("nonce").Length.ShouldBe(64);
        idToken.TryGetPayloadValue<string>("s_hash", out _).ShouldBeFalse();
        (await UserInfoWith(Text(tokens, "access_token"))).ShouldBe(HttpStatusCode.OK);
        (await IsLive(Text(tokens, "access_token"))).ShouldBeFalse(); // as a bearer
        (await Site.Browser().GetAsync($"/oauth/userinfo?access_token={Text(tokens, "access_token")}", Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        var refresh = Text(tokens, "refresh_token");
        var again = await Json(await RefreshAs(Assertion(client), refresh, TokenProof()));
        Text(again, "refresh_token").ShouldBe(refresh);
        (await UserInfoWith(Text(again, "access_token"))).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_request_that_was_not_pushed_is_refused()
    {
        var client = await AddApp();

        var answer = Answer(await (await SignedIn(await AddUser())).GetAsync(AuthorizeUrl(client), Ct));

        answer["error"].ShouldBe("invalid_request");
        answer.ShouldNotContainKey("code");
    }

    [Theory]
    [InlineData("code_challenge", "", "invalid_request")]
    [InlineData("code_challenge_method", "plain", "invalid_request")]
    [InlineData("code_challenge_method", "", "invalid_request")]
    [InlineData("redirect_uri", "", "invalid_request")]
    [InlineData("redirect_uri", "https://app.test/other", "invalid_request")]
    [InlineData("request_uri", "urn:ietf:params:oauth:request_uri:x", "invalid_request")]
    [InlineData("response_type", "code id_token", "unsupported_response_type")]
    [InlineData("response_type", "token", "unsupported_response_type")]
    [InlineData("response_mode", "smoke", "invalid_request")]
    public async Task What_a_pushed_request_must_not_be(string name, string value, string error)
    {
        var client = await AddApp(change: client =>
        {
            client.Settings = client.Settings with { ResponseTypes = ["code", "code id_token"], PkceOptional = true };
        });

        await ShouldBeRefused(await PushGood(client, (name, value)), error);
    }

    [Fact]
    public async Task Assertions_are_for_the_issuer_as_a_text_and_clocks_may_differ_by_a_little()
    {
        Site.Clock.Stop();
        var client = await AddApp();
        async Task Refused((string, string?) change) => await IsRefused(await PushAs(Assertion(client, change), Fields(client)), change.ToString());

        foreach (var audience in (string[])[Quoted(Site.Issuer + "/oauth/par"), Quoted(TokenEndpoint), $"[{Quoted(Site.Issuer)},\"https://other.test\"]", $"[{Quoted(Site.Issuer)}]"])
            await Refused(("aud", audience));
        await Refused(("nbf", FromNow(62)));
        await Refused(("iat", FromNow(62)));
        await Refused(("exp", FromNow(-300)));
        await Refused(("sub", null));
        await IsRefused(await PushAs(Sign("""{"alg":"RS256"}""", Claims(client.Id), PrivateKey.Generate(SigningAlgorithms.Rs256)), Fields(client)), "RS256");
        await ShouldBeRefused(await PushAs(null, Fields(client)), "invalid_client", 401);

        (await PushAs(Assertion(client, ("nbf", FromNow(8)), ("iat", FromNow(8))), Fields(client))).StatusCode.ShouldBe(HttpStatusCode.Created);
        foreach (var seconds in (int[])[-10, 10])
        {
            var proof = Proofs.Proof("POST", Site.Issuer + "/oauth/par", Site.Clock.GetUtcNow().AddSeconds(seconds));
            (await PushAs(Assertion(client), Fields(client), proof)).StatusCode.ShouldBe(HttpStatusCode.Created);
        }
    }

    [Fact]
    public async Task A_code_is_the_apps_alone_its_keys_alone_and_good_once()
    {
        var client = await AddApp();
        var otherKey = PrivateKey.Generate(SigningAlgorithms.Es256);
        var other = await AddApp(key: otherKey);
        string Others() => Sign("""{"alg":"ES256"}""", Claims(other.Id), otherKey);

        await ShouldBeRefused(await TokensAs(Others(), client, await NewCode(client), TokenProof()), "invalid_grant");
        await ShouldBeRefused(await Tokens(client, await NewCode(client), ("client_id", other.Id)), "invalid_client", 401);
        await ShouldBeRefused(await TokensAs(Assertion(client), client, await NewCode(client), null), "invalid_request");
        await ShouldBeRefused(await TokensAs(null, client, await NewCode(client), TokenProof()), "invalid_client", 401);
        await ShouldBeRefused(await Tokens(client, await NewCode(client), ("code_verifier", "")), "invalid_grant");
        await ShouldBeRefused(await Tokens(client, await NewCode(client), ("code_verifier", new string('w', 64))), "invalid_grant");
        await ShouldBeRefused(await TokensAs(Assertion(client), client, await NewCode(client, ("dpop_jkt", Proofs.Thumbprint)), TokenProof(new ProofKey())), "invalid_grant");

        var code = await NewCode(client);
        var tokens = await Json(await Tokens(client, code));
        Site.Clock.Advance(TimeSpan.FromSeconds(1));
        await ShouldBeRefused(await Tokens(client, code), "invalid_grant");
        (await UserInfoWith(Text(tokens, "access_token"))).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_refresh_token_needs_the_app_and_its_key()
    {
        var client = await AddApp();
        var otherKey = PrivateKey.Generate(SigningAlgorithms.Es256);
        var other = await AddApp(key: otherKey);
        var refresh = Text(await Json(await Tokens(client, await NewCode(client))), "refresh_token");

        await ShouldBeRefused(await RefreshAs(null, refresh, TokenProof(), ("client_id", client.Id)), "invalid_client", 401);
        await ShouldBeRefused(await RefreshAs(Assertion(client), refresh, null), "invalid_request");
        await ShouldBeRefused(await RefreshAs(Sign("""{"alg":"ES256"}""", Claims(other.Id), otherKey), refresh, TokenProof()), "invalid_grant");
        Site.Clock.Advance(TimeSpan.FromSeconds(40));
        (await RefreshAs(Assertion(client), refresh, TokenProof())).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task What_a_person_approves_elsewhere_is_bound_to_the_key_too()
    {
        var client = await AddApp(change: client => client.GrantTypes = [GrantTypes.Ciba]);
        var user = await AddUser();
        (string, string)[] Asserted(string assertion) => [("client_assertion_type", ClientAssertion.Type), ("client_assertion", assertion)];
        var asked = await Json(await Post(Site.Browser(), "/oauth/backchannel", [.. Asserted(Assertion(client)), ("scope", "openid"), ("login_hint", user.Email!)]));
        var browser = await SignedIn(user);
        var page = await browser.GetStringAsync("/account/approvals", Ct);
        await Post(browser, "/account/approvals?handler=Allow", ("__RequestVerificationToken", AntiforgeryToken(page)), ("id", page.Split("name=\"id\" value=\"")[1].Split('"')[0]));

        Task<HttpResponseMessage> Poll(string? proof) => TokensAs(Assertion(client), client, "", proof, ("grant_type", GrantTypes.Ciba), ("auth_req_id", Text(asked, "auth_req_id")), ("redirect_uri", ""), ("code_verifier", ""));
        await ShouldBeRefused(await Poll(null), "invalid_request");
        Text(await Json(await Poll(TokenProof())), "token_type").ShouldBe("DPoP");
    }

    [Fact]
    public async Task A_code_ends_after_a_minute_whatever_the_installation_gives_others()
    {
        await using var node = Site.WithWebHostBuilder(host => host.UseSetting("Signet:Lifetimes:AuthorizationCode", "00:10:00"));
        var client = await AddApp();
        var (usual, usualSecret) = await AddClient(skipsConsent: true);
        var cookie = (await SignedIn(await AddUser())).DefaultRequestHeaders.GetValues("Cookie");
        using var browser = node.CreateClient(new WebApplicationFactoryClientOptions { BaseAddress = new Uri(Site.Issuer), AllowAutoRedirect = false });
        browser.DefaultRequestHeaders.Add("Cookie", cookie);
        var code = Answer(await browser.GetAsync(AuthorizeUrl(client, await Json(await PushGood(client))), Ct))["code"];
        var usualCode = Answer(await browser.GetAsync(FlowTest.AuthorizeUrl(usual), Ct))["code"];

        Site.Clock.Advance(TimeSpan.FromSeconds(62));

        await ShouldBeRefused(await Tokens(client, code), "invalid_grant");
        (await Redeem(usual, usualSecret, usualCode)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Without_a_binding_of_its_own_an_app_still_gets_no_bearer()
    {
        var client = await AddApp(change: client => client.Settings = client.Settings with { DpopBoundAccessTokens = false });

        await ShouldBeRefused(await TokensAs(Assertion(client), client, await NewCode(client), null), "invalid_request");
        (await Site.InDatabase(db => db.Grants.CountAsync(Ct))).ShouldBe(0);
    }
}
