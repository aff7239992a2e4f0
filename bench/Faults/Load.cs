using System.Collections.Concurrent;

namespace Faults;

/// <summary>
/// A few clients that behave as good ones do: they keep a token until they are refused, try again after an outage, and
/// go to the other node where one does not answer.
/// </summary>
internal sealed class Load(World world, string session) : IDisposable
{
    private readonly Asking asking = new(world);
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentDictionary<string, string> live = new(); // access token → family
    private readonly ConcurrentQueue<string> dead = new();
    private Task work = Task.CompletedTask;

    /// <summary>Which nodes are sent to; a scenario takes one out as a load balancer would.</summary>
    public volatile int[] Targets = [0, 1];

    public static Load Start(World world, string session)
    {
        var load = new Load(world, session);
        load.work = Task.WhenAll([
            .. Enumerable.Range(0, 3).Select(i => load.Repeat(i, load.Machine)),
            .. Enumerable.Range(0, 3).Select(i => load.Chain(i)),
            load.Repeat(0, load.ShortLife), load.Repeat(0, load.Watch), load.Repeat(1, load.Watch),
        ]);
        return load;
    }

    public async Task Stop()
    {
        await stop.CancelAsync();
        await work;
    }

    /// <summary>I2 and I3 after the fault: what was answered is still so, on both nodes.</summary>
    public async Task Audit()
    {
        foreach (var (token, family) in live.ToArray().TakeLast(60))
        {
            foreach (var node in new[] { 0, 1 })
            {
                if (await asking.Introspect(node, token, family) is var said && said["active"] != "True")
                    world.History.Wrong($"I3 the token {History.Hash(token)} was issued and is not there after the fault ({said.Status})");
            }
        }

        foreach (var token in dead.TakeLast(60))
        {
            foreach (var node in new[] { 0, 1 })
            {
                if (await asking.Introspect(node, token, "") is var said && said["active"] != "False")
                    world.History.Wrong($"I3 the token {History.Hash(token)} was revoked and is good after the fault ({said.Status})");
            }
        }
    }

    private async Task Repeat(int seed, Func<int, Task> once)
    {
        for (var i = seed; !stop.IsCancellationRequested; i++)
        {
            var targets = Targets;
            await once(targets[i % targets.Length]);
            await Task.Delay(20);
        }
    }

    private async Task Machine(int node)
    {
        if ((await asking.ClientCredentials(node))["access_token"] is not { } token)
            return;
        var family = History.Hash(token);
        live[token] = family;
        await asking.Introspect(node, token, family);
        if (live.Count % 4 != 0)
            return;
        live.TryRemove(token, out _);
        var other = Targets[^1];
        if (await asking.Revoke(other, token, family, world.Machine))
            dead.Enqueue(token);
        await asking.Introspect(Targets[0], token, family);
    }

    // A code, its tokens, one refresh, and the end.
    private async Task ShortLife(int node)
    {
        if (await asking.Code(node, session) is not { } code || (await asking.Redeem(node, code))["refresh_token"] is not { } refresh)
            return;
        var family = History.Hash(code);
        var other = Targets[^1];
        if (await asking.Revoke(other, refresh, family, null))
            await asking.Refresh(node, refresh, family);
    }

    private async Task Watch(int node)
    {
        await asking.Get(node, "live", "/health/live");
        await asking.Get(node, "jwks", "/.well-known/jwks.json");
        await asking.Get(node, "discovery", "/.well-known/openid-configuration");
    }

    // One authorization, refreshed over and over; only a refusal ends it.
    private async Task Chain(int seed)
    {
        for (var i = seed; !stop.IsCancellationRequested; i++)
        {
            var node = Targets[i % Targets.Length];
            if (await asking.Code(node, session) is not { } code)
            {
                await Task.Delay(100);
                continue;
            }

            var said = await asking.Redeem(node, code);
            for (; said["refresh_token"] is { } token && !stop.IsCancellationRequested; i++)
            {
                live[said["access_token"]!] = History.Hash(code);
                said = await Persist(i, token, History.Hash(code));
                await Task.Delay(20);
            }
        }
    }

    // RefreshReuseWindow: what was sent longer ago than it may count as stolen.
    private async Task<Said> Persist(int turn, string token, string family)
    {
        var first = world.History.Now;
        for (var tries = 0; ; tries++, turn++)
        {
            var said = await asking.Refresh(Targets[turn % Targets.Length], token, family, doubtful: tries > 0 && world.History.Now - first > TimeSpan.FromSeconds(9));
            if (!said.Unknown || stop.IsCancellationRequested)
                return said;
            await Task.Delay(200);
        }
    }

    public void Dispose() => stop.Dispose();
}
