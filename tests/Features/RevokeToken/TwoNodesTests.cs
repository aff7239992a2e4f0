using System.Net;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Signet.Infrastructure.Identity;

namespace Signet.Tests.Features.RevokeToken;

/// <summary>Two nodes on one PostgreSQL: what ends on one is over on the other with the next request.</summary>
public sealed class TwoNodesTests(PostgresSite site) : SliceTest(site)
{
    [Fact]
    public async Task What_is_revoked_on_one_node_is_inactive_on_the_other_at_once()
    {
        await using var other = Site.WithWebHostBuilder(_ => { });
        var (first, second) = (Site.Browser(), Browser(other));
        var (client, secret) = await AddClient();
        var (grant, refresh) = await AddGrant(await AddUser(), client);
        string[] tokens = [await IssueJwt(client, grant), await IssueOpaque(client, grant), await IssueJwt(client), refresh];
        foreach (var token in tokens)
        {
            (await Introspect(second, client, secret, token)).ShouldContain("\"active\":true");

            (await PostAs(first, client.Id, secret, "/oauth/revoke", ("token", token))).StatusCode.ShouldBe(HttpStatusCode.OK);

            (await Introspect(second, client, secret, token)).ShouldBe(Inactive);
        }
    }

    [Fact]
    public async Task A_session_that_is_ended_on_one_node_is_dead_on_the_other()
    {
        await using var other = Site.WithWebHostBuilder(_ => { });
        var key = await AddSession(await AddUser());
        var (first, second) = (Site.Browser(), Browser(other));
        foreach (var node in new[] { first, second })
            node.DefaultRequestHeaders.Add("Cookie", $"{SessionAuthentication.Cookie}={key}");
        (await first.GetAsync("/account/apps", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await second.GetAsync("/account/apps", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);

        await Site.InDatabase(db => db.Sessions.ExecuteUpdateAsync(set => set.SetProperty(session => session.EndedAt, Site.Clock.GetUtcNow()), Ct));

        (await second.GetAsync("/account/apps", Ct)).StatusCode.ShouldBe(HttpStatusCode.Redirect);
        (await first.GetAsync("/account/apps", Ct)).StatusCode.ShouldBe(HttpStatusCode.Redirect);
    }

    private static HttpClient Browser(WebApplicationFactory<Program> node) =>
        node.CreateClient(new WebApplicationFactoryClientOptions { BaseAddress = new Uri(Tests.Site.Issuer), AllowAutoRedirect = false });
}

/// <summary>A database that goes away (T052): never 200, and never a refusal that makes a client drop its token.</summary>
public sealed class DatabaseAwayTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Says_503_and_never_200_while_the_database_is_away()
    {
        await using var site = new PostgresSite();
        await site.InitializeAsync();
        var arrange = new Arrange(site);
        var (client, secret, token) = await arrange.ClientWithToken();
        var http = site.Browser();
        (await Arrange.Ask(http, client, secret, "/oauth/introspect", token)).StatusCode.ShouldBe(HttpStatusCode.OK);

        await Allow(site, false);
        foreach (var url in new[] { "/oauth/revoke", "/oauth/introspect" })
        {
            var answer = await Arrange.Ask(http, client, secret, url, token);
            answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            answer.Headers.RetryAfter.ShouldNotBeNull();
        }

        foreach (var url in new[] { "/.well-known/openid-configuration", "/.well-known/jwks.json", "/health/live" })
            (url, (await http.GetAsync(url, Ct)).StatusCode).ShouldBe((url, HttpStatusCode.OK));

        await Allow(site, true);
        (await (await Arrange.Ask(http, client, secret, "/oauth/introspect", token)).Content.ReadAsStringAsync(Ct)).ShouldContain("\"active\":true");
    }

    private static async Task Allow(PostgresSite site, bool connections)
    {
        var database = new NpgsqlConnectionStringBuilder(site.ConnectionString).Database;
        await using var source = NpgsqlDataSource.Create(PostgresSite.PostgresServer);
        await using var alter = source.CreateCommand($"ALTER DATABASE {database} ALLOW_CONNECTIONS {connections}");
        await alter.ExecuteNonQueryAsync(Ct);
        await using var cut = source.CreateCommand($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'");
        await cut.ExecuteNonQueryAsync(Ct);
    }

    internal sealed class Arrange(PostgresSite site) : SliceTest(site)
    {
        internal async Task<(Signet.Infrastructure.Data.Client, string, string)> ClientWithToken()
        {
            var (client, secret) = await AddClient();
            return (client, secret, await IssueOpaque(client));
        }

        internal static Task<HttpResponseMessage> Ask(HttpClient http, Signet.Infrastructure.Data.Client client, string secret, string url, string token) =>
            PostAs(http, client.Id, secret, url, ("token", token));
    }
}
