using System.Diagnostics;
using System.Text;
using Npgsql;

namespace Signet.Tests;

/// <summary>The built executable as an operator runs it, with a directory of its own and nothing but what a test sets.</summary>
internal sealed class SignetProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60); // a loaded machine is slow, a hanging process is not allowed
    private readonly Process process;
    private readonly StringBuilder output = new();
    private readonly StringBuilder errors = new();

    private SignetProcess(IReadOnlyDictionary<string, string> settings, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath() };
        foreach (var argument in (string[])[typeof(Program).Assembly.Location, .. arguments])
            start.ArgumentList.Add(argument);
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("ASPNETCORE_", StringComparison.Ordinal) || name.Contains("__", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(name);
        start.Environment["Logging__LogLevel__Microsoft"] = "Warning";
        start.Environment["Logging__LogLevel__Microsoft.Hosting.Lifetime"] = "Information";
        foreach (var (name, value) in settings)
            start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Add(output, line.Data);
        process.ErrorDataReceived += (_, line) => Add(errors, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string Output => Text(output);
    public string Errors => Text(errors);

    public static SignetProcess Start(IReadOnlyDictionary<string, string> settings, params string[] arguments) => new(settings, arguments);

    /// <summary>Runs a command to its end.</summary>
    public static async Task<Ended> Run(IReadOnlyDictionary<string, string> settings, params string[] arguments)
    {
        await using var signet = new SignetProcess(settings, arguments);
        return await signet.End();
    }

    public async Task<Ended> End()
    {
        using var patience = new CancellationTokenSource(Patience);
        await process.WaitForExitAsync(patience.Token);
        return new Ended(process.ExitCode, Output, Errors);
    }

    /// <summary>Asks it to end, as a service manager does (SIGTERM).</summary>
    public void Terminate()
    {
        using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>Waits until it listens, and returns the address.</summary>
    public async Task<Uri> Listening()
    {
        const string Sign = "Now listening on: ";
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            if (Output.Split('\n').FirstOrDefault(line => line.Contains(Sign, StringComparison.Ordinal)) is { } line
                && Output.Contains("Application started", StringComparison.Ordinal))
            {
                return new Uri(line[(line.IndexOf(Sign, StringComparison.Ordinal) + Sign.Length)..].Trim());
            }

            if (process.HasExited || patience.IsCancellationRequested)
                throw new InvalidOperationException($"Signet does not listen:\n{Output}\n{Errors}");
            await Task.Delay(50); // another process: there is nothing to be told by
        }
    }

    /// <summary>Waits until it has said this.</summary>
    public async Task Says(string text)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!Output.Contains(text, StringComparison.Ordinal))
        {
            if (process.HasExited || patience.IsCancellationRequested)
                throw new InvalidOperationException($"Signet does not say {text}:\n{Output}\n{Errors}");
            await Task.Delay(50); // another process: there is nothing to be told by
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private static void Add(StringBuilder text, string? line)
    {
        if (line is null)
            return; // the end
        lock (text)
            text.AppendLine(line);
    }

    private static string Text(StringBuilder text)
    {
        lock (text)
            return text.ToString();
    }

    public sealed record Ended(int Code, string Output, string Errors);
}

/// <summary>An empty database for processes: a directory for SQLite, and where asked for a database on the server.</summary>
internal sealed class EmptyInstallation : IAsyncDisposable
{
    private readonly string? database;

    private EmptyInstallation(string? database) => this.database = database;

    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("signet-cli-").FullName;

    public Dictionary<string, string> Settings { get; } = [];

    public static async Task<EmptyInstallation> Make(bool onPostgres, string environment = "Production")
    {
        var made = new EmptyInstallation(onPostgres ? $"signet_cli_{Guid.NewGuid():N}" : null);
        made.Settings["ASPNETCORE_ENVIRONMENT"] = environment;
        made.Settings["Signet:DataDirectory"] = made.Directory;
        made.Settings["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        if (environment != "Development")
            made.Settings["Signet:Issuer"] = "https://id.example.com";
        if (made.database is { } name)
        {
            await OnServer($"CREATE DATABASE {name}");
            made.Settings["ConnectionStrings:Postgres"] = PostgresSite.Patient(name);
        }

        return made;
    }

    public async ValueTask DisposeAsync()
    {
        if (database is { } name)
            await OnServer($"DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private static async Task OnServer(string sql)
    {
        await using var source = NpgsqlDataSource.Create(PostgresSite.PostgresServer);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
