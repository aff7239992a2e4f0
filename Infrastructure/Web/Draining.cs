namespace Signet.Infrastructure.Web;

/// <summary>
/// A node that is told to end says first that it is not ready, and serves on until load balancers have noticed; so a restart
/// in turn fails no request.
/// </summary>
internal sealed class Draining(IOptions<SignetOptions> options, IHostEnvironment environment, TimeProvider time) : IHostedLifecycleService
{
    private volatile bool hasBegun;

    public bool HasBegun => hasBegun;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        hasBegun = true;
        if (environment.IsDevelopment())
            return; // nobody balances, and somebody waits
        await Task.Delay(options.Value.ShutdownDelay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

internal static class DrainingExtensions
{
    public static IServiceCollection AddDraining(this IServiceCollection services) =>
        services.AddSingleton<Draining>().AddHostedService(provider => provider.GetRequiredService<Draining>());

    /// <summary>Sends kept connections elsewhere while the node drains, instead of cutting them at the end.</summary>
    public static IApplicationBuilder UseDraining(this IApplicationBuilder app)
    {
        var draining = app.ApplicationServices.GetRequiredService<Draining>();
        return app.Use((http, next) =>
        {
            if (draining.HasBegun && HttpProtocol.IsHttp11(http.Request.Protocol))
                http.Response.Headers.Connection = "close";
            return next(http);
        });
    }
}
