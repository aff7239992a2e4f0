using Microsoft.AspNetCore.Hosting;
using Signet.Tests.Journeys;

namespace Signet.Tests.Clients;

/// <summary>The product on a real port with TLS, for clients that others wrote.</summary>
public class ClientsSite : LiveSite
{
    /// <summary>The classes that share one.</summary>
    public const string Collection = "clients";

    [CollectionDefinition(Collection)]
    public sealed class OneSite : ICollectionFixture<ClientsSite>;
}

/// <summary>The same, where DPoP proofs must carry a nonce.</summary>
public sealed class NonceSite : ClientsSite
{
    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        builder.UseSetting("Signet:Dpop:RequireNonce", "true");
    }
}
