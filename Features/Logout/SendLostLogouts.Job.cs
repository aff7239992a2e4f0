using Hangfire;

namespace Signet.Features;

/// <summary>Every minute the notices to apps whose job was lost, or never made, are put on their way again.</summary>
internal static class SendLostLogouts
{
    public static void Schedule(IRecurringJobManager jobs) =>
        jobs.AddOrUpdate<Job>("tell apps of ended sessions", job => job.Run(CancellationToken.None), Cron.Minutely());

    public sealed class Job(LogoutNotices notices)
    {
        [AutomaticRetry(Attempts = 0)] // the next minute does what this one could not
        public Task Run(CancellationToken ct) => notices.SendLost(ct);
    }
}
