namespace Faults.Scenarios;

/// <summary>One thing asked for by many at once.</summary>
internal static class Races
{
    private const int Many = 100;
    private const int Rounds = 5;

    /// <summary>R01: of a hundred redemptions of one code over two nodes, one succeeds and the others are refused.</summary>
    public static async Task<Report> Redeem(Stage stage)
    {
        var (world, session) = await stage.Ready();
        var asking = new Asking(world);
        for (var round = 0; round < Rounds; round++)
        {
            var code = await asking.Code(0, session) ?? throw new InvalidOperationException("no code");
            var said = await AtOnce(i => asking.Redeem(i % 2, code, doubtful: true));
            if (said.Count(one => one.Ok) != 1 || said.Count(one => one["error"] == "invalid_grant") != Many - 1)
                world.History.Wrong($"R01 {Tally(said)} instead of 1×200 and {Many - 1}×400 invalid_grant");
        }

        return new("R01", Report.Of(world.History), await Stage.Judge(world));
    }

    /// <summary>R02: a hundred refreshes with one token get one successor, which works; then the old token is reuse and ends all.</summary>
    public static async Task<Report> Refresh(Stage stage)
    {
        var (world, session) = await stage.Ready();
        var asking = new Asking(world);
        for (var round = 0; round < Rounds; round++)
        {
            var (family, token) = await Authorization(asking, session);
            var said = await AtOnce(i => asking.Refresh(i % 2, token, family));
            if (said.Count(one => one.Ok) != Many || said.Select(one => one["refresh_token"]).Distinct().Count() != 1)
                world.History.Wrong($"R02 {Tally(said)} instead of {Many} times the same successor");
            if (said.First(one => one.Ok)["refresh_token"] is { } next && !(await asking.Refresh(round % 2, next, family)).Ok)
                world.History.Wrong("R02 the successor was refused");
        }

        return new("R02", Report.Of(world.History), await Stage.Judge(world));
    }

    /// <summary>R03: a client that hangs up before the answer gets the same successor when it asks again on the other node.</summary>
    public static async Task<Report> LostAnswer(Stage stage)
    {
        var (world, session) = await stage.Ready();
        var asking = new Asking(world);
        var lost = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => HangUp(world, asking, session, i)));
        return new("R03", Report.Of(world.History, $"{lost.Sum()} answers lost"), await Stage.Judge(world));
    }

    /// <summary>R40: once a sign-out has been confirmed, no refresh that starts later succeeds, and none that won the race lives on.</summary>
    public static async Task<Report> SignOut(Stage stage)
    {
        var (world, _) = await stage.Ready();
        var asking = new Asking(world);
        for (var round = 0; round < 12; round++)
        {
            var session = await world.SignIn(round % 2);
            // Without offline_access, so that it lives from its session.
            var code = await asking.Code(0, session, scope: "openid notes.read") ?? throw new InvalidOperationException("no code");
            var family = History.Hash(code);
            var token = (await asking.Redeem(0, code))["refresh_token"]!;
            var start = world.History.Now;
            var races = AtOnce(i => Follow(asking, i, token, family, 6), 4);
            await Task.Delay(round * 3);
            await world.SignOut((round + 1) % 2, session);
            asking.Ended(start, round % 2, family, confirmed: true);
            await races;
            if (await asking.Code(0, session) is not null)
                world.History.Wrong("I2 a code was issued to a session that had ended");
            await Dead(world, asking, await races, family);
        }

        return new("R40", Report.Of(world.History), await Stage.Judge(world));
    }

    /// <summary>R41: once an app is disabled, nothing that it held works on any node, and a new token ends with it within a second.</summary>
    public static async Task<Report> Disable(Stage stage)
    {
        var (world, session) = await stage.Ready();
        var asking = new Asking(world);
        for (var round = 0; round < 3; round++)
        {
            var app = await world.NewPublicApp();
            var code = await asking.Code(0, session, app) ?? throw new InvalidOperationException("no code");
            var family = History.Hash(code);
            var token = (await asking.Redeem(0, code, app: app))["refresh_token"]!;
            var start = world.History.Now;
            using var over = new CancellationTokenSource();
            var races = AtOnce(i => Follow(asking, i, token, family, 1000, app, over.Token), 4);
            await world.Command("apps", "disable", app);
            asking.Ended(start, 0, family, confirmed: true);
            await Task.Delay(300);
            await over.CancelAsync();
            await Dead(world, asking, await races, family);
        }

        return new("R41", Report.Of(world.History), await Stage.Judge(world));
    }

    private static async Task<int> HangUp(World world, Asking asking, string session, int seed)
    {
        var ((family, token), lost) = (await Authorization(asking, session), 0);
        for (var i = seed; i < seed + 12; i++)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(1 + (i % 12)));
            var first = await asking.Refresh(i % 2, token, family, ct: patience.Token);
            lost += first.Status == 0 ? 1 : 0;
            var again = await asking.Refresh((i + 1) % 2, token, family);
            if (!again.Ok || (first.Ok && first["refresh_token"] != again["refresh_token"]))
                world.History.Wrong($"R03 after a lost answer the retry was answered {again.Status} {again["error"]}");
            if (again["refresh_token"] is not { } next)
                break;
            token = next;
            await Task.Delay(500); // an app uses what it got before it asks for more
        }

        return lost;
    }

    private static async Task<(string Family, string Token)> Authorization(Asking asking, string session)
    {
        var code = await asking.Code(0, session) ?? throw new InvalidOperationException("no code");
        return (History.Hash(code), (await asking.Redeem(0, code))["refresh_token"] ?? throw new InvalidOperationException("no refresh token"));
    }

    // Refreshes along the chain until it is refused, and returns the last answer that was good.
    private static async Task<Said> Follow(Asking asking, int seed, string token, string family, int most, string? app = null, CancellationToken over = default)
    {
        var last = new Said(0, default);
        for (var i = seed; i < seed + most && !over.IsCancellationRequested; i++)
        {
            var said = await asking.Refresh(i % 2, token, family, app: app, doubtful: true, ct: CancellationToken.None);
            if (said["refresh_token"] is not { } next)
                return last;
            (last, token) = (said, next);
        }

        return last;
    }

    private static async Task Dead(World world, Asking asking, Said[] last, string family)
    {
        foreach (var (node, said) in last.SelectMany(said => new[] { (0, said), (1, said) }))
        {
            if (said["access_token"] is { } access && (await asking.Introspect(node, access, family))["active"] == "True")
                world.History.Wrong($"I2 an access token is still good on node {node}");
        }
    }

    private static Task<Said[]> AtOnce(Func<int, Task<Said>> one, int many = Many) =>
        Task.WhenAll(Enumerable.Range(0, many).Select(i => Task.Run(() => one(i))));

    private static string Tally(Said[] said) =>
        string.Join(", ", said.GroupBy(one => $"{one.Status} {one["error"]}").Select(group => $"{group.Count()}×{group.Key}"));
}
