using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Signet.Tests.Journeys;

namespace Signet.Tests.Clients;

/// <summary>A web app or an API of somebody else's, on https://localhost.</summary>
internal sealed class RelyingParty : IAsyncDisposable
{
    private readonly WebApplication app;

    private RelyingParty(WebApplication app) => this.app = app;

    public IServiceProvider Services => app.Services;

    public static async Task<RelyingParty> Start(Uri address, Action<IServiceCollection> addServices, Action<WebApplication> map)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Development" }); // says in its answer what went wrong
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(address.Port, listen => listen.UseHttps(LiveSite.NewCertificate())));
        addServices(builder.Services);
        var app = builder.Build();
        map(app);
        await app.StartAsync();
        return new(app);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
