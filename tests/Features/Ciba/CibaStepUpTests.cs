using System.Net;
using Microsoft.EntityFrameworkCore;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.OAuth;

namespace Signet.Tests.Features.Ciba;

/// <summary>An app that wants two factors behind an approval gets them (<c>acr_values</c>, OpenID Connect CIBA §7.1).</summary>
public sealed class CibaStepUpTests(PostgresSite site) : PeopleTest(site)
{
    private static readonly string[] Grants = [GrantTypes.Ciba];

    [Theory]
    [InlineData("aal2", false)]
    [InlineData("urn:unknown aal2", false)]
    [InlineData("", true)]
    public async Task Whoever_allows_with_one_factor_of_two_proves_both_first(string asked, bool byDefault)
    {
        var user = await AddUser();
        var (totp, _) = await Enrol(await SignIn(user));
        var (client, secret, id) = await Ask(user, asked, byDefault ? ["aal2"] : null);
        var browser = Site.Browser();
        browser.DefaultRequestHeaders.Add("Cookie", $"{SessionCookie}={await AddSession(user)}");
        (await browser.GetStringAsync("/account/approvals", Ct)).ShouldContain("The app wants you to prove with a second step");

        var sent = (await Press(browser, "Allow")).Headers.Location!.OriginalString;
        sent.ShouldBe("/login/confirm?returnUrl=%2Faccount%2Fapprovals"); // with both factors, for a person who has two
        (await Poll(client, secret, id)).ShouldBe("authorization_pending");
        var passed = await Submit(browser, sent, ("Input.Password", Password), ("Input.Code", NextCode(totp)));
        passed.Headers.Location!.OriginalString.ShouldBe("/account/approvals");
        browser.DefaultRequestHeaders.Remove("Cookie");
        browser.DefaultRequestHeaders.Add("Cookie", CookieOf(passed, SessionCookie)!.Split(';')[0]);
        (await browser.GetStringAsync("/account/approvals", Ct)).ShouldNotContain("The app wants you to prove");
        await Press(browser, "Allow");

        (await Poll(client, secret, id)).ShouldBe("aal2");
    }

    [Fact]
    public async Task Whoever_has_no_second_factor_enrols_one_and_may_deny_without()
    {
        var user = await AddUser();
        var (client, secret, id) = await Ask(user, "aal2", null);
        var browser = await SignIn(user);

        (await Press(browser, "Allow")).Headers.Location!.OriginalString.ShouldBe("/login/2fa/enrol?returnUrl=%2Faccount%2Fapprovals");
        (await Poll(client, secret, id)).ShouldBe("authorization_pending");
        await Press(browser, "Deny");

        (await Poll(client, secret, id)).ShouldBe("access_denied");
    }

    [Theory]
    [InlineData("aal1")]
    [InlineData("aal2 aal1")]
    [InlineData("urn:unknown")]
    public async Task What_one_factor_meets_asks_for_no_more(string asked)
    {
        var user = await AddUser();
        var (client, secret, id) = await Ask(user, asked, null);

        await Press(await SignedIn(user), "Allow");

        (await Poll(client, secret, id)).ShouldBe("aal1");
    }

    private async Task<(Client Client, string Secret, string Id)> Ask(User user, string asked, string[]? byDefault)
    {
        var (client, secret) = await AddClient(Grants, redirectUris: [], change: client => client.Settings = new ClientSettings { DefaultAcrValues = byDefault });
        var answer = await PostAs(Site.Browser(), client.Id, secret, "/oauth/backchannel", ("scope", "openid"), ("login_hint", user.Email!), ("acr_values", asked));
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(Ct));
        return (client, secret, (await Json(answer)).GetProperty("auth_req_id").GetString()!);
    }

    private async Task<HttpResponseMessage> Press(HttpClient browser, string button)
    {
        var id = await Site.InDatabase(db => db.PendingAuthorizations.Select(row => row.Id).SingleAsync(Ct));
        var page = await browser.GetStringAsync("/account/approvals", Ct);
        return await Post(browser, $"/account/approvals?handler={button}", ("__RequestVerificationToken", AntiforgeryToken(page)), ("id", $"{id}"));
    }

    /// <summary>The error, or the <c>acr</c> of the ID token.</summary>
    private async Task<string> Poll(Client client, string secret, string id)
    {
        Site.Clock.Advance(TimeSpan.FromSeconds(6));
        var answer = await Json(await PostAs(Site.Browser(), client.Id, secret, "/oauth/token", ("grant_type", GrantTypes.Ciba), ("auth_req_id", id)));
        return answer.TryGetProperty("error", out var error) ? error.GetString()! : new Microsoft.IdentityModel.JsonWebTokens.JsonWebToken(answer.GetProperty("id_token").GetString()).GetPayloadValue<string>("acr");
    }
}
