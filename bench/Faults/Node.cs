using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Faults;

/// <summary>One Signet, as an operator runs it: the published executable, in Production, behind its own certificate.</summary>
internal sealed class Node : IAsyncDisposable
{
    private readonly StringBuilder log = new();
    private readonly Dictionary<string, string> settings;
    private Process? process;

    public Node(int number, string executable, IReadOnlyDictionary<string, string> settings, int port)
    {
        (Number, Executable, Port) = (number, executable, port);
        this.settings = new(settings) { ["Kestrel__Endpoints__Https__Url"] = $"https://127.0.0.1:{port}" };
        var own = X509Certificate2.CreateFromPem(File.ReadAllText(settings["Kestrel__Certificates__Default__Path"])).GetCertHashString();
        Http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == own } })
        {
            BaseAddress = new Uri($"https://127.0.0.1:{port}"),
            Timeout = TimeSpan.FromSeconds(20),
        };
    }

    public int Number { get; }
    public string Executable { get; }
    public int Port { get; }
    public HttpClient Http { get; }
    public string Log { get { lock (log) return log.ToString(); } }
    public bool HasExited => process?.HasExited ?? true;

    public void Start()
    {
        var start = new ProcessStartInfo(Executable) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath() };
        foreach (var (name, value) in settings)
            start.Environment[name] = value;
        process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Add(line.Data);
        process.ErrorDataReceived += (_, line) => Add(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Waits for readiness, and says how long it took.</summary>
    public async Task<TimeSpan> Ready()
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < TimeSpan.FromSeconds(60))
        {
            if (process!.HasExited)
                throw new InvalidOperationException($"node {Number} ended with {process.ExitCode}:\n{Log}");
            if (await IsReady())
                return clock.Elapsed;
            await Task.Delay(25);
        }

        throw new InvalidOperationException($"node {Number} did not become ready:\n{Log}");
    }

    public async Task<bool> IsReady()
    {
        try
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(6));
            return (await Http.GetAsync("/health/ready", patience.Token)).IsSuccessStatusCode;
        }
        catch (Exception away) when (away is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    public async Task Kill()
    {
        process!.Kill();
        await process.WaitForExitAsync();
    }

    public Task Terminate() => Shell.Signal("-TERM", process!.Id);

    public async Task<int> Ended()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        await process!.WaitForExitAsync(patience.Token);
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (process is { HasExited: false })
            await Kill();
        process?.Dispose();
        Http.Dispose();
    }

    private void Add(string? line)
    {
        lock (log)
            log.AppendLine(line);
    }
}
