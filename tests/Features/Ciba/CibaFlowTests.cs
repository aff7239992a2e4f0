using System.Net;
using Microsoft.EntityFrameworkCore;

namespace Signet.Tests.Features.Ciba;

/// <summary>The whole way of a backchannel request that is polled for, OpenID Connect CIBA §7 to §11.</summary>
public abstract class CibaFlowTests(Site site) : CibaTest(site)
{
    [Fact]
    public async Task A_person_approves_on_the_account_page_and_the_app_gets_its_tokens()
    {
        var (client, secret) = await AddBank();
        var user = await AddUser();

        var asked = await Asked(client, secret, user, ("scope", "openid offline_access"), ("binding_message", "W4SCT"), ("requested_expiry", "120"));
        Text(asked, "auth_req_id").ShouldStartWith("sgb_");
        asked.GetProperty("expires_in").GetInt32().ShouldBe(120);
        asked.GetProperty("interval").GetInt32().ShouldBe(5);
        await ShouldBeRefused(await Poll(client, secret, asked), "authorization_pending");
        await ShouldBeRefused(await Poll(client, secret, asked), "slow_down");

        var browser = await SignedIn(user, "pwd", "otp", "mfa");
        var page = await browser.GetStringAsync("/account/approvals", Ct);
        foreach (var shown in new[] { "Bank wants to", "W4SCT", "Keep this access after you sign out" })
            page.ShouldContain(shown);
        await browser.GetAsync("/account/approvals?handler=Allow", Ct);
        await ShouldBeRefused(await Poll(client, secret, asked), "slow_down");
        (await Press(browser, page)).StatusCode.ShouldBe(HttpStatusCode.Redirect);

        var tokens = await Json(await Poll(client, secret, asked));
        var id = Jwt(Text(tokens, "id_token"));
        id.Subject.ShouldBe(user.Id.ToString());
        id.GetPayloadValue<string>("acr").ShouldBe("aal2");
        (await IsLive(Text(tokens, "access_token"))).ShouldBeTrue();
        (await Refresh(client, secret, Text(tokens, "refresh_token"))).StatusCode.ShouldBe(HttpStatusCode.OK);
        await ShouldBeRefused(await Poll(client, secret, asked), "invalid_grant");
        (await browser.GetStringAsync("/account/approvals", Ct)).ShouldContain("Nothing waits for you");
    }

    [Fact]
    public async Task A_hundred_polls_at_once_are_answered_with_tokens_once()
    {
        var (client, secret) = await AddBank();
        var user = await AddUser();
        var asked = await Asked(client, secret, user);
        await Decide(await SignedIn(user));

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => Poll(client, secret, asked), Ct)));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.OK).ShouldBe(1);
        (await Site.InDatabase(db => db.Grants.CountAsync(Ct))).ShouldBe(1);
    }

    [Fact]
    public async Task Approving_and_denying_at_once_is_one_decision()
    {
        var (client, secret) = await AddBank();
        var user = await AddUser();
        var asked = await Asked(client, secret, user);
        var browser = await SignedIn(user);
        var page = await browser.GetStringAsync("/account/approvals", Ct);

        await Task.WhenAll(Enumerable.Range(0, 10).Select(i => Task.Run(() => Press(browser, page, allows: i % 2 == 0), Ct)));

        var decisions = await Site.InDatabase(db => db.AuditEvents.Where(row => row.Action == "approval given" || row.Action == "approval denied").Select(row => row.Action).ToArrayAsync(Ct));
        var poll = await Poll(client, secret, asked);
        decisions.ShouldBe([poll.StatusCode == HttpStatusCode.OK ? "approval given" : "approval denied"]);
    }

    [Fact]
    public async Task A_denied_request_and_an_expired_one_say_so()
    {
        var (client, secret) = await AddBank();
        var user = await AddUser();
        var browser = await SignedIn(user);
        var denied = await Asked(client, secret, user);
        await Decide(browser, allows: false);
        var late = await Asked(client, secret, user, ("requested_expiry", "30"));

        await ShouldBeRefused(await Poll(client, secret, denied), "access_denied");
        Site.Clock.Advance(TimeSpan.FromSeconds(30));
        await ShouldBeRefused(await Poll(client, secret, late), "expired_token");
        (await browser.GetStringAsync("/account/approvals", Ct)).ShouldContain("Nothing waits for you");
    }
}

public sealed class PostgresCibaFlowTests(PostgresSite site) : CibaFlowTests(site);

public sealed class SqliteCibaFlowTests(SqliteSite site) : CibaFlowTests(site);
