using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace Signet.Infrastructure.Data;

/// <summary>Chooses the database: PostgreSQL where <c>ConnectionStrings:Postgres</c> is set, else an SQLite file.</summary>
internal static class Database
{
    public static string? PostgresConnection(this IConfiguration configuration) =>
        configuration.GetConnectionString("Postgres") is { Length: > 0 } connection ? connection : null;

    /// <summary>Where the embedded database and Development's files are; relative to the content root.</summary>
    public static string DataDirectory(IConfiguration configuration, string contentRoot) =>
        Path.Combine(contentRoot, configuration["Signet:DataDirectory"] is { Length: > 0 } path ? path : "data");

    public static IServiceCollection AddDatabase(this IServiceCollection services, IConfiguration configuration, string contentRoot)
    {
        if (configuration.PostgresConnection() is { } connection)
        {
            var tuned = Tune(connection);
            services.AddDbContextPool<AppDbContext, PostgresDbContext>(options => UsePostgres(Quieten(options), tuned));
        }
        else
        {
            var file = Path.Combine(MakeDirectory(DataDirectory(configuration, contentRoot)), "signet.db");
            services.AddDbContextPool<AppDbContext, SqliteDbContext>(options => UseSqlite(Quieten(options), file));
        }

        return services;
    }

    private static void UsePostgres(DbContextOptionsBuilder options, string connection) => options.UseNpgsql(connection);

    private static void UseSqlite(DbContextOptionsBuilder options, string file) => options
        .UseSqlite(new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = 5, ForeignKeys = true }.ToString())
        .AddInterceptors(new SqlitePragmas());

    // A lost race is an ending here, not an error; what matters is logged by the feature that it happened to.
    private static DbContextOptionsBuilder Quieten(DbContextOptionsBuilder options) => options.ConfigureWarnings(warnings => warnings
        .Log((RelationalEventId.CommandError, LogLevel.Debug), (CoreEventId.SaveChangesFailed, LogLevel.Debug)));

    /// <summary>Defaults that serve a token server; whatever the connection string says itself wins.</summary>
    private static string Tune(string connection)
    {
        var given = Read(connection);
        var tuned = new NpgsqlConnectionStringBuilder
        {
            // At most five seconds until a server that hangs becomes 503: Npgsql gives up a command after CommandTimeout, and then
            // asks the server to cancel it, on a new connection that may take twice Timeout to fail.
            Timeout = 1,
            CommandTimeout = 3,
            CancellationTimeout = 500,
            MaxAutoPrepare = 100,
            AutoPrepareMinUsages = 2,
            NoResetOnClose = true,
            MaxPoolSize = 50,
            ApplicationName = "signet",
        };
        foreach (var key in given.Keys.Cast<string>())
            tuned[key] = given[key];
        return tuned.ConnectionString;
    }

    private static NpgsqlConnectionStringBuilder Read(string connection)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(connection);
        }
        catch (ArgumentException malformed)
        {
            throw new InvalidSetting($"ConnectionStrings:Postgres is not a connection string such as Host=db;Username=signet;Password=…;Database=signet: {malformed.Message}");
        }
    }

    private static string MakeDirectory(string path)
    {
        try
        {
            // The file holds what seals the keys: nobody else on the machine looks in.
            return (OperatingSystem.IsWindows() ? Directory.CreateDirectory(path) : Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute)).FullName;
        }
        catch (Exception refused) when (refused is UnauthorizedAccessException or IOException)
        {
            throw new InvalidSetting($"Signet:DataDirectory cannot be made: {refused.Message}");
        }
    }

    /// <summary>Durable across a crash (<c>FULL</c>), readers beside one writer (<c>WAL</c>), and a writer waits up to 5 s for another.</summary>
    private sealed class SqlitePragmas : DbConnectionInterceptor
    {
        private const string Pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000;";

        public override void ConnectionOpened(System.Data.Common.DbConnection connection, ConnectionEndEventData eventData)
        {
            using var command = connection.CreateCommand();
            command.CommandText = Pragmas;
            command.ExecuteNonQuery();
        }

        public override async Task ConnectionOpenedAsync(
            System.Data.Common.DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            await using var command = connection.CreateCommand();
            command.CommandText = Pragmas;
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    // Identity shapes the model by its options, so design time needs the same ones.
    private static DbContextOptionsBuilder AsAtRunTime(DbContextOptionsBuilder options) => options.UseApplicationServiceProvider(
        new ServiceCollection().AddLogging().AddPeople().BuildServiceProvider());

    // How `dotnet ef migrations add --context …` makes a context; the product never does.
    internal sealed class PostgresDesign : IDesignTimeDbContextFactory<PostgresDbContext>
    {
        public PostgresDbContext CreateDbContext(string[] args)
        {
            var options = new DbContextOptionsBuilder<PostgresDbContext>();
            UsePostgres(AsAtRunTime(options), "Host=localhost");
            return new PostgresDbContext(options.Options);
        }
    }

    internal sealed class SqliteDesign : IDesignTimeDbContextFactory<SqliteDbContext>
    {
        public SqliteDbContext CreateDbContext(string[] args)
        {
            var options = new DbContextOptionsBuilder<SqliteDbContext>();
            UseSqlite(AsAtRunTime(options), "design.db");
            return new SqliteDbContext(options.Options);
        }
    }
}
