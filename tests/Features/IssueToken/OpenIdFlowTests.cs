using System.Net;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Signet.Infrastructure.Data;

namespace Signet.Tests.Features.IssueToken;

/// <summary>One whole flow as a certification client looks at it: every answer, every value in it, and what must not be there (OpenID Connect Core §3.1).</summary>
public sealed class OpenIdFlowTests(PostgresSite site) : FlowTest(site)
{
    [Theory]
    [InlineData(TokenFormat.Jwt)]
    [InlineData(TokenFormat.Opaque)]
    internal async Task Every_value_of_a_flow_is_what_it_must_be(TokenFormat format)
    {
        var (client, secret) = await AddClient(skipsConsent: true, format: format);
        var user = await AddUser("ada@example.test");
        var browser = await SignedIn(user);
        var state = string.Concat(Enumerable.Repeat("aZ0-._~!", 16));
        var now = Site.Clock.GetUtcNow();

        // Words and parameters in another order are the same request.
        var reversed = Parameters(client, ("state", state), ("scope", "offline_access email profile openid"), ("response_mode", "query")).Reverse();
        var response = await browser.GetAsync("/oauth/authorize?" + string.Join('&', reversed.Select(pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value!)}")), Ct);
        response.Headers.Location!.Fragment.ShouldBe("");
        var answer = Answer(response);
        answer.Keys.ShouldBe(["code", "state", "iss"], ignoreOrder: true);
        (answer["state"], answer["iss"]).ShouldBe((state, Site.Issuer));
        ShouldBeUnguessable(answer["code"]);

        var redeemed = await Redeem(client, secret, answer["code"]);
        var tokens = await ShouldBeTokens(redeemed);
        var accessToken = Text(tokens, "access_token");
        var idToken = Jwt(Text(tokens, "id_token"));
        ShouldBeIdToken(idToken, client, user, now);
        idToken.GetPayloadValue<string>("nonce").ShouldBe("n1");
        idToken.GetPayloadValue<string>("at_hash").ShouldBe(Base64UrlEncoder.Encode(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(accessToken))[..16]));
        idToken.Claims.Select(claim => claim.Type).Distinct().ShouldBe(["iss", "sub", "aud", "exp", "iat", "sid", "nonce", "at_hash", "auth_time", "acr", "amr"], ignoreOrder: true);

        var userInfo = await UserInfo(accessToken);
        userInfo.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        var claims = await Json(userInfo);
        Text(claims, "sub").ShouldBe(idToken.Subject);
        claims.GetProperty("updated_at").ValueKind.ShouldBe(JsonValueKind.Number);
        claims.GetProperty("email_verified").ValueKind.ShouldBeOneOf(JsonValueKind.True, JsonValueKind.False);

        Site.Clock.Advance(TimeSpan.FromSeconds(5));
        var refreshed = await ShouldBeTokens(await Refresh(client, secret, Text(tokens, "refresh_token")));
        Text(refreshed, "access_token").ShouldNotBe(accessToken);
        var again = Jwt(Text(refreshed, "id_token"));
        ShouldBeIdToken(again, client, user, now);
        again.GetPayloadValue<long>("auth_time").ShouldBe(idToken.GetPayloadValue<long>("auth_time"));
        again.GetPayloadValue<long>("iat").ShouldBeGreaterThan(idToken.GetPayloadValue<long>("iat"));
        again.TryGetPayloadValue<string>("azp", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Without_a_nonce_there_is_none_in_the_id_token_and_without_a_state_none_comes_back()
    {
        var (client, secret) = await AddClient(skipsConsent: true);

        var answer = await Authorize(await SignedIn(await AddUser()), client, ("nonce", null), ("state", null));

        answer.Keys.ShouldBe(["code", "iss"], ignoreOrder: true);
        Jwt(Text(await Json(await Redeem(client, secret, answer["code"])), "id_token")).TryGetPayloadValue<string>("nonce", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Userinfo_is_asked_by_get_and_by_post_and_takes_no_token_out_of_a_form()
    {
        var (client, secret) = await AddClient(skipsConsent: true);
        var token = Text(await Tokens(await AddUser(), client, secret), "access_token");

        using var post = new HttpRequestMessage(HttpMethod.Post, "/oauth/userinfo") { Headers = { Authorization = new("bearer", token) } };
        (await Site.Browser().SendAsync(post, Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await UserInfo(token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Post(Site.Browser(), "/oauth/userinfo", ("access_token", token))).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_hint_of_the_same_person_is_silent_and_an_unregistered_or_missing_address_is_refused_here()
    {
        var (client, secret) = await AddClient(skipsConsent: true, redirectUris: ["https://app.test/cb", "https://app.test/two?foo=bar"]);
        var browser = await SignedIn(await AddUser());
        var idToken = Text(await Json(await Redeem(client, secret, (await Authorize(browser, client))["code"])), "id_token");

        (await Authorize(browser, client, ("prompt", "none"), ("id_token_hint", idToken))).ShouldContainKey("code");
        var withQuery = await Authorize(browser, client, ("redirect_uri", "https://app.test/two?foo=bar"));
        (withQuery["foo"], withQuery.ContainsKey("code")).ShouldBe(("bar", true));
        foreach (var uri in (string?[])[null, "https://app.test/cb/path", "https://app.test/two?foo=baz", "https://app.test/cb?foo=bar", "https://app.test/two?foo=bar&x=y"])
        {
            var refused = await browser.GetAsync(AuthorizeUrl(client, ("redirect_uri", uri)), Ct);
            (refused.StatusCode, refused.Headers.Location).ShouldBe((HttpStatusCode.BadRequest, null), uri);
        }
    }

    private static async Task<JsonElement> ShouldBeTokens(HttpResponseMessage response)
    {
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Ct));
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        (response.Headers.CacheControl!.NoStore, response.Headers.Pragma.ToString()).ShouldBe((true, "no-cache"));
        var tokens = await Json(response);
        Text(tokens, "token_type").ShouldBe("Bearer");
        tokens.GetProperty("expires_in").GetInt64().ShouldBeInRange(1, 3600 * 24 * 365);
        ShouldBeUnguessable(Text(tokens, "access_token"));
        ShouldBeUnguessable(Text(tokens, "refresh_token"));
        return tokens;
    }

    private static void ShouldBeIdToken(JsonWebToken token, Client client, User user, DateTimeOffset now)
    {
        (token.Issuer, token.Subject, token.Alg).ShouldBe((Site.Issuer, user.Id.ToString(), "RS256"));
        token.Audiences.ShouldBe([client.Id]);
        token.Kid.ShouldNotBeNullOrEmpty();
        token.Subject.Length.ShouldBeLessThanOrEqualTo(255);
        var (issued, expires, signedIn) = (token.GetPayloadValue<long>("iat"), token.GetPayloadValue<long>("exp"), token.GetPayloadValue<long>("auth_time"));
        issued.ShouldBeInRange(now.ToUnixTimeSeconds() - 1, now.ToUnixTimeSeconds() + 60);
        expires.ShouldBeInRange(issued + 1, issued + 3600);
        signedIn.ShouldBeInRange(now.ToUnixTimeSeconds() - 60, issued);
    }

    // RFC 6749 §10.10: 128 bits at least; by Shannon's measure of its characters as well, as a certification suite counts.
    private static void ShouldBeUnguessable(string value)
    {
        value.ShouldAllBe(character => character > ' ' && character <= '~');
        value.Length.ShouldBeGreaterThanOrEqualTo(43);
        var bitsOfACharacter = -value.GroupBy(character => character).Select(group => (double)group.Count() / value.Length).Sum(share => share * Math.Log2(share));
        (bitsOfACharacter * value.Length).ShouldBeGreaterThan(128);
    }
}
