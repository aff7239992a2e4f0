using Hangfire;
using Signet.Infrastructure.Jobs;

namespace Signet.Features;

/// <summary>What happens by the clock, the same from every node that runs jobs.</summary>
internal static class Timetable
{
    public static void Schedule(IServiceProvider services)
    {
        if (Jobs.Workers(services.GetRequiredService<IConfiguration>()) == 0)
            return;
        var jobs = services.GetRequiredService<IRecurringJobManager>();
        ExpireTokens.Schedule(jobs);
        WarnOfExpiry.Schedule(jobs);
        RotateKeys.Schedule(jobs);
        SendLostLogouts.Schedule(jobs);
    }
}
