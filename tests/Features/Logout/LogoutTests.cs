using System.Net;

namespace Signet.Tests.Features.SignOut;

/// <summary>Signing out ends the session and what lives from it.</summary>
public abstract class LogoutTests(Site site) : FlowTest(site)
{
    [Fact]
    public async Task Ends_the_session_its_grants_and_their_tokens_but_not_offline_ones()
    {
        var (client, secret) = await AddClient();
        var browser = await SignedIn(await AddUser());
        var bound = await Json(await Redeem(client, secret, (await Authorize(browser, client, ("scope", "openid")))["code"]));
        var offline = await Json(await Redeem(client, secret, (await Authorize(browser, client, ("scope", "openid offline_access")))["code"]));
        var pending = (await Authorize(browser, client, ("scope", "openid")))["code"];

        await Submit(browser, "/logout");

        (await browser.GetAsync("/account", Ct)).Headers.Location!.OriginalString.ShouldStartWith("/login");
        (await IsLive(Text(bound, "access_token"))).ShouldBeFalse();
        await ShouldBeRefused(await Refresh(client, secret, Text(bound, "refresh_token")), "invalid_grant");
        await ShouldBeRefused(await Redeem(client, secret, pending), "invalid_grant");
        (await IsLive(Text(offline, "access_token"))).ShouldBeTrue();
        (await Refresh(client, secret, Text(offline, "refresh_token"))).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_refresh_that_races_a_sign_out_leaves_nothing_alive()
    {
        var (client, _) = await AddClient(isPublic: true);
        var browser = await SignedIn(await AddUser());
        var tokens = await Json(await Redeem(client, null, (await Authorize(browser, client, ("scope", "openid")))["code"]));
        var refresh = Text(tokens, "refresh_token");

        var racing = Enumerable.Range(0, 10).Select(_ => Task.Run(() => Refresh(client, null, refresh))).ToArray();
        await Submit(browser, "/logout");
        var answers = await Task.WhenAll(racing);

        foreach (var answer in answers)
        {
            answer.StatusCode.ShouldBeOneOf(HttpStatusCode.OK, HttpStatusCode.BadRequest);
            if (answer.StatusCode != HttpStatusCode.OK)
                continue;
            (await IsLive(Text(await Json(answer), "access_token"))).ShouldBeFalse();
            await ShouldBeRefused(await Refresh(client, null, Text(await Json(answer), "refresh_token")), "invalid_grant");
        }
    }

    public sealed class OnPostgres(PostgresSite site) : LogoutTests(site);

    public sealed class OnSqlite(SqliteSite site) : LogoutTests(site);
}
