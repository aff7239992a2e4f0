using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Signet.Infrastructure.Web;

/// <summary>Where Signet listens in Development: http://localhost:5080, and https://localhost:5443 with a certificate that it makes itself.</summary>
internal static class DevelopmentServer
{
    public static void UseDevelopmentPorts(this WebApplicationBuilder builder)
    {
        var isConfigured = builder.Configuration["urls"] is { Length: > 0 } || builder.Configuration["http_ports"] is { Length: > 0 }
            || builder.Configuration["https_ports"] is { Length: > 0 } || builder.Configuration.GetSection("Kestrel:Endpoints").GetChildren().Any();
        if (!builder.Environment.IsDevelopment() || isConfigured)
            return;
        var directory = Path.Combine(builder.Environment.ContentRootPath, builder.Configuration["Signet:DataDirectory"] ?? "data");
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ListenLocalhost(5080);
            kestrel.ListenLocalhost(5443, listen => listen.UseHttps(Certificate(directory)));
        });
    }

    private static X509Certificate2 Certificate(string directory)
    {
        var file = Path.Combine(Directory.CreateDirectory(directory).FullName, "localhost.pfx");
        if (File.Exists(file) && X509CertificateLoader.LoadPkcs12FromFile(file, null) is { } known && known.NotAfter > DateTime.Now.AddDays(1))
            return known;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        var now = DateTimeOffset.Now; // the machine's own time: browsers check the certificate against theirs
        using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(1));
        File.WriteAllBytes(file, made.Export(X509ContentType.Pfx));
        return X509CertificateLoader.LoadPkcs12FromFile(file, null);
    }
}
