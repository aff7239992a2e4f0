using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Console;
using Npgsql;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Signet.Infrastructure.Telemetry;

/// <summary>One span and one measurement per request, named after the slice and its ending.</summary>
internal static class Telemetry
{
    public const string Name = "Signet";
    public static readonly ActivitySource Source = new(Name);
    public static readonly Meter Meter = new(Name);
    public static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("signet.request.duration", "s", "How long a use case took, by slice and ending.");

    /// <summary>Exports to an OTLP collector where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names one.</summary>
    public static IServiceCollection AddTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        if (configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 })
        {
            services.AddOpenTelemetry()
                .WithTracing(traces => traces.AddSource(Name).AddAspNetCoreInstrumentation().AddNpgsql().AddOtlpExporter())
                .WithMetrics(metrics => metrics.AddMeter(Name).AddAspNetCoreInstrumentation().AddOtlpExporter());
        }

        services.AddLogging(logging => logging.AddConsoleFormatter<OneLineLog, ConsoleFormatterOptions>());
        return services.PostConfigure<ConsoleLoggerOptions>(console => console.FormatterName ??= OneLineLog.Named);
    }
}

internal sealed class TelemetryBehaviour<TRequest, TResponse> : IPipelineBehavior<TRequest, TResponse>
    where TRequest : notnull
{
    private static readonly string Slice = typeof(TRequest).DeclaringType?.Name ?? typeof(TRequest).Name;

    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        using var activity = Telemetry.Source.StartActivity(Slice);
        var start = Stopwatch.GetTimestamp();
        var ending = "Failed";
        try
        {
            var response = await next();
            ending = response?.GetType().Name ?? "Nothing";
            return response;
        }
        catch (ValidationException)
        {
            ending = "Invalid";
            throw;
        }
        finally
        {
            activity?.SetTag("signet.ending", ending);
            Telemetry.Duration.Record(
                Stopwatch.GetElapsedTime(start).TotalSeconds, new("slice", Slice), new("ending", ending));
        }
    }
}
