using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.Testing;
using Signet.Infrastructure.Data;

namespace Signet.Tests.Features.Authorize;

/// <summary>Signed request objects, RFC 9101 and FAPI 2.0 Message Signing §5.3.1.</summary>
public sealed class RequestObjectTests(PostgresSite site) : FlowTest(site)
{
    private readonly AppKey key = new();
    private Client client = null!;
    private string secret = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        (client, secret) = await AddClient(skipsConsent: true, change: client => client.Settings = new ClientSettings { Jwks = key.Jwks, RequireSignedRequestObject = true });
    }

    [Theory]
    [InlineData("oauth-authz-req+jwt")]
    [InlineData("JWT")]
    [InlineData(null)]
    public async Task What_the_app_signed_counts_and_what_stands_beside_it_does_not(string? type)
    {
        var browser = await SignedIn(await AddUser());

        var answer = Answer(await browser.GetAsync(Url(key.Sign(Claims(), type)) + "&state=outside&nonce=outside&scope=admin&redirect_uri=https%3A%2F%2Fevil.test", Ct));

        (answer["state"], answer["iss"]).ShouldBe(("s1", Site.Issuer));
        Jwt(Text(await Json(await Redeem(client, secret, answer["code"])), "id_token")).GetPayloadValue<string>("nonce").ShouldBe("n1");
    }

    [Fact]
    public async Task A_state_that_stands_outside_alone_is_not_used()
    {
        var answer = Answer(await (await SignedIn(await AddUser())).GetAsync(Url(key.Sign(Claims(("state", null)))) + "&state=outside", Ct));

        answer.ShouldContainKey("code");
        answer.ShouldNotContainKey("state");
    }

    [Fact]
    public async Task A_number_a_list_and_an_object_are_read_as_the_parameters_that_they_are()
    {
        var user = await AddUser();
        Site.Clock.Advance(TimeSpan.FromSeconds(10));

        var response = await (await SignedIn(user)).GetAsync(Url(key.Sign(Claims(
            ("max_age", 3600), ("resource", new JsonArray(Site.Issuer)), ("claims", new JsonObject { ["userinfo"] = new JsonObject() })))), Ct);

        Answer(response).ShouldContainKey("code");
    }

    [Fact]
    public async Task A_request_waits_for_the_person_longer_than_its_signature_lasts()
    {
        var user = await AddUser();
        var browser = Site.Browser();
        var login = (await browser.GetAsync(Url(key.Sign(Claims())), Ct)).Headers.Location!.OriginalString;
        Site.Clock.Advance(TimeSpan.FromMinutes(8));

        var onward = await Submit(browser, login, ("Input.Email", user.Email!), ("Input.Password", Password));

        Answer(await browser.GetAsync(onward.Headers.Location, Ct)).ShouldContainKey("code");
    }

    public static TheoryData<string> Wrongs => ["no exp", "expired", "not begun", "other audience", "no audience", "other issuer", "no issuer", "assertion", "other client", "request inside", "request_uri inside",
        "unsigned", "other key", "broken", "RS256 not registered", "JWE", "typed otherwise", "half a character"];

    [Theory] // T035, and the suite's list
    [MemberData(nameof(Wrongs))]
    public async Task An_object_that_is_not_as_it_must_be_is_refused_here_and_when_pushed(string wrong)
    {
        var claims = wrong switch
        {
            "no exp" => Claims(("exp", null)),
            "expired" => Claims(("exp", In(-1))),
            "not begun" => Claims(("nbf", In(300))),
            "other audience" => Claims(("aud", "https://other.test")),
            "no audience" => Claims(("aud", null)),
            "other issuer" => Claims(("iss", "other")),
            "no issuer" => Claims(("iss", null)),
            "assertion" => Claims(("sub", client.Id)),
            "other client" => Claims(("client_id", "other")),
            "request inside" => Claims(("request", "x")),
            "request_uri inside" => Claims(("request_uri", "https://app.test/object")),
            _ => Claims(),
        };
        var text = wrong switch
        {
            "unsigned" => AppKey.Unsigned(claims),
            "other key" => new AppKey().Sign(claims),
            "broken" => key.Sign(claims)[..^4] + "AAAA",
            "RS256 not registered" => new AppKey("RS256").Sign(claims),
            "JWE" => "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAAAAAAAAAAAAAA.e30.AAAAAAAAAAAAAAAAAAAAAA",
            "typed otherwise" => key.Sign(claims, "at+jwt"),
            "half a character" => key.SignText(claims.ToJsonString().Replace("\"s1\"", "\"\\ud800\"", StringComparison.Ordinal)),
            _ => key.Sign(claims),
        };
        var browser = await SignedIn(await AddUser());

        var answer = Answer(await browser.GetAsync(Url(text) + $"&redirect_uri={Uri.EscapeDataString(RedirectUri)}", Ct));
        var bare = await browser.GetAsync(Url(text), Ct);

        answer["error"].ShouldBe("invalid_request_object");
        answer.ShouldNotContainKey("code");
        bare.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        bare.Headers.Location.ShouldBeNull();
        await ShouldBeRefused(await PostAs(Site.Browser(), client.Id, secret, "/oauth/par", ("request", text)), "invalid_request_object");
    }

    [Fact]
    public async Task A_redirect_uri_inside_that_is_not_registered_is_never_followed()
    {
        var browser = await SignedIn(await AddUser());

        foreach (var uri in new JsonNode?[] { "https://evil.test/", null })
            (await browser.GetAsync(Url(key.Sign(Claims(("redirect_uri", uri)))) + $"&redirect_uri={Uri.EscapeDataString(RedirectUri)}", Ct)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task An_app_that_must_sign_cannot_do_without()
    {
        Answer(await (await SignedIn(await AddUser())).GetAsync(AuthorizeUrl(client), Ct))["error"].ShouldBe("invalid_request");
        await ShouldBeRefused(await Push(client, secret), "invalid_request");
    }

    [Fact]
    public async Task A_signed_object_can_be_pushed()
    {
        var pushed = await Json(await PostAs(Site.Browser(), client.Id, secret, "/oauth/par", ("request", key.Sign(Claims())), ("state", "outside")));

        var answer = Answer(await (await SignedIn(await AddUser())).GetAsync($"/oauth/authorize?client_id={client.Id}&request_uri={Uri.EscapeDataString(Text(pushed, "request_uri"))}", Ct));

        answer["state"].ShouldBe("s1");
        answer.ShouldContainKey("code");
    }

    [Theory]
    [InlineData(0.0, 5.0, true)]
    [InlineData(-59.0, 0.5, true)]
    [InlineData(0.13, 5.0, true)]
    [InlineData(-61.0, 5.0, false)]
    [InlineData(-10.0, 51.0, false)]
    [InlineData(null, 5.0, false)]
    public async Task Message_signing_wants_a_window_of_an_hour(double? begins, double ends, bool isGood)
    {
        var (strict, strictSecret) = await AddClient(change: client => client.Settings = new ClientSettings { Jwks = key.Jwks, Profile = SecurityProfile.Fapi2MessageSigning });
        var claims = Claims(("iss", strict.Id), ("client_id", strict.Id), ("exp", In(ends * 60)), ("nbf", begins is { } at ? In(at * 60) : null));

        var pushed = await PostAs(Site.Browser(), strict.Id, strictSecret, "/oauth/par", ("request", key.Sign(claims)));

        if (isGood)
            pushed.StatusCode.ShouldBe(HttpStatusCode.Created, await pushed.Content.ReadAsStringAsync(Ct));
        else
            await ShouldBeRefused(pushed, "invalid_request_object");
    }

    [Fact]
    public async Task Under_fapi_an_rs256_signature_is_refused_and_so_is_one_by_another_algorithm_than_the_registered()
    {
        var rsa = new AppKey("RS256");
        var (strict, strictSecret) = await AddClient(change: client => client.Settings = new ClientSettings { Jwks = rsa.Jwks, Profile = SecurityProfile.Fapi2Security });
        var (registered, registeredSecret) = await AddClient(change: client => client.Settings = new ClientSettings { Jwks = key.Jwks, RequestObjectSigningAlg = "PS256" });

        await ShouldBeRefused(await PostAs(Site.Browser(), strict.Id, strictSecret, "/oauth/par", ("request", rsa.Sign(Claims(("iss", strict.Id), ("client_id", strict.Id))))), "invalid_request_object");
        await ShouldBeRefused(await PostAs(Site.Browser(), registered.Id, registeredSecret, "/oauth/par", ("request", key.Sign(Claims(("iss", registered.Id), ("client_id", registered.Id))))), "invalid_request_object");
    }

    [Fact]
    public async Task An_object_at_a_registered_address_is_fetched_once_and_any_other_never()
    {
        await using var server = await OutsideServer.Start();
        await using var app = Site.WithWebHostBuilder(builder => builder
            .Reach(server));
        var (referring, _) = await AddClient(change: client => client.Settings = new ClientSettings { Jwks = key.Jwks, RequestUris = [server.Url("/object")] });
        var text = key.Sign(Claims(("iss", referring.Id), ("client_id", referring.Id)));
        server.Answer("/object", http => http.Response.WriteAsync(text));
        server.Answer("/other", http => http.Response.WriteAsync(text));
        var browser = app.CreateClient(new WebApplicationFactoryClientOptions { BaseAddress = new Uri(Site.Issuer), AllowAutoRedirect = false });
        browser.DefaultRequestHeaders.Add("Cookie", $"{Signet.Infrastructure.Identity.SessionAuthentication.Cookie}={await AddSession(await AddUser())}");

        var other = Answer(await browser.GetAsync(By(referring, server.Url("/other")), Ct));
        var consent = (await browser.GetAsync(By(referring, server.Url("/object")), Ct)).Headers.Location!.OriginalString;
        server.Answer("/object", http => http.Response.WriteAsync("changed"));
        (await (await browser.GetAsync(consent, Ct)).Content.ReadAsStringAsync(Ct)).ShouldContain("See your e-mail address");
        var changed = Answer(await browser.GetAsync(By(referring, server.Url("/object")), Ct));

        other["error"].ShouldBe("request_uri_not_supported");
        changed["error"].ShouldBe("invalid_request_object");
        consent.ShouldContain("urn%253Aietf");
        server.Requests.Select(request => request.Path).ShouldBe(["/object", "/object"]);
    }

    private static string By(Client client, string uri) =>
        $"/oauth/authorize?client_id={client.Id}&request_uri={Uri.EscapeDataString(uri)}&redirect_uri={Uri.EscapeDataString(RedirectUri)}";

    private string Url(string requestObject) => $"/oauth/authorize?client_id={client.Id}&request={requestObject}";

    private long In(double seconds) => Site.Clock.GetUtcNow().AddSeconds(seconds).ToUnixTimeSeconds();

    private JsonObject Claims(params (string Name, JsonNode? Value)[] changes)
    {
        var claims = new JsonObject { ["iss"] = client.Id, ["aud"] = new JsonArray(Site.Issuer, "https://other.test"), ["exp"] = In(300), ["nbf"] = In(8) };
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
}
