using Signet.Infrastructure.Outbound;
using Npgsql;

namespace Signet.Infrastructure.Web;

/// <summary>What must be there before the first request: sound settings, the schema and the keys.</summary>
internal static class PrepareExtensions
{
    private const long MigrationLock = 0x5169_6e65_7402;
    private static readonly TimeSpan PatienceWithOthers = TimeSpan.FromMinutes(2);

    public static async Task Prepare(this IHost host)
    {
        host.Services.CheckSettings();
        RuntimeAdvisory.Heed(host.Services);
        await host.Services.BringSchema();
        using var scope = host.Services.CreateScope();
        await scope.ServiceProvider.GetRequiredService<KeyRotation>().KeepUp(CancellationToken.None);
        // What is answered without the database has to be known before it goes away.
        await host.Services.GetRequiredService<KeyRing>().Published(CancellationToken.None);
        await host.Services.GetRequiredService<ClientDirectory>().LastKnownResources(CancellationToken.None);
    }

    /// <summary>A bad setting speaks here, before the database does.</summary>
    public static void CheckSettings(this IServiceProvider services)
    {
        services.GetService<IStartupValidator>()?.Validate();
        _ = services.GetRequiredService<IOptions<ForwardedHeadersOptions>>().Value;
        _ = services.GetRequiredService<TlsClientAuth>();
        _ = services.GetRequiredService<KeyFiles>();
        _ = services.GetRequiredService<OutboundClient>();
    }

    /// <summary>Migrates where that is this process's business, and says what to do where it is not.</summary>
    public static async Task BringSchema(this IServiceProvider services)
    {
        using var scope = services.CreateScope();
        var db = scope.ServiceProvider.GetRequiredService<AppDbContext>();
        var isDevelopment = services.GetRequiredService<IHostEnvironment>().IsDevelopment();
        if (isDevelopment || services.GetRequiredService<IConfiguration>().GetValue<bool>("Database:MigrateOnStart"))
            await db.Migrate(services.GetRequiredService<IConfiguration>(), CancellationToken.None);
        else if (await LacksSchema(db))
            throw new InvalidSetting("the database lacks this version's schema. Run `signet db migrate`, or set Database:MigrateOnStart=true.");
    }

    // Opened first, so that a database that does not exist is named and not taken for an empty one.
    private static async Task<bool> LacksSchema(AppDbContext db)
    {
        await db.Database.OpenConnectionAsync();
        return (await db.Database.GetPendingMigrationsAsync()).Any();
    }

    /// <summary>Applies what is missing; of several processes at once one does, and the others wait for it.</summary>
    public static async Task Migrate(this AppDbContext db, IConfiguration configuration, CancellationToken ct)
    {
        if ((await db.Database.GetPendingMigrationsAsync(ct)).Any()) // otherwise there is no lock to wait for
            await MigrateOrWait(db, ct);
        await Jobs.Jobs.InstallJobs(configuration, ct);
    }

    private static async Task MigrateOrWait(AppDbContext db, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(PatienceWithOthers);
        db.Database.SetCommandTimeout(PatienceWithOthers);
        try
        {
            await using var turn = await WaitForTurn(db, patience.Token);
            await db.Database.MigrateAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new InvalidSetting($"another process has held the database's migration lock for {PatienceWithOthers.TotalMinutes:0} minutes. If none runs, empty the table __EFMigrationsLock.");
        }
    }

    // EF Core lets go of its own lock between two migrations; this one is held until the connection closes.
    private static async Task<NpgsqlConnection?> WaitForTurn(AppDbContext db, CancellationToken ct)
    {
        if (!db.Database.IsNpgsql() || !await db.Database.CanConnectAsync(ct))
            return null;
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(db.Database.GetConnectionString()) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand($"SELECT pg_advisory_lock({MigrationLock})", connection) { CommandTimeout = (int)PatienceWithOthers.TotalSeconds };
        await command.ExecuteNonQueryAsync(ct);
        return connection;
    }
}
