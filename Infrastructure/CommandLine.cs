using System.CommandLine;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Signet.Infrastructure;

/// <summary>The executable's commands. Without one it serves.</summary>
internal static class CommandLine
{
    private const int BadSetting = 78; // EX_CONFIG of sysexits.h
    private static readonly string[] RootOptions = ["-h", "-?", "--help", "--version"];

    /// <summary>Runs a command, or the server; returns the exit code. A bad setting is one line, not a stack trace.</summary>
    public static async Task<int> Run(string[] args, Func<string[], Task<int>> serve, Action<WebApplicationBuilder> addServices, Func<CommandHost, IEnumerable<Command>> commands)
    {
        try
        {
            return IsCommand(args) ? await Invoke(args, addServices, commands) : await serve(args);
        }
        catch (Exception exception) when (Explain(exception) is { } line)
        {
            await Console.Error.WriteLineAsync($"signet: {line}");
            return BadSetting;
        }
    }

    /// <summary>Whether the arguments name a command; settings such as <c>--urls</c> are for the server.</summary>
    private static bool IsCommand(string[] args) => args is [{ Length: > 0 } first, ..] && (first[0] != '-' || RootOptions.Contains(first));

    private static async Task<int> Invoke(string[] args, Action<WebApplicationBuilder> addServices, Func<CommandHost, IEnumerable<Command>> commands)
    {
        await using var host = new CommandHost(addServices);
        var root = new RootCommand("Signet, a self-hosted token server. Without a command it serves.") { CommandHost.Json };
        foreach (var command in commands(host))
            root.Add(command);
        return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    }

    private static string? Explain(Exception exception) => exception switch
    {
        InvalidSetting invalid => invalid.Message,
        OptionsValidationException invalid => string.Join(" ", invalid.Failures),
        AggregateException several when several.InnerExceptions.Select(Explain).ToArray() is var lines && Array.TrueForAll(lines, line => line is not null) => string.Join(" ", lines),
        PostgresException postgres => $"PostgreSQL refuses ConnectionStrings:Postgres: {postgres.MessageText}.",
        NpgsqlException npgsql => $"PostgreSQL cannot be reached with ConnectionStrings:Postgres: {npgsql.Message}.",
        SqliteException sqlite => $"the database in Signet:DataDirectory cannot be used: {sqlite.Message}",
        InvalidOperationException { InnerException: FormatException } malformed => malformed.Message, // the binder's: it names the setting
        InvalidOperationException { InnerException: { } inner } => Explain(inner),
        IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException } taken => taken.Message,
        _ => null,
    };
}
