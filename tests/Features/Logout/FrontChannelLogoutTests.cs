using Microsoft.IdentityModel.JsonWebTokens;
using Signet.Infrastructure.Data;

namespace Signet.Tests.Features.SignOut;

/// <summary>The page that opens the apps' pages in frames (OpenID Connect Front-Channel Logout).</summary>
public sealed class FrontChannelLogoutTests(PostgresSite site) : FlowTest(site)
{
    [Fact]
    public async Task Opens_a_frame_for_each_app_of_the_session_and_then_leads_on()
    {
        var (first, firstSecret) = await App("https://app.test", "/bye?x=1", withSession: true);
        var (second, secondSecret) = await App("https://other.test:8443", "/bye", withSession: false);
        await App("https://third.test", "/bye", withSession: true); // not used in this session
        var browser = await SignedIn(await AddUser());
        var idToken = await IdToken(browser, first, firstSecret);
        await IdToken(browser, second, secondSecret);

        var answer = await browser.GetAsync($"/oauth/logout?id_token_hint={idToken.EncodedToken}&post_logout_redirect_uri=https%3A%2F%2Fapp.test%2Fafter&state=x", Ct);
        answer.Headers.Location!.OriginalString.ShouldStartWith("/logout/done?farewell=");
        var done = await browser.GetAsync(answer.Headers.Location, Ct);

        var page = await done.Content.ReadAsStringAsync(Ct);
        page.ShouldContain($"src=\"https://app.test/bye?x=1&amp;iss={Uri.EscapeDataString(Site.Issuer)}&amp;sid={idToken.GetClaim("sid").Value}\"");
        page.ShouldContain("src=\"https://other.test:8443/bye\"");
        page.Split("<iframe").Length.ShouldBe(3);
        page.ShouldContain("href=\"https://app.test/after?state=x\"");
        done.Headers.GetValues("Refresh").Single().ShouldBe("3; url=https://app.test/after?state=x");
        var frames = done.Headers.GetValues("Content-Security-Policy").Single().Split("; ").Single(part => part.StartsWith("frame-src", StringComparison.Ordinal));
        frames.Split(' ')[1..].ShouldBe(["https://app.test", "https://other.test:8443"], ignoreOrder: true);
        (await browser.GetAsync("/logout/done", Ct)).Headers.GetValues("Content-Security-Policy").Single().ShouldContain("frame-src 'none'");
    }

    [Fact]
    public async Task A_person_who_signs_out_alone_gets_the_page_too()
    {
        var (client, secret) = await App("https://app.test", "/bye", withSession: true);
        var browser = await SignedIn(await AddUser());
        await IdToken(browser, client, secret);

        var done = await browser.GetAsync((await Submit(browser, "/logout")).Headers.Location, Ct);

        (await done.Content.ReadAsStringAsync(Ct)).ShouldContain("<iframe");
        done.Headers.Contains("Refresh").ShouldBeFalse();
    }

    private Task<(Client Client, string Secret)> App(string origin, string path, bool withSession) => AddClient(redirectUris: [$"{origin}/cb"], change: client =>
    {
        client.PostLogoutRedirectUris = [$"{origin}/after"];
        client.Settings = new ClientSettings { FrontchannelLogoutUri = origin + path, FrontchannelLogoutSessionRequired = withSession };
    });

    private async Task<JsonWebToken> IdToken(HttpClient browser, Client client, string secret) =>
        Jwt(Text(await Json(await Redeem(client, secret, (await Authorize(browser, client))["code"])), "id_token"));
}
