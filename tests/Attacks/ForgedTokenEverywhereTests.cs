using System.Net;
using System.Net.Sockets;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.Tokens;

namespace Signet.Tests.Attacks;

/// <summary>Forged tokens at every place that takes a token in: introspection, UserInfo, revocation, the API, and as a hint at authorization.</summary>
public sealed class ForgedTokenEverywhereTests(PostgresSite site) : FlowTest(site)
{
    private Client client = null!;
    private string secret = null!;
    private string good = null!;
    private string idToken = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        (client, secret) = await AddClient(scopes: ["openid", "apps.read"]);
        var tokens = await Tokens(await AddUser(), client, secret);
        (good, idToken) = (Text(tokens, "access_token"), Text(tokens, "id_token"));
        await IsGood();
    }

    [Theory]
    [InlineData("introspection")]
    [InlineData("userinfo")]
    [InlineData("revocation")]
    [InlineData("api")]
    public async Task Are_refused(string place)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/";
        var forged = Forgeries.WithoutOurKey(good, await Key(KeyRing.AccessTokenAlgorithm), await Key(KeyRing.IdTokenAlgorithm), url).ToArray();

        forged.Length.ShouldBeGreaterThan(200);
        foreach (var (what, token) in forged)
            await IsRefused(place, token, what);

        listener.Pending().ShouldBeFalse();
        await IsGood();
    }

    [Theory]
    [InlineData("introspection")]
    [InlineData("userinfo")]
    [InlineData("revocation")]
    [InlineData("api")]
    public async Task Are_refused_even_with_our_key(string place)
    {
        var forged = Forgeries.WithOurKey(good, await Key(KeyRing.AccessTokenAlgorithm)).ToArray();

        forged.Length.ShouldBeGreaterThan(80);
        foreach (var (what, token) in forged)
            await IsRefused(place, token, what);
        await IsGood();
    }

    [Theory] // what is good for one thing is good for nothing else
    [InlineData("introspection")]
    [InlineData("userinfo")]
    [InlineData("revocation")]
    [InlineData("api")]
    public async Task So_are_good_tokens_of_another_kind(string place)
    {
        var user = await AddUser();
        var code = await Code(user, client);
        foreach (var (what, other) in new[] { ("ID token", idToken), ("code", code), ("client secret", secret), ("session key", await AddSession(user)), ("client id", client.Id), ("subject", user.Id.ToString()) })
            await IsRefused(place, other, what);
        if (place is "userinfo" or "api")
            await IsRefused(place, Text(await Tokens(user, client, secret), "refresh_token"), "refresh token");

        (await Redeem(client, secret, code)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await IsGood();
    }

    [Fact] // CVE-2026-96446's relatives: a hint says whom to expect and never who it is
    public async Task As_a_hint_they_sign_nobody_in_and_change_nobody()
    {
        var user = await AddUser();
        var (hinting, _) = await AddClient(skipsConsent: true);
        var browser = await SignedIn(user);
        var forged = Forgeries.WithoutOurKey(idToken, await Key(KeyRing.IdTokenAlgorithm), await Key(KeyRing.AccessTokenAlgorithm), "http://127.0.0.1:1/").Where((_, i) => i % 4 == 0)
            .Concat(Forgeries.WithOurKey(idToken, await Key(KeyRing.IdTokenAlgorithm)).Where((_, i) => i % 4 == 0)).Append(("access token", good)).ToArray();
        foreach (var (what, hint) in forged.Where(forgery => forgery.Item2.Length < 4000))
        {
            var stranger = Answer(await Site.Browser().GetAsync(AuthorizeUrl(hinting, ("id_token_hint", hint), ("prompt", "none")), Ct));
            stranger["error"].ShouldBe("login_required", what);
            var known = await browser.GetAsync(AuthorizeUrl(hinting, ("id_token_hint", hint), ("prompt", "none")), Ct);
            var answer = Answer(known);
            (answer.ContainsKey("code") || answer["error"] == "login_required").ShouldBeTrue(what);
        }
    }

    private async Task IsRefused(string place, string token, string what)
    {
        switch (place)
        {
            case "introspection":
                var asked = await PostAs(Site.Browser(), client.Id, secret, "/oauth/introspect", ("token", token));
                if (token.Length == 0)
                    asked.StatusCode.ShouldBe(HttpStatusCode.BadRequest, what);
                else
                    (await asked.Content.ReadAsStringAsync(Ct)).ShouldBe(Inactive, what);
                break;
            case "revocation":
                ((int)(await PostAs(Site.Browser(), client.Id, secret, "/oauth/revoke", ("token", token))).StatusCode).ShouldBe(token.Length == 0 ? 400 : 200, what);
                (await Site.InDatabase(db => db.RevokedTokens.CountAsync(Ct))).ShouldBe(0, what);
                break;
            default:
                using (var request = new HttpRequestMessage(HttpMethod.Get, place == "api" ? "/api/v1/apps" : "/oauth/userinfo"))
                {
                    request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}").ShouldBeTrue();
                    var response = await Site.Browser().SendAsync(request, Ct);
                    response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, what);
                    response.Headers.WwwAuthenticate.ToString().ShouldContain("invalid_token", Case.Sensitive, what);
                }

                break;
        }
    }

    private async Task IsGood()
    {
        (await Introspect(Site.Browser(), client, secret, good)).ShouldContain("\"active\":true");
        (await IsLive(good)).ShouldBeTrue();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/apps") { Headers = { Authorization = new("Bearer", good) } };
        (await Site.Browser().SendAsync(request, Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private async Task<KeyMaterial> Key(string algorithm) => await Site.Services.GetRequiredService<KeyRing>().Signer(algorithm, Ct);
}
