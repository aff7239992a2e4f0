using Hangfire;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
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

    /// <summary>Ticks like the machine's, and a test can set it off.</summary>
    public TestClock Clock { get; } = new();

    public abstract ValueTask InitializeAsync();

    public async Task Reset()
    {
        Clock.Offset = TimeSpan.Zero;
        GlobalConfiguration.Configuration.UseNoOpLogProvider(); // Hangfire's logger is static, and would be that of a host which another test has disposed
        await Empty();
        await InDatabase(async db =>
        {
            await db.Installations.ExecuteUpdateAsync(set => set.SetProperty(i => i.TokenEpoch, 0).SetProperty(i => i.SetUpAt, (DateTimeOffset?)null));
            return 0;
        });
        Services.GetRequiredService<ClientDirectory>().Forget();
        Services.GetRequiredService<KeyRing>().Forget();
    }

    protected abstract Task Empty();

    /// <summary>An HTTP client of a browser's or an app's: keeps cookies, follows nothing.</summary>
    public HttpClient Browser() => CreateClient(new WebApplicationFactoryClientOptions
    {
        BaseAddress = new Uri(Issuer),
        AllowAutoRedirect = false,
        HandleCookies = true,
    });

    internal async Task<T> InDatabase<T>(Func<AppDbContext, Task<T>> work)
    {
        using var scope = Services.CreateScope();
        return await work(scope.ServiceProvider.GetRequiredService<AppDbContext>());
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment("Testing");
        builder.UseSetting("Signet:Issuer", Issuer);
        builder.UseSetting("Signet:Jobs:Workers", "0");
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

    public string ConnectionString => new NpgsqlConnectionStringBuilder(PostgresServer) { Database = database }.ConnectionString;

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

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
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

public sealed class SqliteSite : Site
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
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(directory, recursive: true);
    }
}

/// <summary>The machine's time, plus whatever a test says.</summary>
public sealed class TestClock : TimeProvider
{
    public TimeSpan Offset { get; set; }

    public void Advance(TimeSpan by) => Offset += by;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Offset;
}
