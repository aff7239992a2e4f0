using Hangfire;
using Hangfire.InMemory;
using Hangfire.PostgreSql;
using Npgsql;

namespace Signet.Infrastructure.Jobs;

/// <summary>
/// What happens by the clock: Hangfire, in a schema of its own on PostgreSQL, in memory beside SQLite. Its connections are
/// its own and few, so that jobs never take one from a request. Nothing depends on a job for being refused in time.
/// </summary>
internal static class Jobs
{
    private const string Schema = "hangfire";
    private const long InstallLock = 0x5169_6e65_7401;

    public static IServiceCollection AddJobs(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddHangfire((_, hangfire) =>
        {
            hangfire.UseSimpleAssemblyNameTypeSerializer().UseRecommendedSerializerSettings();
            if (configuration.PostgresConnection() is { } connection)
                hangfire.UsePostgreSqlStorage(postgres => postgres.UseNpgsqlConnection(OwnPool(connection)), new PostgreSqlStorageOptions
                {
                    SchemaName = Schema,
                    PrepareSchemaIfNecessary = false, // InstallJobs does it, at a time when the schema may change
                    QueuePollInterval = TimeSpan.FromSeconds(5),
                });
            else
                hangfire.UseInMemoryStorage(new InMemoryStorageOptions { MaxExpirationTime = TimeSpan.FromDays(1) });
        });
        if (Workers(configuration) is > 0 and var workers)
        {
            services.AddHangfireServer(server =>
            {
                server.WorkerCount = workers;
                server.SchedulePollingInterval = TimeSpan.FromSeconds(5); // how late what is tried again may be
                server.ShutdownTimeout = TimeSpan.FromSeconds(10);
            });
        }

        return services;
    }

    /// <summary>Brings Hangfire's own tables up to date; part of migrating.</summary>
    public static async Task InstallJobs(IConfiguration configuration, CancellationToken ct)
    {
        if (configuration.PostgresConnection() is not { } text)
            return;
        await using var connection = new NpgsqlConnection(OwnPool(text));
        await connection.OpenAsync(ct);
        await Run(connection, $"SELECT pg_advisory_lock({InstallLock})", ct); // nodes that start together take turns
        try
        {
            PostgreSqlObjectsInstaller.Install(connection, Schema);
        }
        finally
        {
            await Run(connection, $"SELECT pg_advisory_unlock({InstallLock})", CancellationToken.None);
        }
    }

    /// <summary>Hangfire's dashboard, for administrators.</summary>
    public static void MapJobsDashboard(this IEndpointRouteBuilder app) =>
        app.MapHangfireDashboard("/admin/jobs", new DashboardOptions
        {
            Authorization = [], // the endpoint's policy decides, like on every other page
            DashboardTitle = "Signet jobs",
            AppPath = "/admin",
            DisplayStorageConnectionString = false,
        }).RequireAuthorization(Policies.Admin);

    public static int Workers(IConfiguration configuration) => configuration.GetValue("Signet:Jobs:Workers", new JobOptions().Workers);

    private static string OwnPool(string connection) => new NpgsqlConnectionStringBuilder(connection)
    {
        MaxPoolSize = 10,
        ApplicationName = "signet jobs",
    }.ConnectionString;

    private static async Task Run(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(ct);
    }
}
