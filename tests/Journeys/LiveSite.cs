using System.Collections.Concurrent;
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
    private static readonly ConcurrentBag<Socket> Held = [];
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

    /// <summary>A port of localhost that nobody else is given until this process ends, and that may be listened on.</summary>
    public static int FreePort()
    {
        while (true)
        {
            var port = Hold(IPAddress.Loopback, 0);
            try
            {
                Hold(IPAddress.IPv6Loopback, port);
                return port;
            }
            catch (SocketException refused) when (refused.SocketErrorCode is SocketError.AddressAlreadyInUse)
            {
                // free for IPv4 alone: another one
            }
            catch (SocketException)
            {
                return port; // there is no IPv6 here
            }
        }
    }

    // .NET sets SO_REUSEADDR when it binds: with that, a socket that never listens keeps a port from being handed out, and from nobody who asks for it.
    private static int Hold(IPAddress address, int port)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        Held.Add(socket); // else it would be collected, and closed
        socket.Bind(new IPEndPoint(address, port));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
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
