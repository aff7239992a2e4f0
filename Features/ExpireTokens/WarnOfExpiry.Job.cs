using Hangfire;

namespace Signet.Features;

internal static partial class WarnOfExpiry
{
    public static void Schedule(IRecurringJobManager jobs) =>
        jobs.AddOrUpdate<Job>("warn of expiry", job => job.Run(CancellationToken.None), Cron.Daily(6));

    public sealed class Job(IMediator mediator)
    {
        [AutomaticRetry(Attempts = 3)]
        public Task Run(CancellationToken ct) => mediator.Send(new Request(), ct);
    }
}
