using Microsoft.AspNetCore.Hosting;

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
        builder.UseSetting("Signet:Outbound:AllowPrivateNetworks", "true");
        builder.UseSetting("Signet:Outbound:CertificateAuthorities", Outside.CertificateFile);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Outside.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
