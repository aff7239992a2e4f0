using Npgsql;

namespace Faults.Scenarios;

/// <summary>The database goes away, in every way that it can.</summary>
internal static class Outages
{
    private static readonly TimeSpan Warm = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan RecoversWithin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(5.5); // the server's five seconds, and our own scheduling
    private static readonly TimeSpan NeedsNoDatabase = TimeSpan.FromSeconds(1);

    /// <summary>R09: the server restarts, in both modes.</summary>
    public static Task<Report> Restart(Stage stage) => Outage("R09", stage, async () =>
    {
        await stage.Cluster.Stop("fast");
        await Task.Delay(1000);
        await stage.Cluster.Start(wait: true);
        await Task.Delay(4000);
        await stage.Cluster.Stop("immediate");
        await Task.Delay(1000);
        await stage.Cluster.Start(wait: true);
    });

    /// <summary>R10: the server is killed and recovers from its log.</summary>
    public static Task<Report> Crash(Stage stage) => Outage("R10", stage, async () =>
    {
        await stage.Cluster.Crash();
        await Task.Delay(1000);
        await stage.Cluster.Start(wait: true);
    });

    /// <summary>R11: the server hangs for eight seconds: no answer, and no refusal of a connection either.</summary>
    public static Task<Report> Freeze(Stage stage) => Outage("R11", stage, async () =>
    {
        // More than the nodes have connections and the machine has threads for; once before, so that no handshake is measured.
        var asking = new Asking(stage.Current);
        Task<Said[]> Burst() => Task.WhenAll(Enumerable.Range(0, 200).Select(i => asking.ClientCredentials(i % 2)));
        await Burst();
        await stage.Cluster.Freeze();
        try
        {
            var burst = Burst();
            await Task.Delay(8000);
            await burst;
        }
        finally
        {
            await stage.Cluster.Thaw();
        }
    });

    /// <summary>R12: others hold nearly all of the server's connections.</summary>
    public static async Task<Report> Exhaust(Stage stage)
    {
        var held = new List<NpgsqlConnection>();
        var (world, _) = await stage.Ready();
        var connection = $"{stage.Cluster.As("signet", world.Database)};Pooling=false;Timeout=3;Application Name=hog";
        try
        {
            return await Outage("R12", stage, async () =>
            {
                var mayTry = 400;
                while (held.Count < 110 && mayTry-- > 0)
                {
                    var one = new NpgsqlConnection(connection);
                    try
                    {
                        await one.OpenAsync();
                        held.Add(one);
                    }
                    catch (PostgresException full) when (full.SqlState == PostgresErrorCodes.TooManyConnections)
                    {
                        await one.DisposeAsync();
                        await stage.Cluster.Execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name IN ('signet', 'signet jobs')");
                    }
                }

                await Task.Delay(5000);
                foreach (var one in held)
                    await one.DisposeAsync();
                held.Clear();
            });
        }
        finally
        {
            foreach (var one in held)
                await one.DisposeAsync();
        }
    }

    private static async Task<Report> Outage(string name, Stage stage, Func<Task> fault)
    {
        var (world, session) = await stage.Ready();
        using var load = Load.Start(world, session);
        await Task.Delay(Warm);
        await fault();
        var over = world.History.Now;
        await Task.Delay(TimeSpan.FromSeconds(7));
        await load.Stop();
        await load.Audit();

        var history = world.History;
        var recovery = Report.Recovery(history, over);
        if (recovery > RecoversWithin || !history.Operations.Any(one => one is { Name: "refresh", Succeeded: true } && one.End > over))
            history.Wrong($"{name} had not recovered {recovery.TotalSeconds:0.0} s after the database was back");
        foreach (var slow in history.Operations.Where(one => one.Took > AnswersWithin && one.Name != "end").Take(5))
            history.Wrong($"{name} {slow.Name} was answered {slow.Status} only after {slow.Took.TotalMilliseconds:0} ms");
        foreach (var slow in history.Operations.Where(one => one.Name is "live" or "jwks" or "discovery" && (one.Took > NeedsNoDatabase || one.Status != 200)))
            history.Wrong($"{name} {slow.Name} took {slow.Took.TotalMilliseconds:0} ms and was answered {slow.Status}");
        return new(name, Report.Of(history, $"recovered in {recovery.TotalMilliseconds:0} ms"), await Stage.Judge(world));
    }
}
