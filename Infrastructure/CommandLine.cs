using System.CommandLine;
using Npgsql;

namespace Signet.Infrastructure;

/// <summary>The executable's commands. Without one it serves.</summary>
internal static class CommandLine
{
    /// <summary>Runs a command, or the server; returns the exit code. A bad setting is one line, not a stack trace.</summary>
    public static async Task<int> Run(string[] args, Func<string[], Task<int>> serve)
    {
        try
        {
            return args is [{ Length: > 0 } first, ..] && first[0] != '-' ? await Root().Parse(args).InvokeAsync() : await serve(args);
        }
        catch (Exception exception) when (Explain(exception) is { } line)
        {
            await Console.Error.WriteLineAsync($"signet: {line}");
            return 78; // EX_CONFIG of sysexits.h
        }
    }

    private static RootCommand Root() => new("Signet, a self-hosted token server. Without a command it serves.");

    private static string? Explain(Exception exception) => exception switch
    {
        InvalidSetting invalid => invalid.Message,
        OptionsValidationException invalid => string.Join(" ", invalid.Failures),
        PostgresException postgres => $"PostgreSQL refuses ConnectionStrings:Postgres: {postgres.MessageText}.",
        NpgsqlException npgsql => $"PostgreSQL cannot be reached with ConnectionStrings:Postgres: {npgsql.Message}.",
        InvalidOperationException { InnerException: { } inner } => Explain(inner),
        _ => null,
    };
}
