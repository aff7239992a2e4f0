using System.Globalization;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Faults.Scenarios;

/// <summary>First starts and changes of keys, on a database of their own.</summary>
internal static class Beginnings
{
    /// <summary>R25: keys follow one another every few seconds; an API whose key set is never older than they are published ahead verifies all.</summary>
    public static async Task<Report> RotateKeys(Stage stage)
    {
        await stage.Clear();
        await using var world = await World.Make(stage.Cluster, stage.Executable, ("Signet__Keys__PublishAhead", "00:00:12"));
        using var load = Load.Start(world, await world.SignIn());
        using var over = new CancellationTokenSource();
        var verifying = Verify(world, over.Token);
        for (var i = 0; i < 2; i++)
        {
            await world.Command("keys", "rotate");
            await Task.Delay(13_000);
        }

        await over.CancelAsync();
        await load.Stop();
        await load.Audit();
        var (verified, used) = await verifying;
        if (used < 2)
            world.History.Wrong($"R25 only {used} key signed, so nothing was rotated");
        return new("R25", Report.Of(world.History, $"{verified} verified with a cached key set, {used} keys used"), await Stage.Judge(world));
    }

    // Fetches the key set only every four seconds, as an API with a cache does.
    private static async Task<(int Verified, int Keys)> Verify(World world, CancellationToken over)
    {
        var (handler, asking, used, verified) = (new JsonWebTokenHandler(), new Asking(world), new HashSet<string>(), 0);
        for (var i = 0; !over.IsCancellationRequested; i++)
        {
            var judge = Checker.Judge(await world.Nodes[i % 2].Http.GetStringAsync("/.well-known/jwks.json", CancellationToken.None), World.Issuer);
            for (var until = world.History.Now + TimeSpan.FromSeconds(4); world.History.Now < until && !over.IsCancellationRequested; await Task.Delay(20, CancellationToken.None))
            {
                if ((await asking.ClientCredentials(verified % 2))["access_token"] is not { } token)
                    continue;
                verified++;
                used.Add(new JsonWebToken(token).Kid);
                if (!(await handler.ValidateTokenAsync(token, judge)).IsValid)
                    world.History.Wrong($"I8 a fresh token of key {new JsonWebToken(token).Kid} does not verify with the cached key set");
            }
        }

        return (verified, used.Count);
    }

    /// <summary>R27: two nodes start on an empty database at once: one active key of each kind, and both serve and sign alike.</summary>
    public static async Task<Report> FirstKeys(Stage stage)
    {
        await stage.Clear();
        var (slowest, figures, wrongs) = (TimeSpan.Zero, "", new List<string>());
        for (var round = 0; round < 2; round++)
        {
            await using var world = await World.Empty(stage.Cluster, stage.Executable, ("Database__MigrateOnStart", "true"));
            foreach (var node in world.Nodes)
                node.Start();
            foreach (var node in world.Nodes)
                slowest = await node.Ready() is var took && took > slowest ? took : slowest;
            await world.Furnish();
            var session = await world.SignIn(0);
            var asking = new Asking(world);
            for (var i = 0; i < 10; i++)
            {
                var code = await asking.Code(i % 2, session) ?? throw new InvalidOperationException("no code");
                if (!(await asking.Redeem((i + 1) % 2, code)).Ok || !(await asking.ClientCredentials(i % 2)).Ok)
                    world.History.Wrong("R27 what one node sealed the other could not open");
            }

            var sets = await Task.WhenAll(world.Nodes.Select(node => node.Http.GetStringAsync("/.well-known/jwks.json")));
            if (sets[0] != sets[1])
                world.History.Wrong("R27 the nodes serve different key sets");
            var active = await stage.Cluster.Number(world.Database, "SELECT count(*) FROM signing_keys WHERE active_from <= now()");
            var kinds = await stage.Cluster.Number(world.Database, "SELECT count(DISTINCT algorithm) FROM signing_keys");
            if (active != kinds)
                world.History.Wrong(string.Create(CultureInfo.InvariantCulture, $"R27 {active} active keys instead of one of each kind"));
            wrongs.AddRange(await Stage.Judge(world));
            figures = Report.Of(world.History, $"both ready in {slowest.TotalMilliseconds:0} ms at most");
        }

        return new("R27", figures, [.. wrongs]);
    }

    /// <summary>R29: two processes migrate one database at once, and a third time changes nothing.</summary>
    public static async Task<Report> Migrate(Stage stage)
    {
        await stage.Clear();
        await using var world = await World.Empty(stage.Cluster, stage.Executable);
        await Task.WhenAll(world.Command("db", "migrate"), world.Command("db", "migrate"));
        var applied = await stage.Cluster.Number(world.Database, "SELECT count(*) FROM \"__EFMigrationsHistory\"");
        await world.Command("db", "migrate");
        var after = await stage.Cluster.Number(world.Database, "SELECT count(*) FROM \"__EFMigrationsHistory\"");
        return new("R29", $"{applied} migrations applied", applied > 0 && applied == after ? [] : [$"R29 {applied} migrations, then {after}"]);
    }
}
