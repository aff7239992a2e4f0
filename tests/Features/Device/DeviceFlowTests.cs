using System.Net;
using Microsoft.EntityFrameworkCore;

namespace Signet.Tests.Features.Device;

/// <summary>The whole way of a device, RFC 8628.</summary>
public abstract class DeviceFlowTests(Site site) : DeviceTest(site)
{
    [Fact]
    public async Task A_person_allows_a_device_and_it_gets_its_tokens()
    {
        await AddApi();
        var (client, _) = await AddDeviceApp(scopes: ["openid", "email", "offline_access", "notes.read"]);
        var user = await AddUser();

        var asked = await Ask(client, ("scope", "openid offline_access notes.read"));
        Text(asked, "verification_uri").ShouldBe($"{Site.Issuer}/device");
        Text(asked, "verification_uri_complete").ShouldBe($"{Site.Issuer}/device?user_code={Text(asked, "user_code")}");
        Text(asked, "user_code").ShouldMatch("^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$");
        asked.GetProperty("expires_in").GetInt32().ShouldBe(600);
        asked.GetProperty("interval").GetInt32().ShouldBe(5);
        await ShouldBeRefused(await Poll(client, asked), "authorization_pending");

        (await Decide(await SignedIn(user, "pwd", "otp", "mfa"), Text(asked, "user_code"))).StatusCode.ShouldBe(HttpStatusCode.Redirect);
        var tokens = await Json(await Poll(client, asked));

        var access = Jwt(Text(tokens, "access_token"));
        access.Subject.ShouldBe(user.Id.ToString());
        access.Audiences.ShouldBe(["https://api.test/notes", Site.Issuer], ignoreOrder: true);
        Text(tokens, "scope").ShouldBe("openid offline_access notes.read");
        var id = Jwt(Text(tokens, "id_token"));
        id.GetPayloadValue<string>("acr").ShouldBe("aal2");
        id.GetPayloadValue<string[]>("amr").ShouldBe(["pwd", "otp", "mfa"]);
        (await IsLive(Text(tokens, "access_token"))).ShouldBeTrue();
        (await Refresh(client, null, Text(tokens, "refresh_token"))).StatusCode.ShouldBe(HttpStatusCode.OK);
        await ShouldBeRefused(await Poll(client, asked), "invalid_grant");
        (await Site.InDatabase(db => db.PendingAuthorizations.CountAsync(Ct))).ShouldBe(0);
    }

    [Fact]
    public async Task A_hundred_polls_at_once_are_answered_with_tokens_once()
    {
        var (client, secret) = await AddDeviceApp(isPublic: false);
        var asked = await Json(await PostAs(Site.Browser(), client.Id, secret, "/oauth/device"));
        await Decide(await SignedIn(await AddUser()), Text(asked, "user_code"));

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => Poll(client, asked, secret), Ct)));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.OK).ShouldBe(1);
        foreach (var answer in answers.Where(answer => answer.StatusCode != HttpStatusCode.OK))
            await ShouldBeRefused(answer, "invalid_grant");
        (await IsLive(Text(await Json(answers.Single(answer => answer.StatusCode == HttpStatusCode.OK)), "access_token"))).ShouldBeTrue();
        (await Site.InDatabase(db => db.Grants.CountAsync(Ct))).ShouldBe(1);
    }

    [Fact]
    public async Task Allowing_and_denying_at_once_is_one_decision()
    {
        var (client, _) = await AddDeviceApp();
        for (var round = 0; round < 5; round++)
        {
            var asked = await Ask(client);
            var browser = await SignedIn(await AddUser());
            var page = await (await Submit(browser, "/device", ("user_code", Text(asked, "user_code")))).Content.ReadAsStringAsync(Ct);

            var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => Task.Run(() => Press(browser, page, allows: i % 2 == 0), Ct)));

            answers.Count(answer => answer.StatusCode == HttpStatusCode.Redirect).ShouldBe(1);
            var wasAllowed = answers.Select((answer, i) => (answer, i)).Single(it => it.answer.StatusCode == HttpStatusCode.Redirect).i % 2 == 0;
            var poll = await Poll(client, asked);
            (poll.StatusCode == HttpStatusCode.OK).ShouldBe(wasAllowed);
            if (!wasAllowed)
                await ShouldBeRefused(poll, "access_denied");
        }
    }

    [Fact] // §3.5
    public async Task Polling_too_fast_makes_the_interval_longer()
    {
        Site.Clock.Stop();
        var (client, _) = await AddDeviceApp();
        var asked = await Ask(client);
        await ShouldBeRefused(await Poll(client, asked), "authorization_pending");
        await ShouldBeRefused(await Poll(client, asked), "slow_down");

        Site.Clock.Advance(TimeSpan.FromSeconds(6)); // enough before, and too soon now
        await ShouldBeRefused(await Poll(client, asked), "slow_down");
        Site.Clock.Advance(TimeSpan.FromSeconds(15));
        await ShouldBeRefused(await Poll(client, asked), "authorization_pending");

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => Poll(client, asked), Ct)));
        (await Site.InDatabase(db => db.PendingAuthorizations.Select(row => row.Interval).SingleAsync(Ct))).ShouldBe(15 + 20 * 5);
    }
}

public sealed class PostgresDeviceFlowTests(PostgresSite site) : DeviceFlowTests(site);

public sealed class SqliteDeviceFlowTests(SqliteSite site) : DeviceFlowTests(site);
