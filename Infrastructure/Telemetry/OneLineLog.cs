using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Signet.Infrastructure.Telemetry;

/// <summary>
/// The log on the console: an event is a line, whatever text of a request is in it, so that nobody outside can write an entry
/// of their own or speak to the terminal. An exception follows, indented. <c>Logging:Console:FormatterName</c> chooses another.
/// </summary>
internal sealed class OneLineLog() : ConsoleFormatter(Named)
{
    public const string Named = "signet";
    private const string Indent = "      ";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        if (message is null && logEntry.Exception is null)
            return;
        textWriter.WriteLine($"{Level(logEntry.LogLevel)}: {logEntry.Category}[{logEntry.EventId.Id}] {Escape(message ?? "")}");
        foreach (var line in logEntry.Exception?.ToString().Split(Environment.NewLine) ?? [])
            textWriter.WriteLine(Indent + Escape(line));
    }

    /// <summary>Everything that does not stand on the line as it is seen, as <c>\uXXXX</c>.</summary>
    public static string Escape(string text)
    {
        if (text.All(character => character is >= ' ' and <= '~'))
            return text;
        var escaped = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (DisplayName.IsVisible(rune))
                escaped.Append(rune);
            else
                escaped.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
        }

        return escaped.ToString();
    }

    private static string Level(LogLevel level) => level switch
    {
        LogLevel.Trace => "trce",
        LogLevel.Debug => "dbug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "fail",
        _ => "crit",
    };
}
