using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Signet.Infrastructure;

namespace Signet.Tests;

/// <summary>The product, and a server of somebody else's that it may reach.</summary>
public abstract class OutsideSite : PostgresSite
{
    public OutsideServer Outside { get; private set; } = null!;

    public override async ValueTask InitializeAsync()
    {
        Outside = await OutsideServer.Start();
        await base.InitializeAsync();
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        builder.Reach(Outside);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Outside.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}

internal static class OutsideSettings
{
    /// <summary>How long Signet waits for an outside server that has to share a loaded machine with it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Lets a site reach the server, and wait for it.</summary>
    public static IWebHostBuilder Reach(this IWebHostBuilder builder, OutsideServer outside) => builder
        .UseSetting("Signet:Outbound:AllowPrivateNetworks", "true")
        .UseSetting("Signet:Outbound:CertificateAuthorities", outside.CertificateFile)
        .ConfigureTestServices(services => services.PostConfigure<SignetOptions>(options => options.Outbound.Patience = Patience));
}
