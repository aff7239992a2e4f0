using Hangfire;

namespace Signet.Features;

internal static partial class ExpireTokens
{
    public static void Schedule(IRecurringJobManager jobs) =>
        jobs.AddOrUpdate<Job>("remove what is over", job => job.Run(CancellationToken.None), "*/10 * * * *");

    public sealed class Job(IMediator mediator)
    {
        [AutomaticRetry(Attempts = 0)] // the next run does what this one could not
        public Task Run(CancellationToken ct) => mediator.Send(new Request(), ct);
    }
}
