using System.Collections.Concurrent;

namespace Signet.Infrastructure.Outbound;

/// <summary>Whoever asks for the same thing at the same time waits for the same answer.</summary>
internal sealed class Flights<T>
{
    private readonly ConcurrentDictionary<string, Lazy<Task<T>>> flights = new(StringComparer.Ordinal);

    /// <summary>Waits for what is under way, or sets out; what has set out goes on for the others when this caller hangs up.</summary>
    public Task<T> Join(string key, Func<Task<T>> setOut, CancellationToken ct) =>
        flights.GetOrAdd(key, _ => new(() => Fly(key, setOut))).Value.WaitAsync(ct);

    private async Task<T> Fly(string key, Func<Task<T>> setOut)
    {
        try
        {
            return await setOut();
        }
        finally
        {
            flights.TryRemove(key, out _);
        }
    }
}
