using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Signet.Infrastructure.Data;

namespace Signet.Tests.Features.Authorize;

/// <summary>How answers travel: Multiple Response Types, Form Post Response Mode, JARM, and the hybrid flow of OpenID Connect Core §3.3.</summary>
public sealed partial class ResponseModeTests(PostgresSite site) : FlowTest(site)
{
    [Theory]
    [InlineData("query", false)]
    [InlineData("fragment", true)]
    public async Task A_code_comes_in_the_query_or_in_the_fragment_and_never_in_both(string mode, bool inFragment)
    {
        var (client, _) = await AddClient(skipsConsent: true, redirectUris: ["https://app.test/cb?tenant=1"]);

        var location = (await (await SignedIn(await AddUser())).GetAsync(AuthorizeUrl(client, ("response_mode", mode)), Ct)).Headers.Location!;

        var (carrying, other) = inFragment ? (location.Fragment, location.Query) : (location.Query, location.Fragment);
        carrying.ShouldContain("code=");
        carrying.ShouldContain("state=s1");
        carrying.ShouldContain("iss=");
        other.ShouldNotContain("code");
        location.Query.ShouldStartWith("?tenant=1");
    }

    [Theory]
    [InlineData("jwt", null)]
    [InlineData("query.jwt", "ES256")]
    [InlineData("fragment.jwt", "PS256")]
    [InlineData("form_post.jwt", "EdDSA")]
    public async Task A_signed_answer_is_one_parameter_that_says_who_made_it_for_whom(string mode, string? algorithm)
    {
        var (client, secret) = await AddClient(skipsConsent: true, change: client => client.Settings = new ClientSettings { AuthorizationSignedResponseAlg = algorithm });

        var jwt = await Response(await (await SignedIn(await AddUser())).GetAsync(AuthorizeUrl(client, ("response_mode", mode)), Ct), mode);

        jwt.Alg.ShouldBe(algorithm ?? "RS256");
        jwt.Issuer.ShouldBe(Site.Issuer);
        jwt.Audiences.ShouldBe([client.Id]);
        (jwt.ValidTo - Site.Clock.GetUtcNow().UtcDateTime).ShouldBeInRange(TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(5));
        jwt.GetPayloadValue<string>("state").ShouldBe("s1");
        await ShouldVerify(jwt);
        (await Redeem(client, secret, jwt.GetPayloadValue<string>("code"))).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_refusal_is_signed_too()
    {
        var (client, _) = await AddClient();

        var jwt = await Response(await Site.Browser().GetAsync(AuthorizeUrl(client, ("response_mode", "jwt"), ("prompt", "none")), Ct), "jwt");

        jwt.GetPayloadValue<string>("error").ShouldBe("login_required");
        jwt.GetPayloadValue<string>("state").ShouldBe("s1");
        jwt.TryGetPayloadValue<string>("code", out _).ShouldBeFalse();
        await ShouldVerify(jwt);
    }

    [Fact]
    public async Task A_denied_consent_travels_as_the_app_asked()
    {
        var (client, _) = await AddClient();
        var browser = await SignedIn(await AddUser());
        var consent = (await browser.GetAsync(AuthorizeUrl(client, ("response_mode", "fragment.jwt")), Ct)).Headers.Location!.OriginalString;

        var denied = await Submit(browser, consent, "/consent?handler=Deny", ("returnUrl", Uri.UnescapeDataString(consent["/consent?returnUrl=".Length..])));

        (await Response(denied, "fragment.jwt")).GetPayloadValue<string>("error").ShouldBe("access_denied");
    }

    [Theory]
    [InlineData("code id_token", null)]
    [InlineData("id_token code", "form_post")]
    public async Task An_app_that_is_switched_to_it_gets_an_id_token_beside_the_code(string responseType, string? mode)
    {
        var (client, secret) = await AddClient(skipsConsent: true, change: Hybrid);

        var response = await (await SignedIn(await AddUser())).GetAsync(AuthorizeUrl(client, ("response_type", responseType), ("response_mode", mode)), Ct);

        var answer = mode is null ? Fragment(response) : await Form(response);
        answer.Keys.ShouldBe(["code", "id_token", "state", "iss"], ignoreOrder: true);
        var front = Jwt(answer["id_token"]);
        await ShouldVerify(front);
        front.GetPayloadValue<string>("nonce").ShouldBe("n1");
        front.GetPayloadValue<string>("c_hash").ShouldBe(Base64UrlEncoder.Encode(System.Security.Cryptography.SHA256.HashData(Encoding.ASCII.GetBytes(answer["code"]))[..16]));
        front.TryGetPayloadValue<string>("at_hash", out _).ShouldBeFalse();
        var back = Jwt(Text(await Json(await Redeem(client, secret, answer["code"])), "id_token"));
        (back.Issuer, back.Subject, back.GetPayloadValue<string>("nonce")).ShouldBe((front.Issuer, front.Subject, "n1"));
    }

    [Theory] // T032: what is not registered stays shut, and an ID token never gets into a query
    [InlineData("code id_token", "query", "n1", "invalid_request")]
    [InlineData("code id_token", "query.jwt", "n1", "invalid_request")]
    [InlineData("code id_token", null, null, "invalid_request")]
    [InlineData("code", null, "n1", "unauthorized_client")]
    [InlineData("token", null, "n1", "unsupported_response_type")]
    [InlineData("id_token", null, "n1", "unsupported_response_type")]
    [InlineData("code token", null, "n1", "unsupported_response_type")]
    [InlineData("code id_token token", null, "n1", "unsupported_response_type")]
    [InlineData("code code", null, "n1", "unsupported_response_type")]
    public async Task Other_combinations_are_refused(string responseType, string? mode, string? nonce, string error)
    {
        var (client, _) = await AddClient(skipsConsent: true, change: client => client.Settings = new ClientSettings { ResponseTypes = ["code id_token"] });

        var response = await (await SignedIn(await AddUser())).GetAsync(AuthorizeUrl(client, ("response_type", responseType), ("response_mode", mode), ("nonce", nonce)), Ct);

        var answer = response.Headers.Location!.Fragment.Length > 0 ? Fragment(response) : Answer(response);
        answer["error"].ShouldBe(error);
        response.Headers.Location.OriginalString.ShouldNotContain("token=");
        response.Headers.Location.OriginalString.ShouldNotContain("code=");
    }

    private static void Hybrid(Client client) => client.Settings = new ClientSettings { ResponseTypes = ["code", "code id_token"] };

    private static Dictionary<string, string> Fragment(HttpResponseMessage response)
    {
        response.Headers.Location!.Query.ShouldBe("");
        return QueryHelpers.ParseQuery(response.Headers.Location.Fragment[1..]).ToDictionary(pair => pair.Key, pair => pair.Value.Single()!);
    }

    private static async Task<Dictionary<string, string>> Form(HttpResponseMessage response) =>
        Input().Matches(await response.Content.ReadAsStringAsync(Ct)).ToDictionary(match => match.Groups[1].Value, match => WebUtility.HtmlDecode(match.Groups[2].Value));

    private static async Task<JsonWebToken> Response(HttpResponseMessage response, string mode)
    {
        var answer = mode switch
        {
            "fragment.jwt" => Fragment(response),
            "form_post.jwt" => await Form(response),
            _ => Answer(response),
        };
        return Jwt(answer.ShouldHaveSingleItem().Value);
    }

    /// <summary>As an app would: with the published key that the header names.</summary>
    private async Task ShouldVerify(JsonWebToken jwt)
    {
        var keys = await Json(await Site.Browser().GetAsync("/.well-known/jwks.json", Ct));
        var key = Signet.Infrastructure.Jose.JwkSet.Read(keys).Keys.Single(key => key.Id == jwt.Kid);
        Signet.Infrastructure.Jose.Jws.Read(jwt.EncodedToken, 16_000)!.IsSignedBy(key, [jwt.Alg]).ShouldBeTrue();
    }

    [GeneratedRegex("<input type=\"hidden\" name=\"([a-z_]+)\" value=\"([^\"]*)\"")]
    private static partial Regex Input();
}
