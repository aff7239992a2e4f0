using Microsoft.AspNetCore.Hosting;

namespace Signet.Tests.Peers;

/// <summary>The product with external providers: a real one, one that is away, and those that are known by name.</summary>
public sealed class PeerSite : PostgresSite
{
    internal Peer Peer { get; private set; } = null!;

    public override async ValueTask InitializeAsync()
    {
        Peer = await Peer.Start($"{Issuer}/login/external/peer/callback");
        await base.InitializeAsync();
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        Peer.Configure(builder);
        var others = new[] { "Google", "Microsoft", "GitHub", "Away", "Mirror" };
        for (var i = 0; i < others.Length; i++)
        {
            builder.UseSetting($"ExternalProviders:{i + 1}:Name", others[i]);
            builder.UseSetting($"ExternalProviders:{i + 1}:ClientId", "signet");
            builder.UseSetting($"ExternalProviders:{i + 1}:ClientSecret", "a-secret");
        }

        builder.UseSetting("ExternalProviders:4:Authority", "http://127.0.0.1:1");
        builder.UseSetting("ExternalProviders:5:Authority", $"http://localhost:{Peer.Issuer.Port}"); // the peer by another name
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Peer.DisposeAsync();
    }
}
