using System.Diagnostics;

namespace Faults.Scenarios;

/// <summary>A node goes away while the other stays.</summary>
internal static class Restarts
{
    /// <summary>R05: nodes are killed in turn under load; only what was in flight on them is lost, and only its answer.</summary>
    public static async Task<Report> Kill(Stage stage)
    {
        var (world, session) = await stage.Ready();
        using var load = Load.Start(world, session);
        var slowest = TimeSpan.Zero;
        foreach (var node in new[] { world.Nodes[0], world.Nodes[1], world.Nodes[0] })
        {
            await Task.Delay(1500);
            await node.Kill();
            load.Targets = [1 - node.Number]; // what a load balancer does after its first refused connection
            node.Start();
            var took = await node.Ready();
            slowest = took > slowest ? took : slowest;
            load.Targets = [0, 1];
        }

        await Task.Delay(1500);
        await load.Stop();
        await load.Audit();
        return new("R05", Report.Of(world.History, $"a killed node was ready again in {slowest.TotalMilliseconds:0} ms at most"), await Stage.Judge(world));
    }

    /// <summary>R08: each node is asked to end and started again; the balancer leaves it once it says that it is not ready, and no request fails.</summary>
    public static async Task<Report> Rolling(Stage stage)
    {
        var (world, session) = await stage.Ready();
        using var load = Load.Start(world, session);
        var drained = TimeSpan.Zero;
        foreach (var node in world.Nodes)
        {
            await Task.Delay(1500);
            var clock = Stopwatch.StartNew();
            await node.Terminate();
            while (await node.IsReady())
                await Task.Delay(50);
            load.Targets = [1 - node.Number];
            if (await node.Ended() is not 0 and var code)
                world.History.Wrong($"R08 node {node.Number} ended with {code}");
            drained = clock.Elapsed > drained ? clock.Elapsed : drained;
            node.Start();
            await node.Ready();
            load.Targets = [0, 1];
        }

        await Task.Delay(1000);
        await load.Stop();
        await load.Audit();
        foreach (var failed in world.History.Operations.Where(one => one.Status is 0 or 503 && one.Name != "end").Take(5))
            world.History.Wrong($"R08 {failed.Name} on node {failed.Node} failed at {failed.Start.TotalSeconds:0.00} s: {failed.Status} {failed.Detail}");
        return new("R08", Report.Of(world.History, $"drained in {drained.TotalMilliseconds:0} ms at most"), await Stage.Judge(world));
    }
}
