using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging.Console;

namespace Signet.Infrastructure;

/// <summary>What a command says: lines for a person, the same facts for a program with <c>--json</c>.</summary>
internal sealed record Answer(object Json, params string[] Lines)
{
    /// <summary>The reason why it was not done; the command fails with it.</summary>
    public string? Refusal { get; private init; }

    /// <summary>True where the answer is given and the command fails nevertheless.</summary>
    public bool HasFailed { get; init; }

    public static Answer Refused(string reason) => new(new { error = reason }) { Refusal = reason };
}

/// <summary>Runs a command's request in the services that the server has too: same settings, same database, no web server.</summary>
internal sealed class CommandHost(Action<WebApplicationBuilder> addServices) : IAsyncDisposable
{
    public static readonly Option<bool> Json = new("--json") { Description = "Print JSON.", Recursive = true };
    private static readonly JsonSerializerOptions Written = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    private WebApplication? app;

    /// <summary>Sends the request and prints how it ended. Fails with each objection of the validator on a line of its own.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="request">What to do.</param>
    /// <param name="answer">Puts the ending in words.</param>
    /// <param name="needsSchema">False for what is there to look at, or to make, the database's schema.</param>
    public async Task<int> Send<TResult>(ParseResult parsed, IRequest<TResult> request, Func<TResult, Answer> answer, bool needsSchema = true)
    {
        var services = Services();
        if (needsSchema)
            await services.BringSchema();
        using var scope = services.CreateScope();
        try
        {
            return Print(answer(await scope.ServiceProvider.GetRequiredService<IMediator>().Send(request)), parsed.GetValue(Json));
        }
        catch (ValidationException invalid)
        {
            foreach (var failure in invalid.Errors)
                await Console.Error.WriteLineAsync($"signet: {failure.ErrorMessage}");
            return 1;
        }
    }

    /// <summary>The values of a repeatable option, where one value may hold several with spaces between; null for none.</summary>
    public static string[]? Words(string[]? values) =>
        values is null or [] ? null : [.. values.SelectMany(value => value.Split(' ', StringSplitOptions.RemoveEmptyEntries))];

    private static int Print(Answer answer, bool asJson)
    {
        if (answer.Refusal is { } reason)
        {
            Console.Error.WriteLine($"signet: {reason}");
            return 1;
        }

        Console.WriteLine(asJson ? JsonSerializer.Serialize(answer.Json, Written) : string.Join(Environment.NewLine, answer.Lines));
        return answer.HasFailed ? 1 : 0;
    }

    private IServiceProvider Services()
    {
        if (app is { } built)
            return built.Services;
        var builder = WebApplication.CreateBuilder(ContentRoot.Options([]));
        // Standard output belongs to the answer.
        builder.Logging.ClearProviders().AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace)
            .AddFilter<ConsoleLoggerProvider>(level => level >= LogLevel.Warning);
        addServices(builder);
        app = builder.Build();
        app.Services.CheckSettings();
        return app.Services;
    }

    public ValueTask DisposeAsync() => app?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>Where settings, static files and the data directory are looked for.</summary>
internal static class ContentRoot
{
    /// <summary>A published Signet finds its files beside itself, wherever it is called from; in a checkout they are in the current directory.</summary>
    public static WebApplicationOptions Options(string[] args)
    {
        var isPublished = Directory.Exists(Path.Combine(AppContext.BaseDirectory, "wwwroot"));
        return new WebApplicationOptions { Args = args, ContentRootPath = isPublished ? AppContext.BaseDirectory : null };
    }
}
