namespace Faults;

/// <summary>How a scenario went: figures for a reader, and what it found wrong.</summary>
internal sealed record Report(string Scenario, string Figures, string[] Wrongs)
{
    private static readonly string[] Programs = ["client_credentials", "redeem", "refresh", "introspect", "revoke", "authorize"];
    private static readonly string[] WithoutDatabase = ["live", "jwks", "discovery"];

    public static string Of(History history, string more = "")
    {
        var asked = history.Operations.Where(one => Programs.Contains(one.Name)).ToArray();
        var offline = history.Operations.Where(one => WithoutDatabase.Contains(one.Name) && one.Status != 0).ToArray();
        var worst = asked.Where(one => one.Status != 0).Select(one => one.Took.TotalMilliseconds).DefaultIfEmpty().Max();
        var quick = offline.Select(one => one.Took.TotalMilliseconds).Order().ToArray();
        var line = $"{asked.Length} asked, {asked.Count(one => one.Status == 503)}×503, {asked.Count(one => one.Status == 500)}×500, {asked.Count(one => one.Status == 0)} unconnected, worst {worst:0} ms";
        if (quick.Length > 0)
            line += $"; without database p99 {quick[(int)(quick.Length * 0.99)]:0} ms, worst {quick[^1]:0} ms, {offline.Count(one => one.Status != 200)} failed";
        return more.Length == 0 ? line : $"{line}; {more}";
    }

    /// <summary>From the moment the fault was over to the last failure after it.</summary>
    public static TimeSpan Recovery(History history, TimeSpan over) =>
        history.Operations.Where(one => Programs.Contains(one.Name) && one.Status is 0 or 500 or 503 && one.End > over)
            .Select(one => one.End - over).DefaultIfEmpty(TimeSpan.Zero).Max();
}
