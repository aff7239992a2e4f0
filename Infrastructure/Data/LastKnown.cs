namespace Signet.Infrastructure.Data;

/// <summary>
/// What was last read from the database: fresh for a while, and still known while the database is away. One reader asks,
/// the others go on with what is known, and nobody waits for a database that hangs.
/// </summary>
internal sealed class LastKnown<T>(Func<CancellationToken, Task<T>> read, TimeSpan freshFor, Action<Exception> couldNotRead) : IDisposable
    where T : class
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);
    private readonly SemaphoreSlim reading = new(1, 1);
    private volatile Known? known;

    public async ValueTask<T> Get(CancellationToken ct)
    {
        if (known is not { IsOverruled: false } last)
            return await Read(ct);
        if (last.Age < freshFor || reading.CurrentCount == 0)
            return last.Value;
        var asked = Read(CancellationToken.None); // it goes on for the others when this caller hangs up
        return await Task.WhenAny(asked, Task.Delay(Patience, ct)) == asked ? await asked : last.Value;
    }

    /// <summary>Call after a change, so that the next caller reads again, and is content with what is known only if that fails.</summary>
    public void Overrule() => known = known is { } last ? last with { IsOverruled = true } : null;

    private async Task<T> Read(CancellationToken ct)
    {
        await reading.WaitAsync(ct);
        try
        {
            if (known is { IsOverruled: false } now && now.Age < freshFor)
                return now.Value;
            var before = known;
            var value = await read(ct);
            known = new(value) { IsOverruled = !ReferenceEquals(known, before) }; // what changed while it was read may not be in it
            return value;
        }
        catch (Exception exception) when (known is not null && !ct.IsCancellationRequested)
        {
            couldNotRead(exception);
            var last = known!.Value;
            known = new(last);
            return last;
        }
        finally
        {
            reading.Release();
        }
    }

    public void Dispose() => reading.Dispose();

    private sealed record Known(T Value)
    {
        private readonly long readAt = Environment.TickCount64; // the machine's own clock: a set-back wall clock must not keep it fresh
        public bool IsOverruled { get; init; }
        public TimeSpan Age => TimeSpan.FromMilliseconds(Environment.TickCount64 - readAt);
    }
}
