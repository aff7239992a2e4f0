using Microsoft.AspNetCore.Hosting;

namespace Signet.Tests.Features.SignOut;

/// <summary>The product with its jobs running, and a server of somebody else's that it may reach.</summary>
public sealed class BackChannelSite : PostgresSite
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
        builder.UseSetting("Signet:Jobs:Workers", "2");
        builder.UseSetting("Signet:Outbound:AllowPrivateNetworks", "true");
        builder.UseSetting("Signet:Outbound:CertificateAuthorities", Outside.CertificateFile);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Outside.DisposeAsync();
    }
}
