using System.Net;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Identity;

namespace Signet.Infrastructure.Identity;

/// <summary>
/// Room for hashing on half of the cores and a short queue before it, so that a flood of sign-ins never takes the machine from
/// the tokens. One subscriber has two places in it and waits for them in a line of its own, so that no flood from one address
/// keeps everybody else from signing in. Whoever finds no room is asked to come back.
/// </summary>
internal sealed class HashingRoom : IDisposable
{
    public static readonly TimeSpan ComeBackAfter = TimeSpan.FromSeconds(5);
    public static readonly System.Diagnostics.Metrics.Counter<long> Hashes =
        Telemetry.Telemetry.Meter.CreateCounter<long>("signet.password.hashes", "{hash}", "Password hashes computed: of a user, of nobody (to cost the same), or of a new password.");

    private const int Queue = 16;
    private const int PlacesOfOne = 2;
    private const int QueueOfOne = 14; // an office behind one address comes in together in the morning

    private readonly PartitionedRateLimiter<IPAddress?> ofOne = PartitionedRateLimiter.Create<IPAddress?, string>(address =>
        RateLimitPartition.GetConcurrencyLimiter(Subscriber.Of(address), _ => Limits(PlacesOfOne, QueueOfOne)));

    private readonly PartitionedRateLimiter<IPAddress?> ofAll = PartitionedRateLimiter.Create<IPAddress?, string>(_ =>
        RateLimitPartition.GetConcurrencyLimiter("all", _ => Limits(Math.Max(1, Environment.ProcessorCount / 2), Queue)));

    private readonly PartitionedRateLimiter<IPAddress?> both;
    private readonly Lazy<string> hashOfNobody;

    public HashingRoom(IOptions<PasswordHasherOptions> options)
    {
        both = PartitionedRateLimiter.CreateChained(ofOne, ofAll);
        hashOfNobody = new(() => new PasswordHasher<User>(options)
            .HashPassword(new User { Name = "nobody", CreatedAt = DateTimeOffset.UnixEpoch }, OpaqueValue.Random(OpaqueValue.SecretLength)));
    }

    /// <summary>A hash like everybody's, of a password that nobody knows.</summary>
    public string HashOfNobody => hashOfNobody.Value;

    /// <summary>A place in the room for a request from there; given back by disposing it.</summary>
    public ValueTask<RateLimitLease> Enter(IPAddress? from, CancellationToken ct) => both.AcquireAsync(from, 1, ct);

    public void Dispose()
    {
        both.Dispose();
        ofOne.Dispose();
        ofAll.Dispose();
    }

    private static ConcurrencyLimiterOptions Limits(int places, int queue) =>
        new() { PermitLimit = places, QueueLimit = queue, QueueProcessingOrder = QueueProcessingOrder.OldestFirst };
}
