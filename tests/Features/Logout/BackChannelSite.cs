using Microsoft.AspNetCore.Hosting;

namespace Signet.Tests.Features.SignOut;

/// <summary>The product with its jobs running, and a server of somebody else's that it may reach.</summary>
public sealed class BackChannelSite : OutsideSite
{
    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        builder.UseSetting("Signet:Jobs:Workers", "2");
    }
}
