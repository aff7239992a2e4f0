using Signet.Infrastructure.Jobs;

namespace Signet.Infrastructure.Web;

/// <summary>What must be there before the first request: the schema and the keys.</summary>
internal static class PrepareExtensions
{
    public static async Task Prepare(this IHost host)
    {
        using var scope = host.Services.CreateScope();
        var services = scope.ServiceProvider;
        _ = services.GetRequiredService<IOptions<SignetOptions>>().Value; // a bad setting speaks before the database does
        var db = services.GetRequiredService<AppDbContext>();
        var isDevelopment = services.GetRequiredService<IHostEnvironment>().IsDevelopment();
        if (isDevelopment || services.GetRequiredService<IConfiguration>().GetValue<bool>("Database:MigrateOnStart"))
        {
            await db.Database.MigrateAsync();
            await Jobs.Jobs.InstallJobs(services.GetRequiredService<IConfiguration>(), CancellationToken.None);
        }
        else if ((await db.Database.GetPendingMigrationsAsync()).Any())
            throw new InvalidSetting("the database lacks this version's schema. Run `signet db migrate`, or set Database:MigrateOnStart=true.");
        await services.GetRequiredService<KeyRotation>().KeepUp(CancellationToken.None);
        services.ScheduleJobs();
    }
}
