using System.Security.Cryptography;
using System.Text;
using System.Threading.RateLimiting;

namespace Signet.Infrastructure.Mail;

/// <summary>A few mails of one kind to one person in an hour, from each node: what anybody can set off must not fill a stranger's mailbox.</summary>
internal sealed class MailAllowance : IDisposable
{
    public const int InAnHour = 3;

    private readonly PartitionedRateLimiter<(string Key, int Most)> limiter = PartitionedRateLimiter.Create<(string Key, int Most), string>(whom =>
        RateLimitPartition.GetSlidingWindowLimiter(whom.Key, _ => new SlidingWindowRateLimiterOptions
        {
            PermitLimit = whom.Most,
            Window = TimeSpan.FromHours(1),
            SegmentsPerWindow = 6,
            QueueLimit = 0,
        }));

    /// <summary>Takes one mail; false while there is none left.</summary>
    public bool Take(string kind, string whom, int most = InAnHour)
    {
        // One length for every key, whatever was typed.
        var key = SHA256.HashData(Encoding.UTF8.GetBytes($"{kind}|{whom.ToUpperInvariant()}"));
        using var lease = limiter.AttemptAcquire((Convert.ToHexString(key), most));
        return lease.IsAcquired;
    }

    public void Dispose() => limiter.Dispose();
}
