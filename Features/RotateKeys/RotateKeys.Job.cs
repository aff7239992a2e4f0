using Hangfire;

namespace Signet.Features;

internal static partial class RotateKeys
{
    /// <summary>Every hour there is a next key where there was none, long before it is needed.</summary>
    public static void Schedule(IRecurringJobManager jobs) =>
        jobs.AddOrUpdate<Job>("rotate keys", job => job.Run(CancellationToken.None), Cron.Hourly());

    public sealed class Job(KeyRotation rotation)
    {
        [AutomaticRetry(Attempts = 0)] // the next hour does what this one could not
        public Task Run(CancellationToken ct) => rotation.KeepUp(ct);
    }
}
