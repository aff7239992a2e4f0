using System.Net;
using Microsoft.EntityFrameworkCore;
using Signet.Infrastructure.Data;

namespace Signet.Tests.Features.IssueToken;

/// <summary>Refreshing: RFC 6749 §6, RFC 9700 §4.14.</summary>
public abstract class RefreshTokenTests(Site site) : FlowTest(site)
{
    [Fact]
    public async Task A_public_client_gets_a_successor_and_the_row_stays_one()
    {
        var (client, _) = await AddClient(isPublic: true);
        var first = Text(await Tokens(await AddUser(), client, null), "refresh_token");

        var answer = await Json(await Refresh(client, null, first));

        Text(answer, "refresh_token").ShouldNotBe(first);
        Text(answer, "refresh_token").ShouldStartWith("sgr_");
        Text(answer, "access_token").ShouldNotBeEmpty();
        Jwt(Text(answer, "id_token")).TryGetPayloadValue<string>("nonce", out _).ShouldBeFalse();
        (await Site.InDatabase(db => db.Grants.CountAsync(Ct))).ShouldBe(1);
    }

    [Fact]
    public async Task A_confidential_client_keeps_its_token()
    {
        var (client, secret) = await AddClient();
        var first = Text(await Tokens(await AddUser(), client, secret), "refresh_token");

        Text(await Json(await Refresh(client, secret, first)), "refresh_token").ShouldBe(first);
        Text(await Json(await Refresh(client, secret, first)), "refresh_token").ShouldBe(first);
    }

    [Theory]
    [InlineData(true, "Never", false)]
    [InlineData(false, "Always", true)]
    public async Task The_client_may_choose_otherwise(bool isPublic, string rotation, bool rotates)
    {
        var (client, secret) = await AddClient(isPublic: isPublic, change: client => client.RefreshRotation = Enum.Parse<RefreshRotation>(rotation));
        var credential = isPublic ? null : secret;
        var first = Text(await Tokens(await AddUser(), client, credential), "refresh_token");

        (Text(await Json(await Refresh(client, credential, first)), "refresh_token") != first).ShouldBe(rotates);
    }

    [Fact]
    public async Task A_repetition_within_the_window_gets_the_same_successor()
    {
        Site.Clock.Stop();
        var (client, _) = await AddClient(isPublic: true);
        var first = Text(await Tokens(await AddUser(), client, null), "refresh_token");

        var once = Text(await Json(await Refresh(client, null, first)), "refresh_token");
        Site.Clock.Advance(TimeSpan.FromSeconds(9));
        var again = Text(await Json(await Refresh(client, null, first)), "refresh_token");

        again.ShouldBe(once);
        (await Refresh(client, null, again)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Reuse_after_the_window_ends_the_whole_family()
    {
        var (client, _) = await AddClient(isPublic: true);
        var first = await Tokens(await AddUser(), client, null);
        var second = await Json(await Refresh(client, null, Text(first, "refresh_token")));
        Site.Clock.Advance(TimeSpan.FromSeconds(11));

        await ShouldBeRefused(await Refresh(client, null, Text(first, "refresh_token")), "invalid_grant");

        await ShouldBeRefused(await Refresh(client, null, Text(second, "refresh_token")), "invalid_grant");
        (await IsLive(Text(second, "access_token"))).ShouldBeFalse();
        (await Site.InDatabase(db => db.AuditEvents.SingleAsync(e => e.Action == "refresh_reuse", Ct))).UserId.ShouldNotBeNull();
    }

    [Fact]
    public async Task An_older_generation_ends_the_family_at_once()
    {
        var (client, _) = await AddClient(isPublic: true);
        var first = Text(await Tokens(await AddUser(), client, null), "refresh_token");
        var second = Text(await Json(await Refresh(client, null, first)), "refresh_token");
        var third = Text(await Json(await Refresh(client, null, second)), "refresh_token");

        await ShouldBeRefused(await Refresh(client, null, first), "invalid_grant");
        await ShouldBeRefused(await Refresh(client, null, third), "invalid_grant");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_hundred_parallel_refreshes_all_get_the_one_successor(bool isPublic)
    {
        Site.Clock.Stop();
        var (client, secret) = await AddClient(isPublic: isPublic);
        var credential = isPublic ? null : secret;
        var first = Text(await Tokens(await AddUser(), client, credential), "refresh_token");

        var responses = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => Refresh(client, credential, first))));

        responses.ShouldAllBe(response => response.StatusCode == HttpStatusCode.OK);
        var successors = await Task.WhenAll(responses.Select(async response => Text(await Json(response), "refresh_token")));
        successors.Distinct().Count().ShouldBe(1);
        (await Refresh(client, credential, successors[0])).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Only_the_authenticated_owner_can_refresh()
    {
        var (client, secret) = await AddClient();
        var (other, otherSecret) = await AddClient();
        var token = Text(await Tokens(await AddUser(), client, secret), "refresh_token");

        await ShouldBeRefused(await Refresh(client, null, token), "invalid_client", 401);
        await ShouldBeRefused(await Refresh(client, "wrong", token), "invalid_client", 401);
        await ShouldBeRefused(await Refresh(other, otherSecret, token), "invalid_grant");
        (await Refresh(client, secret, token)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("scope", "openid email", "invalid_scope")]
    [InlineData("resource", "https://other.test", "invalid_target")]
    public async Task A_refresh_never_widens(string name, string value, string error)
    {
        var (client, secret) = await AddClient();
        var token = Text(await Tokens(await AddUser(), client, secret, ("scope", "openid")), "refresh_token");

        await ShouldBeRefused(await Refresh(client, secret, token, (name, value)), error);
        (await Refresh(client, secret, token)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_refresh_may_narrow()
    {
        await AddApi();
        var (client, secret) = await AddClient(scopes: ["openid", "notes.read", "notes.write"]);
        var token = Text(await Tokens(await AddUser(), client, secret), "refresh_token");

        var narrowed = Jwt(Text(await Json(await Refresh(client, secret, token, ("scope", "notes.read"))), "access_token"));

        narrowed.GetPayloadValue<string>("scope").ShouldBe("notes.read");
        Jwt(Text(await Json(await Refresh(client, secret, token)), "access_token")).GetPayloadValue<string>("scope").ShouldBe("openid notes.read notes.write");
    }

    [Fact]
    public async Task Without_offline_access_the_grant_dies_with_its_session()
    {
        var (client, secret) = await AddClient();
        var user = await AddUser();
        var bound = Text(await Tokens(user, client, secret, ("scope", "openid")), "refresh_token");
        var offline = Text(await Tokens(user, client, secret, ("scope", "openid offline_access")), "refresh_token");
        DateTimeOffset? now = Site.Clock.GetUtcNow();
        await Site.InDatabase(db => db.Sessions.ExecuteUpdateAsync(set => set.SetProperty(session => session.EndedAt, now), Ct));

        await ShouldBeRefused(await Refresh(client, secret, bound), "invalid_grant");
        (await Refresh(client, secret, offline)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_sliding_limit_moves_and_the_absolute_one_does_not()
    {
        var (client, secret) = await AddClient();
        var token = Text(await Tokens(await AddUser(), client, secret, ("scope", "openid offline_access")), "refresh_token");
        for (var days = 0; days < 84; days += 12)
        {
            Site.Clock.Advance(TimeSpan.FromDays(12));
            (await Refresh(client, secret, token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        Site.Clock.Advance(TimeSpan.FromDays(7));
        await ShouldBeRefused(await Refresh(client, secret, token), "invalid_grant");
    }

    [Fact]
    public async Task An_unused_token_expires()
    {
        var (client, secret) = await AddClient();
        var token = Text(await Tokens(await AddUser(), client, secret, ("scope", "openid offline_access")), "refresh_token");
        Site.Clock.Advance(TimeSpan.FromDays(14.1));

        await ShouldBeRefused(await Refresh(client, secret, token), "invalid_grant");
    }

    public sealed class OnPostgres(PostgresSite site) : RefreshTokenTests(site);

    public sealed class OnSqlite(SqliteSite site) : RefreshTokenTests(site);
}
