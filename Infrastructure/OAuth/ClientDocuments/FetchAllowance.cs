using System.Net;
using System.Threading.RateLimiting;

namespace Signet.Infrastructure.OAuth;

/// <summary>
/// How many documents of clients a node fetches in a minute: what anybody can set off must not become traffic against somebody.
/// A client that is known already has its own share, so that a flood of unknown ones cannot keep it from being read again.
/// </summary>
internal sealed class FetchAllowance : IDisposable
{
    public const int PerClient = 6;
    public const int PerAddress = 10;
    public const int PerHost = 30;
    public const int PerNode = 120;

    private readonly PartitionedRateLimiter<string> clients = InAMinute(PerClient);
    private readonly PartitionedRateLimiter<string> strangers = PartitionedRateLimiter.CreateChained(Keyed(0, PerAddress), Keyed(1, PerHost), Keyed(2, PerNode));

    /// <summary>Takes one fetch of the document of a client that is known here; false while there is none left.</summary>
    public bool TakeKnown(string id) => clients.AttemptAcquire(id).IsAcquired;

    /// <summary>The same for an unknown one, whom somebody at this address names.</summary>
    public bool Take(string id, IPAddress? address) => strangers.AttemptAcquire($"{Subscriber.Of(address)} {ClientIds.HostOf(id)} node").IsAcquired;

    public void Dispose()
    {
        clients.Dispose();
        strangers.Dispose();
    }

    private static PartitionedRateLimiter<string> Keyed(int part, int most) => InAMinute(most).WithTranslatedKey<string>(keys => keys.Split(' ')[part], leaveOpen: false);

    private static PartitionedRateLimiter<string> InAMinute(int most) => PartitionedRateLimiter.Create<string, string>(key =>
        RateLimitPartition.GetSlidingWindowLimiter(key, _ => new SlidingWindowRateLimiterOptions
        {
            PermitLimit = most,
            Window = TimeSpan.FromMinutes(1),
            SegmentsPerWindow = 6,
            QueueLimit = 0,
        }));
}
