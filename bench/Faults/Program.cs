using System.Diagnostics;
using Faults;
using Faults.Scenarios;

(string Name, Func<Stage, Task<Report>> Run)[] all =
[
    ("R01", Races.Redeem), ("R02", Races.Refresh), ("R03", Races.LostAnswer), ("R40", Races.SignOut), ("R41", Races.Disable),
    ("R05", Restarts.Kill), ("R08", Restarts.Rolling),
    ("R09", Outages.Restart), ("R10", Outages.Crash), ("R11", Outages.Freeze), ("R12", Outages.Exhaust),
    ("R25", Beginnings.RotateKeys), ("R27", Beginnings.FirstKeys), ("R29", Beginnings.Migrate),
];

var wanted = args is [] or ["all"] ? all : [.. all.Where(one => args.Contains(one.Name, StringComparer.OrdinalIgnoreCase))];
if (wanted is [])
{
    Console.Error.WriteLine($"Name scenarios, or all: {string.Join(' ', all.Select(one => one.Name))}");
    return 2;
}

var root = Directory.GetCurrentDirectory();
var published = Path.Combine(root, "artifacts", "faults");
await Shell.Run("dotnet", ["publish", Path.Combine(root, "App.csproj"), "-c", "Release", "-o", published, "--nologo", "-v", "q"], directory: root);

await using var cluster = await Cluster.Start();
await using var stage = new Stage(cluster, Path.Combine(published, "signet"));
var failed = 0;
foreach (var (name, run) in wanted)
{
    var clock = Stopwatch.StartNew();
    Report report;
    try
    {
        report = await run(stage);
    }
    catch (Exception unexpected)
    {
        report = new Report(name, "did not come to its end", [unexpected.ToString()]);
        await stage.Clear();
    }

    failed += report.Wrongs is [] ? 0 : 1;
    Console.WriteLine($"{name} {(report.Wrongs is [] ? "holds" : "FAILS")}  {report.Figures}  ({clock.Elapsed.TotalSeconds:0} s)");
    var kinds = report.Wrongs.CountBy(wrong => wrong).ToArray();
    foreach (var (wrong, times) in kinds.Take(12))
        Console.WriteLine($"    {times}× {wrong}");
    if (kinds.Length > 12)
        Console.WriteLine($"    and {kinds.Length - 12} more kinds");
}

return failed == 0 ? 0 : 1;
