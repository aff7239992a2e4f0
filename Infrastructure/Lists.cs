namespace Signet.Infrastructure;

/// <summary>Lists as forms and programs send them.</summary>
internal static class Lists
{
    /// <summary>Trimmed, without empty entries and repetitions, in their order.</summary>
    public static string[]? Distinct(string?[]? entries) => entries is null
        ? null
        : [.. entries.Select(entry => entry?.Trim(' ') ?? "").Where(entry => entry.Length > 0).Distinct(StringComparer.Ordinal)];

    /// <summary>The lines of a text field.</summary>
    public static string[] Lines(string? text) => (text ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
