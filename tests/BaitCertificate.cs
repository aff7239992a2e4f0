using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Signet.Tests;

/// <summary>A certificate of an authority that nobody knows, which names an address to fetch that authority from, and whoever listens there.</summary>
public sealed class BaitCertificate : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);

    public BaitCertificate()
    {
        listener.Start();
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension([], [$"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/authority.cer"]));
        var now = DateTimeOffset.UtcNow;
        using var made = request.Create(new X500DistinguishedName("CN=Nobody's Authority"), X509SignatureGenerator.CreateForECDsa(authorityKey), now.AddDays(-1), now.AddDays(1), [1, 2, 3, 4]);
        using var whole = made.CopyWithPrivateKey(key);
        Certificate = X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pfx), null);
    }

    public X509Certificate2 Certificate { get; }

    /// <summary>Whether somebody came to fetch.</summary>
    public bool IsTaken => listener.Pending();

    public void Dispose()
    {
        listener.Dispose();
        Certificate.Dispose();
    }
}
