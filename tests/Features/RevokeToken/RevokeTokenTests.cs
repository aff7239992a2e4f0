using System.Net;
using Microsoft.EntityFrameworkCore;

namespace Signet.Tests.Features.RevokeToken;

/// <summary>RFC 7009.</summary>
public abstract class RevokeTokenTests(Site site) : SliceTest(site)
{
    [Theory]
    [InlineData("jwt")]
    [InlineData("opaque")]
    public async Task Ends_an_access_token_alone(string format)
    {
        var (client, secret) = await AddClient();
        var (grant, refresh) = await AddGrant(await AddUser(), client);
        var token = format == "jwt" ? await IssueJwt(client, grant) : await IssueOpaque(client, grant);
        var http = Site.Browser();

        var response = await PostAs(http, client.Id, secret, "/oauth/revoke", ("token", token));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Headers.CacheControl!.NoStore.ShouldBeTrue();
        (await Introspect(http, client, secret, token)).ShouldBe(Inactive);
        (await Introspect(http, client, secret, refresh)).ShouldContain("\"active\":true");
        (await Trail()).ShouldContain(entry => entry.Action == "token revoked" && entry.Actor == $"client:{client.Id}");
    }

    [Fact] // §2.1
    public async Task Ends_the_whole_grant_with_its_refresh_token()
    {
        var (client, secret) = await AddClient();
        var (grant, refresh) = await AddGrant(await AddUser(), client);
        string[] tokens = [await IssueJwt(client, grant), await IssueOpaque(client, grant), refresh];
        var http = Site.Browser();

        (await PostAs(http, client.Id, secret, "/oauth/revoke", ("token", refresh), ("token_type_hint", "access_token"))).StatusCode.ShouldBe(HttpStatusCode.OK);

        foreach (var token in tokens)
            (await Introspect(http, client, secret, token)).ShouldBe(Inactive);
    }

    [Fact] // T050
    public async Task Leaves_another_apps_tokens_alone_and_keeps_the_attempt()
    {
        var (owner, secret) = await AddClient();
        var (other, otherSecret) = await AddClient();
        var (grant, refresh) = await AddGrant(await AddUser(), owner);
        string[] tokens = [await IssueJwt(owner, grant), await IssueOpaque(owner, grant), refresh];
        var http = Site.Browser();

        foreach (var token in tokens)
            (await PostAs(http, other.Id, otherSecret, "/oauth/revoke", ("token", token))).StatusCode.ShouldBe(HttpStatusCode.OK);

        foreach (var token in tokens)
            (await Introspect(http, owner, secret, token)).ShouldContain("\"active\":true");
        (await Trail()).Count(entry => entry.Action == "revocation of another app's token refused" && entry.Actor == $"client:{other.Id}").ShouldBe(3);
    }

    [Fact] // T051
    public async Task Lets_a_public_client_end_its_own_tokens()
    {
        var (_, api, secret) = await AddApi();
        var (spa, _) = await AddClient(isPublic: true);
        var (grant, refresh) = await AddGrant(await AddUser(), spa);
        var access = await IssueJwt(spa, grant);

        (await Post(Site.Browser(), "/oauth/revoke", ("client_id", spa.Id), ("token", refresh))).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await Introspect(Site.Browser(), api, secret, access)).ShouldBe(Inactive);
    }

    [Fact]
    public async Task Lets_an_api_stop_a_leaked_personal_token_that_is_for_it()
    {
        var (_, api, secret) = await AddApi();
        var (app, appSecret) = await AddClient();
        var (_, token) = await AddPersonalToken(await AddUser());
        var http = Site.Browser();

        await PostAs(http, app.Id, appSecret, "/oauth/revoke", ("token", token));
        (await Introspect(http, api, secret, token)).ShouldContain("\"active\":true");

        await PostAs(http, api.Id, secret, "/oauth/revoke", ("token", token));
        (await Introspect(http, api, secret, token)).ShouldBe(Inactive);
    }

    [Theory] // §2.2: the client must not learn which tokens exist
    [InlineData("unknown")]
    [InlineData("sgt_unknown")]
    [InlineData("a.b.c")]
    public async Task Says_ok_to_a_token_it_does_not_know(string token)
    {
        var (client, secret) = await AddClient();

        (await PostAs(Site.Browser(), client.Id, secret, "/oauth/revoke", ("token", token))).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Refuses_whoever_does_not_prove_who_they_are_or_names_no_token()
    {
        var (client, secret) = await AddClient();

        (await PostAs(Site.Browser(), client.Id, "wrong", "/oauth/revoke", ("token", "x"))).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await PostAs(Site.Browser(), client.Id, secret, "/oauth/revoke")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task No_introspection_that_starts_after_a_revocation_finds_the_token_alive()
    {
        var (client, secret) = await AddClient();
        for (var round = 0; round < 10; round++)
        {
            var token = round % 2 == 0 ? await IssueJwt(client) : await IssueOpaque(client);
            var revoked = 0;
            var lies = 0;
            var readers = Enumerable.Range(0, 8).Select(async _ =>
            {
                for (var i = 0; i < 8; i++)
                {
                    var was = Volatile.Read(ref revoked) == 1;
                    if (await Introspect(Site.Browser(), client, secret, token) != Inactive && was)
                        Interlocked.Increment(ref lies);
                }
            }).ToArray();

            (await PostAs(Site.Browser(), client.Id, secret, "/oauth/revoke", ("token", token))).StatusCode.ShouldBe(HttpStatusCode.OK);
            Volatile.Write(ref revoked, 1);

            await Task.WhenAll(readers);
            lies.ShouldBe(0);
        }
    }

    private Task<List<Signet.Infrastructure.Data.AuditEvent>> Trail() => Site.InDatabase(db => db.AuditEvents.ToListAsync(Ct));

    public sealed class OnPostgres(PostgresSite site) : RevokeTokenTests(site);

    public sealed class OnSqlite(SqliteSite site) : RevokeTokenTests(site);
}
