namespace Faults;

/// <summary>What scenarios share: the server, and a world that is made when first asked for.</summary>
internal sealed class Stage(Cluster cluster, string executable) : IAsyncDisposable
{
    private World? world;
    private string? session;

    public Cluster Cluster => cluster;
    public string Executable => executable;
    public World Current => world ?? throw new InvalidOperationException("there is no world yet");

    /// <summary>The common world with an empty history and a person signed in.</summary>
    public async Task<(World World, string Session)> Ready()
    {
        world ??= await World.Make(cluster, executable);
        session ??= await world.SignIn();
        world.NewHistory();
        return (world, session);
    }

    public static async Task<string[]> Judge(World world)
    {
        var jwks = await world.Nodes[0].Http.GetStringAsync("/.well-known/jwks.json");
        var wrongs = (await Checker.Check(world.History, jwks, World.Issuer)).ToList();
        foreach (var node in world.Nodes)
        {
            if (node.Log.Split('\n').FirstOrDefault(line => line.Contains("failed, reference", StringComparison.Ordinal)) is { } logged)
                wrongs.Add($"I7 node {node.Number} logged: {logged.Trim()}");
        }

        return [.. wrongs];
    }

    public async Task Clear()
    {
        if (world is not null)
            await world.DisposeAsync();
        (world, session) = (null, null);
    }

    public async ValueTask DisposeAsync() => await Clear();
}
