using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Hosting;
using Npgsql;
using Signet.Tests.Features.RevokeToken;

namespace Signet.Tests.Infrastructure.Data;

/// <summary>A database that neither answers nor refuses (R11).</summary>
public sealed class DatabaseHangsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Says_503_in_time_and_answers_what_needs_no_database_at_once()
    {
        await using var site = new HangingSite();
        await site.InitializeAsync();
        var (client, secret, token) = await new DatabaseAwayTests.Arrange(site).ClientWithToken();
        var http = site.Browser();
        (await DatabaseAwayTests.Arrange.Ask(http, client, secret, "/oauth/introspect", token)).StatusCode.ShouldBe(HttpStatusCode.OK);

        site.Proxy.Stall();
        var watch = Stopwatch.StartNew();
        var asked = DatabaseAwayTests.Arrange.Ask(http, client, secret, "/oauth/introspect", token);
        foreach (var path in (string[])["/.well-known/jwks.json", "/.well-known/openid-configuration", "/health/live"])
            (path, (await http.GetAsync(path, Ct)).StatusCode).ShouldBe((path, HttpStatusCode.OK));
        asked.IsCompleted.ShouldBeFalse();
        var answer = await asked;

        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        answer.Headers.RetryAfter.ShouldNotBeNull();
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(14)); // 5 on a machine of its own; Npgsql itself would wait for 15 to connect

        site.Proxy.Flow();
        (await (await DatabaseAwayTests.Arrange.Ask(http, client, secret, "/oauth/introspect", token)).Content.ReadAsStringAsync(Ct)).ShouldContain("\"active\":true");
    }

    private sealed class HangingSite : PostgresSite
    {
        private static readonly NpgsqlConnectionStringBuilder Real = new(PostgresServer);

        public StallingProxy Proxy { get; } = new(Real.Host!, Real.Port);

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            var connection = new NpgsqlConnectionStringBuilder(ConnectionString) { Host = "127.0.0.1", Port = Proxy.Port };
            connection.Remove("Timeout"); // the product's own patience is what is tested here
            connection.Remove("Command Timeout");
            builder.UseSetting("ConnectionStrings:Postgres", connection.ConnectionString);
        }

        public override async ValueTask DisposeAsync()
        {
            Proxy.Flow();
            await base.DisposeAsync();
            Proxy.Dispose();
        }
    }
}
