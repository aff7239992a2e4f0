using System.Threading.RateLimiting;

namespace Signet.Infrastructure.OAuth;

/// <summary>Slows whoever guesses how a client proves itself, by client and address, without touching the client's own good requests elsewhere.</summary>
internal sealed class FailedSecrets : IDisposable
{
    private readonly PartitionedRateLimiter<string> limiter = PartitionedRateLimiter.Create<string, string>(source =>
        RateLimitPartition.GetSlidingWindowLimiter(source, _ => new SlidingWindowRateLimiterOptions
        {
            PermitLimit = 50,
            Window = TimeSpan.FromMinutes(1),
            SegmentsPerWindow = 6,
            QueueLimit = 0,
        }));

    public bool IsExhausted(string source) => limiter.GetStatistics(source)?.CurrentAvailablePermits == 0;

    public void Count(string source) => limiter.AttemptAcquire(source).Dispose();

    public void Dispose() => limiter.Dispose();
}
