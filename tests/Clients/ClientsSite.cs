using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting;
using Signet.Tests.Journeys;

namespace Signet.Tests.Clients;

/// <summary>The product on a real port with TLS, for clients that others wrote.</summary>
public class ClientsSite : LiveSite
{
    /// <summary>The classes that share one.</summary>
    public const string Collection = "clients";

    public string Authority => Address.GetLeftPart(UriPartial.Authority);

    /// <summary>What a .NET client is given instead of <c>SSL_CERT_FILE</c>: it trusts this site, at its name, and nobody else.</summary>
    public bool Trusts(HttpRequestMessage request, X509Certificate2? presented, X509Chain? chain, SslPolicyErrors errors)
    {
        using var own = X509Certificate2.CreateFromPem(File.ReadAllText(CertificateFile));
        return errors == SslPolicyErrors.RemoteCertificateChainErrors && own.Equals(presented);
    }

    public HttpClientHandler TrustingHandler() => new() { ServerCertificateCustomValidationCallback = Trusts };

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        builder.UseSetting("Signet:Registration:Dynamic", "Token");
    }

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
