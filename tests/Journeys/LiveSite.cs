using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Signet.Tests.Journeys;

/// <summary>The product on a real port with TLS, for browsers and for other processes; on PostgreSQL.</summary>
public class LiveSite : PostgresSite
{
    private readonly string certificateFile = Path.Combine(Path.GetTempPath(), $"signet-test-{Guid.NewGuid():N}.pem");

    public LiveSite()
    {
        var certificate = NewCertificate();
        File.WriteAllText(certificateFile, certificate.ExportCertificatePem());
        Address = new Uri($"https://localhost:{FreePort()}");
        UseKestrel(kestrel => kestrel.ListenLocalhost(Address.Port, listen => listen.UseHttps(https =>
        {
            https.ServerCertificate = certificate;
            Configure(https);
        })));
    }

    public Uri Address { get; }

    /// <summary>For processes that are to trust this site: <c>SSL_CERT_FILE</c>.</summary>
    public string CertificateFile => certificateFile;

    /// <summary>What else TLS does at this site.</summary>
    protected virtual void Configure(HttpsConnectionAdapterOptions https)
    {
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        builder.UseStaticWebAssets(); // a browser asks for the compressed ones, which the build keeps beside the sources
        builder.UseSetting("Signet:Issuer", Address.GetLeftPart(UriPartial.Authority));
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        File.Delete(certificateFile);
        GC.SuppressFinalize(this);
    }

    /// <summary>A certificate for localhost that is its own authority.</summary>
    public static X509Certificate2 NewCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        var now = DateTimeOffset.UtcNow;
        using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
    }
}
