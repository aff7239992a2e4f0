using System.Reflection;

namespace Signet.Infrastructure.Web;

/// <summary>What is known against the ASP.NET Core runtime that Signet runs on.</summary>
internal sealed partial class RuntimeAdvisory(Version upTo, Version fixedIn, string id, bool isFatal)
{
    private static readonly RuntimeAdvisory[] Known =
    [
        new(new(10, 0, 6), new(10, 0, 13), "CVE-2026-40372", isFatal: true),
        new(new(10, 0, 12), new(10, 0, 13), "CVE-2026-70183", isFatal: false),
    ];

    private Version UpTo => upTo;
    public bool IsFatal => isFatal;
    public string Advice => $"update the ASP.NET Core runtime to {fixedIn} or newer: {id}";

    /// <summary>The version of the shared framework that is loaded.</summary>
    public static Version Running { get; } = Parse(
        typeof(WebApplication).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion);

    /// <summary>The worst of what is known against a version, or null.</summary>
    public static RuntimeAdvisory? Against(Version version) =>
        Known.FirstOrDefault(advisory => version.Major == advisory.UpTo.Major && version.Minor == advisory.UpTo.Minor && version <= advisory.UpTo);

    /// <summary>Warns; and outside Development does not start on a runtime with which sign-in is not safe.</summary>
    public static void Heed(IServiceProvider services)
    {
        if (Against(Running) is not { } advisory)
            return;
        if (advisory.IsFatal && !services.GetRequiredService<IHostEnvironment>().IsDevelopment())
            throw new InvalidSetting($"{advisory.Advice}. Signet does not start on {Running}.");
        Vulnerable(services.GetRequiredService<ILogger<RuntimeAdvisory>>(), Running, advisory.Advice);
    }

    private static Version Parse(string? text) =>
        Version.TryParse(text?.Split('+', '-')[0], out var version) ? version : Environment.Version;

    [LoggerMessage(20, LogLevel.Warning, "runtime {Version}: {Advice}")]
    private static partial void Vulnerable(ILogger log, Version version, string advice);
}
