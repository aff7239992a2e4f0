using System.Net;
using System.Security.Cryptography;
using System.Threading.RateLimiting;

namespace Signet.Infrastructure.OAuth;

/// <summary>
/// What a person types in to find the request of a device (RFC 8628 §6.1): eight of twenty letters that nobody mistakes for
/// another and that spell no word, 2.56 · 10¹⁰ of them.
/// </summary>
internal static class UserCode
{
    public const int Length = 8;
    public const int LongestTyped = 64;
    private const string Alphabet = "BCDFGHJKLMNPQRSTVWXZ";

    public static string New() => RandomNumberGenerator.GetString(Alphabet, Length);

    /// <summary>As people see it: XXXX-XXXX.</summary>
    public static string Show(string code) => $"{code[..(Length / 2)]}-{code[(Length / 2)..]}";

    /// <summary>The code that was typed, however it was cased and separated; null for what cannot be one.</summary>
    public static string? Read(string? typed)
    {
        if (typed is not { Length: <= LongestTyped })
            return null;
        var code = string.Concat(typed.Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant();
        return code.Length == Length && code.All(Alphabet.Contains) ? code : null;
    }

    public static byte[] Hash(string code) => new Secret(code).Hash();
}

/// <summary>
/// Ten codes in ten minutes for one person, and ten wrong ones from one address (RFC 8628 §5.1). A person's are counted before
/// they are looked up, so that a hundred at once are ten too.
/// </summary>
internal sealed class UserCodeGuesses : IDisposable
{
    public const int Most = 10;
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    private readonly PartitionedRateLimiter<Guid> ofPerson = PartitionedRateLimiter.Create<Guid, Guid>(person => RateLimitPartition.GetSlidingWindowLimiter(person, _ => Limits()));
    private readonly PartitionedRateLimiter<IPAddress?> ofAddress =
        PartitionedRateLimiter.Create<IPAddress?, string>(address => RateLimitPartition.GetSlidingWindowLimiter(Subscriber.Of(address), _ => Limits()));

    public bool MayTry(Guid person, IPAddress? from)
    {
        if (ofAddress.GetStatistics(from)?.CurrentAvailablePermits == 0)
            return false;
        using var lease = ofPerson.AttemptAcquire(person);
        return lease.IsAcquired;
    }

    public void WasWrong(IPAddress? from) => ofAddress.AttemptAcquire(from).Dispose();

    public void Dispose()
    {
        ofPerson.Dispose();
        ofAddress.Dispose();
    }

    private static SlidingWindowRateLimiterOptions Limits() => new() { PermitLimit = Most, Window = Window, SegmentsPerWindow = 10, QueueLimit = 0 };
}

/// <summary>How many requests may wait for a person because of one app: thirty in a minute from one address or for one person, each kept until it expires.</summary>
internal sealed class AskingAllowance : IDisposable
{
    private readonly PartitionedRateLimiter<string> limiter = PartitionedRateLimiter.Create<string, string>(whom =>
        RateLimitPartition.GetSlidingWindowLimiter(whom, _ => new SlidingWindowRateLimiterOptions { PermitLimit = 30, Window = TimeSpan.FromMinutes(1), SegmentsPerWindow = 6, QueueLimit = 0 }));

    public bool Take(Client client, string whom)
    {
        using var lease = limiter.AttemptAcquire($"{client.Id}|{whom}");
        return lease.IsAcquired;
    }

    public void Dispose() => limiter.Dispose();
}
