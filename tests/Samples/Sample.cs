using System.Diagnostics;
using Signet.Tests.Journeys;

namespace Signet.Tests.Samples;

/// <summary>A sample that was built with the tests, running on its own.</summary>
internal sealed class Sample : IAsyncDisposable
{
    private readonly Process process;

    private Sample(Process process, Uri address) => (this.process, Address) = (process, address);

    public Uri Address { get; }

    public static async Task<Sample> Start(string name, Uri address, LiveSite signet, params (string Name, string Value)[] settings)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Name;
        var start = new ProcessStartInfo("dotnet", [Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../..", name, configuration, $"{name}.dll"))])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = Path.GetTempPath(),
            Environment =
            {
                ["ASPNETCORE_URLS"] = address.ToString(),
                ["SSL_CERT_FILE"] = signet.CertificateFile,
                ["Signet__Authority"] = signet.Address.GetLeftPart(UriPartial.Authority),
            },
        };
        foreach (var setting in settings)
            start.Environment[setting.Name] = setting.Value;
        var process = Process.Start(start)!;
        var output = "";
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            output += line + "\n";
            if (line.Contains("Application started", StringComparison.Ordinal))
            {
                _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None); // so that it never waits for a reader
                return new Sample(process, address);
            }
        }

        throw new InvalidOperationException($"{name} did not start: {output}");
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
