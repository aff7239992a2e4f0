using System.Net;
using System.Text;
using Hangfire;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.Mvc.Testing.Handlers;
using Microsoft.AspNetCore.TestHost;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;
using Respawn;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.OAuth;
using Signet.Infrastructure.Tokens;

[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
[assembly: AssemblyFixture(typeof(Signet.Tests.PostgresSite))]
[assembly: AssemblyFixture(typeof(Signet.Tests.SqliteSite))]

namespace Signet.Tests;

/// <summary>The whole product behind its front door, with a database of its own that each test finds empty.</summary>
public abstract class Site : WebApplicationFactory<Program>, IAsyncLifetime
{
    public const string Issuer = "https://id.test";

    /// <summary>Ticks like the machine's, and a test can set it off or stop it.</summary>
    public TestClock Clock { get; } = new();

    /// <summary>Where the mail of this site goes, and then its jobs run too; null for a site that sends none.</summary>
    public Mailbox? Mailbox { get; protected init; }

    private List<SigningKey>? keys;

    public abstract ValueTask InitializeAsync();

    public async Task Reset()
    {
        Clock.Reset();
        Mailbox?.Empty();
        GlobalConfiguration.Configuration.UseNoOpLogProvider(); // Hangfire's logger is static, and would be that of a host which another test has disposed
        await Empty();
        await InDatabase(async db =>
        {
            await db.Installations.ExecuteUpdateAsync(set => set.SetProperty(i => i.TokenEpoch, 0).SetProperty(i => i.SetUpAt, (DateTimeOffset?)null));
            return 0;
        });
        await RestoreKeys();
        Services.GetRequiredService<ClientDirectory>().Forget();
        Services.GetRequiredService<KeyRing>().Forget();
    }

    // The keys are every test's: one that travelled in time, or rotated them, must not have taken them along.
    private Task RestoreKeys() => InDatabase(async db =>
    {
        keys ??= await db.SigningKeys.AsNoTracking().ToListAsync();
        foreach (var key in keys)
            await db.InsertIfAbsent(key, CancellationToken.None);
        return 0;
    });

    protected abstract Task Empty();

    /// <summary>An HTTP client of a browser's or an app's: keeps cookies, follows nothing.</summary>
    public HttpClient Browser() => CreateClient(new WebApplicationFactoryClientOptions
    {
        BaseAddress = new Uri(Issuer),
        AllowAutoRedirect = false,
        HandleCookies = true,
    });

    /// <summary>A browser whose requests come from this address.</summary>
    public HttpClient BrowserAt(string address) =>
        new(new CookieContainerHandler { InnerHandler = Server.CreateHandler(http => http.Connection.RemoteIpAddress = IPAddress.Parse(address)) }) { BaseAddress = new Uri(Issuer) };

    /// <summary>A browser whose cookies and answers a test can look at.</summary>
    public HttpClient Watched(CookieContainer cookies, Action<HttpResponseMessage>? see = null) =>
        CreateDefaultClient(new Uri(Issuer), new Watcher(see ?? (_ => { })), new CookieContainerHandler(cookies));

    private sealed class Watcher(Action<HttpResponseMessage> see) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = await base.SendAsync(request, cancellationToken);
            see(answer);
            return answer;
        }
    }

    internal async Task<T> InDatabase<T>(Func<AppDbContext, Task<T>> work)
    {
        using var scope = Services.CreateScope();
        return await work(scope.ServiceProvider.GetRequiredService<AppDbContext>());
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment("Testing");
        builder.UseSetting("Signet:Issuer", Issuer);
        builder.UseSetting("Signet:Jobs:Workers", Mailbox is null ? "0" : "1");
        builder.SendMailTo(Mailbox);
        builder.UseSetting("Signet:ShutdownDelay", "00:00:00");
        builder.UseSetting("Logging:LogLevel:Default", "Error");
        builder.UseSetting("Database:MigrateOnStart", "true");
        builder.ConfigureTestServices(services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(Clock)));
    }
}

public class PostgresSite : Site
{
    private readonly string database = $"signet_test_{Guid.NewGuid():N}";
    private Respawner? respawner;

    /// <summary>The server to test on, from <c>SIGNET_TEST_POSTGRES</c>; ./test.sh starts one.</summary>
    public static string PostgresServer => Environment.GetEnvironmentVariable("SIGNET_TEST_POSTGRES")
        ?? throw new InvalidOperationException("Set SIGNET_TEST_POSTGRES to a server where databases may be made, or run ./test.sh, which starts one.");

    public string ConnectionString => Patient(database);

    /// <summary>A database on the server, waited for longer than the product does by itself: a loaded machine is slow, and a 503 of its own is not what is tested.</summary>
    public static string Patient(string database) => new NpgsqlConnectionStringBuilder(PostgresServer) { Database = database, Timeout = 30, CommandTimeout = 30 }.ConnectionString;

    public override async ValueTask InitializeAsync()
    {
        await OnServer($"CREATE DATABASE {database}");
        _ = Services;
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        respawner = await Respawner.CreateAsync(connection, new RespawnerOptions
        {
            DbAdapter = DbAdapter.Postgres,
            SchemasToInclude = ["public"],
            TablesToIgnore = ["__EFMigrationsHistory", "roles", "installations", "signing_keys", "data_protection_keys"],
        });
    }

    protected override async Task Empty()
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        await respawner!.ResetAsync(connection);
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        builder.UseSetting("ConnectionStrings:Postgres", ConnectionString);
    }

    /// <summary>All that stands in the database, as text.</summary>
    public async Task<string> Dump(CancellationToken ct)
    {
        var dump = new StringBuilder();
        var tables = new List<string>();
        await using var source = NpgsqlDataSource.Create(ConnectionString);
        await using (var names = await source.CreateCommand("SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables WHERE schemaname IN ('public', 'hangfire')").ExecuteReaderAsync(ct))
        {
            while (await names.ReadAsync(ct))
                tables.Add(names.GetString(0));
        }

        tables.Count.ShouldBeGreaterThan(20);
        foreach (var table in tables)
        {
            await using var rows = await source.CreateCommand($"SELECT t::text FROM {table} t").ExecuteReaderAsync(ct);
            while (await rows.ReadAsync(ct))
                dump.AppendLine(rows.GetString(0));
        }

        return dump.ToString();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (Mailbox is not null)
            await Mailbox.DisposeAsync();
        await DropDatabase();
        GC.SuppressFinalize(this);
    }

    public Task DropDatabase() => OnServer($"DROP DATABASE IF EXISTS {database} WITH (FORCE)");

    private static async Task OnServer(string sql)
    {
        await using var source = NpgsqlDataSource.Create(PostgresServer);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}

public class SqliteSite : Site
{
    private static readonly string[] Kept = ["__EFMigrationsHistory", "__EFMigrationsLock", "roles", "installations", "signing_keys", "data_protection_keys"];
    private readonly string directory = Directory.CreateTempSubdirectory("signet-test-").FullName;

    public override ValueTask InitializeAsync()
    {
        _ = Services;
        return ValueTask.CompletedTask;
    }

    protected override Task Empty() => InDatabase(async db =>
    {
        var tables = await db.Database.SqlQueryRaw<string>("SELECT name AS Value FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").ToListAsync();
        var emptying = string.Concat(tables.Except(Kept).Select(table => $"DELETE FROM \"{table}\";"));
        var script = "PRAGMA foreign_keys=OFF;" + emptying + "PRAGMA foreign_keys=ON;";
        await db.Database.ExecuteSqlRawAsync(script);
        return 0;
    });

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        builder.UseSetting("Signet:DataDirectory", directory);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (Mailbox is not null)
            await Mailbox.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(directory, recursive: true);
        GC.SuppressFinalize(this);
    }
}

/// <summary>The machine's time, plus whatever a test says.</summary>
public sealed class TestClock : TimeProvider
{
    private Func<DateTimeOffset> machine = System.GetUtcNow;

    public TimeSpan Offset { get; set; }

    public void Advance(TimeSpan by) => Offset += by;

    /// <summary>For a test that ends at a boundary: the date stands still but for what it is advanced by; timers and timestamps go on.</summary>
    public void Stop()
    {
        var moment = System.GetUtcNow();
        machine = () => moment;
    }

    public void Reset() => (machine, Offset) = (System.GetUtcNow, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => machine() + Offset;
}
