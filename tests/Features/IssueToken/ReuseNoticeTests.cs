using System.Net;
using Microsoft.EntityFrameworkCore;

namespace Signet.Tests.Features.IssueToken;

/// <summary>The person is told when something of theirs was presented twice (RFC 9700 §4.14.2, RFC 6749 §4.1.2).</summary>
public sealed class ReuseNoticeTests(PostgresSiteWithMail site) : FlowTest(site), IClassFixture<PostgresSiteWithMail>
{
    [Fact]
    public async Task Of_a_refresh_token_once_for_the_family_however_often_it_is_replayed()
    {
        var (user, (client, _)) = (await AddUser(), await AddClient(isPublic: true));
        var first = Text(await Tokens(user, client, null), "refresh_token");
        await Refresh(client, null, first);
        Site.Clock.Advance(TimeSpan.FromSeconds(11));

        foreach (var replay in await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Refresh(client, null, first))))
            await ShouldBeRefused(replay, "invalid_grant");
        await ShouldBeRefused(await Refresh(client, null, first), "invalid_grant");

        ShouldTellWhatToDo(await Site.Mailbox!.Next(), user.Email!);
        (await MailsQueued()).ShouldBe(1);
    }

    [Fact]
    public async Task Of_a_code_once_and_only_if_something_came_of_it()
    {
        var (user, (client, secret)) = (await AddUser(), await AddClient());
        var browser = await SignedIn(user);
        var (burnt, used) = ((await Authorize(browser, client))["code"], (await Authorize(browser, client))["code"]);
        await ShouldBeRefused(await Redeem(client, secret, burnt, ("code_verifier", new string('w', 64))), "invalid_grant");
        await ShouldBeRefused(await Redeem(client, secret, burnt), "invalid_grant");
        (await MailsQueued()).ShouldBe(0);
        (await Redeem(client, secret, used)).StatusCode.ShouldBe(HttpStatusCode.OK);

        await ShouldBeRefused(await Redeem(client, secret, used), "invalid_grant");
        await ShouldBeRefused(await Redeem(client, secret, used), "invalid_grant");

        ShouldTellWhatToDo(await Site.Mailbox!.Next(), user.Email!);
        (await MailsQueued()).ShouldBe(1);
    }

    private static void ShouldTellWhatToDo(Letter letter, string to)
    {
        letter.To.ShouldBe(to);
        letter.Subject.ShouldBe("We ended the access of Notes to your account");
        letter.Text.ShouldContain("\nhttps://id.test/account/apps\n");
        letter.Text.ShouldContain("sign in to Notes again");
        letter.Text.ShouldContain(" UTC, to the account of " + to);
    }

    // Hangfire keeps what it was given for a day, done or not.
    private async Task<int> MailsQueued()
    {
        var all = await Site.InDatabase(db => db.Database.SqlQuery<int>($"SELECT count(*)::int AS \"Value\" FROM hangfire.job WHERE createdat > {since} AND invocationdata::text LIKE '%Deliver%'").SingleAsync(Ct));
        return all;
    }

    private readonly DateTime since = TimeProvider.System.GetUtcNow().UtcDateTime;
}
