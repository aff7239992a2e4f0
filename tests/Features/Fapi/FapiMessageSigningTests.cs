using System.Net;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.JsonWebTokens;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.Jose;

namespace Signet.Tests.Features.Fapi;

/// <summary>What FAPI 2.0 Message Signing adds, §5.3 to §5.5: requests, their answers and introspection are signed.</summary>
public sealed class FapiMessageSigningTests(PostgresSite site) : FapiTest(site)
{
    private readonly AppKey key = new();

    [Theory]
    [InlineData(null)]
    [InlineData("jwt")]
    public async Task A_signed_request_is_answered_with_one_signed_parameter(string? mode)
    {
        var client = await AddSigning();

        var jwt = await Ask(client, ("response_mode", mode));

        jwt.Alg.ShouldBe("PS256");
        (jwt.Issuer, jwt.GetPayloadValue<string>("state")).ShouldBe((Site.Issuer, "s1"));
        jwt.Audiences.ShouldBe([client.Id]);
        (jwt.ValidTo - Site.Clock.GetUtcNow().UtcDateTime).ShouldBeInRange(TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(10));
        await ShouldVerify(jwt);
        var tokens = await Json(await Tokens(client, jwt.GetPayloadValue<string>("code")));

        using var request = new HttpRequestMessage(HttpMethod.Post, "/oauth/introspect")
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["token"] = Text(tokens, "access_token"), ["client_assertion_type"] = Signet.Infrastructure.OAuth.ClientAssertion.Type, ["client_assertion"] = Assertion(client) }),
        };
        var introspected = await Site.Browser().SendAsync(request, Ct);
        introspected.Content.Headers.ContentType!.MediaType.ShouldBe("application/token-introspection+jwt");
        var answer = Jwt(await introspected.Content.ReadAsStringAsync(Ct));
        answer.Alg.ShouldBe("PS256");
        await ShouldVerify(answer);
        answer.GetPayloadValue<System.Text.Json.JsonElement>("token_introspection").GetProperty("active").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task A_refusal_is_signed_whatever_way_the_request_wanted_it()
    {
        var client = await AddSigning();

        var jwt = await Ask(client, signedIn: false, ("prompt", "none"));

        (jwt.GetPayloadValue<string>("error"), jwt.GetPayloadValue<string>("state")).ShouldBe(("login_required", "s1"));
        await ShouldVerify(jwt);
        // Refused when it is pushed; and at the front door what was not pushed hears so in a signed answer.
        foreach (var mode in (string[])["query", "fragment", "form_post"])
            await ShouldBeRefused(await PushAs(Assertion(client), [("request", key.Sign(Object(client, ("response_mode", mode))))]), "invalid_request");
        var bare = Answer(await (await SignedIn(await AddUser())).GetAsync(FlowTest.AuthorizeUrl(client, ("response_mode", "query")), Ct));
        Jwt(bare.ShouldHaveSingleItem().Value).GetPayloadValue<string>("error").ShouldBe("invalid_request");
    }

    [Fact]
    public async Task Requests_are_signed_and_what_stands_beside_does_not_count()
    {
        var client = await AddSigning();

        await ShouldBeRefused(await PushGood(client), "invalid_request");
        await ShouldBeRefused(await PushAs(Assertion(client), [("request", key.Sign(Object(client, ("redirect_uri", null)))), ("redirect_uri", RedirectUri)]), "invalid_request");
        foreach (var (name, seconds) in ((string, int)[])[("iat", 100), ("nbf", 100), ("exp", -1)])
            await ShouldBeRefused(await PushAs(Assertion(client), [("request", key.Sign(Object(client, (name, In(seconds)))))]), "invalid_request_object");
        (await PushAs(Assertion(client), [("request", key.Sign(Object(client, ("nbf", In(8)), ("iat", In(8))), "oauth-authz-req+jwt"))])).StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task An_app_may_use_the_response_modes_that_it_registered_and_no_other()
    {
        var (client, _) = await AddClient(skipsConsent: true, change: client => client.Settings = new() { ResponseModes = ["fragment", "form_post"] });
        var browser = await SignedIn(await AddUser());

        (await browser.GetAsync(FlowTest.AuthorizeUrl(client), Ct)).Headers.Location!.Fragment.ShouldContain("code=");
        (await (await browser.GetAsync(FlowTest.AuthorizeUrl(client, ("response_mode", "form_post")), Ct)).Content.ReadAsStringAsync(Ct)).ShouldContain("name=\"code\"");
        foreach (var mode in (string[])["query", "jwt", "query.jwt"])
            (await browser.GetAsync(FlowTest.AuthorizeUrl(client, ("response_mode", mode)), Ct)).Headers.Location!.Fragment.ShouldContain("error=invalid_request");
    }

    private Task<Client> AddSigning() => AddApp(SecurityProfile.Fapi2MessageSigning, change: client => client.Settings = client.Settings with { Jwks = Both });

    // The key of the assertions and that of the requests.
    private System.Text.Json.JsonElement Both => System.Text.Json.JsonElement.Parse(
        $$"""{"keys":[{{KeySet((Key, SigningAlgorithms.Es256)).GetProperty("keys")[0].GetRawText()}},{{key.Jwks.GetProperty("keys")[0].GetRawText()}}]}""");

    private Task<JsonWebToken> Ask(Client client, params (string Name, JsonNode? Value)[] changes) => Ask(client, signedIn: true, changes);

    private async Task<JsonWebToken> Ask(Client client, bool signedIn, params (string Name, JsonNode? Value)[] changes)
    {
        var pushed = await PushAs(Assertion(client), [("request", key.Sign(Object(client, changes)))]);
        pushed.StatusCode.ShouldBe(HttpStatusCode.Created, await pushed.Content.ReadAsStringAsync(Ct));
        var browser = signedIn ? await SignedIn(await AddUser()) : Site.Browser();
        var answer = Answer(await browser.GetAsync(AuthorizeUrl(client, await Json(pushed)), Ct));
        answer.ShouldHaveSingleItem().Key.ShouldBe("response");
        return Jwt(answer["response"]);
    }

    private JsonObject Object(Client client, params (string Name, JsonNode? Value)[] changes)
    {
        var claims = new JsonObject { ["iss"] = client.Id, ["aud"] = new JsonArray(Site.Issuer, "https://other.test"), ["nbf"] = In(0), ["exp"] = In(300) };
        foreach (var (name, value) in Parameters(client))
            claims[name] = value;
        foreach (var (name, value) in changes)
        {
            claims.Remove(name);
            if (value is not null)
                claims[name] = value;
        }

        return claims;
    }

    private long In(int seconds) => Site.Clock.GetUtcNow().AddSeconds(seconds).ToUnixTimeSeconds();

    private async Task ShouldVerify(JsonWebToken jwt)
    {
        var published = JwkSet.Read(await Json(await Site.Browser().GetAsync("/.well-known/jwks.json", Ct))).Keys.Single(known => known.Id == jwt.Kid);
        Jws.Read(jwt.EncodedToken, 16_000)!.IsSignedBy(published, [jwt.Alg]).ShouldBeTrue();
    }
}
