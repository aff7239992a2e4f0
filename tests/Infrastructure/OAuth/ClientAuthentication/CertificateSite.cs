using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting;
using Signet.Tests.Journeys;

namespace Signet.Tests.Infrastructure.OAuth;

/// <summary>The product on a real port, where clients come with certificates; with an authority of its own.</summary>
public sealed class CertificateSite : LiveSite
{
    private readonly string authorityFile = Path.Combine(Path.GetTempPath(), $"signet-authority-{Guid.NewGuid():N}.pem");

    public CertificateSite()
    {
        Authority = NewAuthority("Example Authority");
        File.WriteAllText(authorityFile, Authority.ExportCertificatePem());
    }

    public X509Certificate2 Authority { get; }

    public static X509Certificate2 NewAuthority(string name)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(10));
    }

    /// <summary>A certificate for a client, from this authority, or from itself.</summary>
    public static X509Certificate2 NewCertificate(X509Certificate2? authority, AsymmetricAlgorithm? key = null, string usage = "1.3.6.1.5.5.7.3.2", int daysFromNow = 0, Action<SubjectAlternativeNameBuilder>? names = null)
    {
        key ??= ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var subject = new X500DistinguishedName("CN=shop, O=Example, C=DE");
        var request = key is RSA rsa ? new CertificateRequest(subject, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) : new CertificateRequest(subject, (ECDsa)key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], critical: false));
        if (names is not null)
        {
            var builder = new SubjectAlternativeNameBuilder();
            names(builder);
            request.CertificateExtensions.Add(builder.Build());
        }

        var (from, until) = (DateTimeOffset.UtcNow.AddDays(daysFromNow - 0.5), DateTimeOffset.UtcNow.AddDays(daysFromNow + 0.5));
        if (authority is null)
            return request.CreateSelfSigned(from, until);
        using var made = request.Create(authority.SubjectName, X509SignatureGenerator.CreateForECDsa(authority.GetECDsaPrivateKey()!), from, until, RandomNumberGenerator.GetBytes(16));
        return key is RSA privateKey ? made.CopyWithPrivateKey(privateKey) : made.CopyWithPrivateKey((ECDsa)key);
    }

    /// <summary>A program that presents this certificate, or none.</summary>
    public HttpClient Program(X509Certificate2? certificate)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        var mine = X509CertificateLoader.LoadCertificateFromFile(CertificateFile);
        handler.SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetRawCertData().SequenceEqual(mine.RawData) == true };
        if (certificate is not null)
            handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true);
        return new HttpClient(handler) { BaseAddress = Address };
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        builder.UseSetting("Signet:ClientCertificateAuthorities", authorityFile);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        File.Delete(authorityFile);
        GC.SuppressFinalize(this);
    }
}
