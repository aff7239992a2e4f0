using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Signet.Infrastructure.OAuth;

/// <summary><c>tls_client_auth</c>: an authority vouches for the certificate, and one of its names is the registered one (RFC 8705 §2.1).</summary>
internal sealed class TlsClientAuth : IDisposable
{
    private const int EMail = 1, DnsName = 2, Uri = 6, IpAddress = 7; // GeneralName, RFC 5280 §4.2.1.6
    private static readonly Oid ForClients = new("1.3.6.1.5.5.7.3.2");
    private readonly X509Certificate2Collection authorities;
    private readonly TimeProvider time;

    public TlsClientAuth(IOptions<SignetOptions> options, TimeProvider time)
    {
        this.time = time;
        authorities = options.Value.ClientCertificateAuthorities is { Length: > 0 } file ? CertificateAuthorities.Read("Signet:ClientCertificateAuthorities", file) : [];
    }

    public OAuthError? Objection(Client client, ClientCertificate? certificate)
    {
        if (certificate is null)
            return ClientCertificate.Missing;
        if (!IsNamed(certificate, client.Settings))
            return OAuthError.InvalidClient.Because("the certificate is not of the registered name");
        return IsVouchedFor(certificate.X509) ? null : OAuthError.InvalidClient.Because("no trusted authority vouches for the certificate, or it is out of date");
    }

    /// <summary>The members of which a client of this method registers one.</summary>
    public static string?[] Registered(ClientSettings settings) =>
        [settings.TlsClientAuthSubjectDn, settings.TlsClientAuthSanDns, settings.TlsClientAuthSanUri, settings.TlsClientAuthSanIp, settings.TlsClientAuthSanEmail];

    private static bool IsNamed(ClientCertificate certificate, ClientSettings settings)
    {
        if (Registered(settings).Count(name => name is not null) != 1)
            return false;
        try
        {
            return settings switch
            {
                { TlsClientAuthSubjectDn: { } name } => DistinguishedName.Parse(name)?.Is(certificate.X509.SubjectName) == true,
                { TlsClientAuthSanDns: { } name } => Has(DnsName, name, StringComparison.OrdinalIgnoreCase),
                { TlsClientAuthSanUri: { } name } => Has(Uri, name, StringComparison.Ordinal),
                { TlsClientAuthSanEmail: { } name } => Has(EMail, name, StringComparison.Ordinal),
                { TlsClientAuthSanIp: { } name } => IPAddress.TryParse(name, out var address) && certificate.AlternativeNames(IpAddress).Any(known => known.SequenceEqual(address.GetAddressBytes())),
                _ => false,
            };
        }
        catch (Exception exception) when (exception is CryptographicException or System.Formats.Asn1.AsnContentException)
        {
            return false; // a name that is not well-formed is not the registered one
        }

        bool Has(int kind, string name, StringComparison comparison) => certificate.AlternativeNames(kind).Any(known => string.Equals(Encoding.Latin1.GetString(known), name, comparison));
    }

    private bool IsVouchedFor(X509Certificate2 certificate)
    {
        using var chain = new X509Chain { ChainPolicy = Tls.NothingFetched.Clone() };
        chain.ChainPolicy.VerificationTime = time.GetUtcNow().LocalDateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(ForClients);
        if (authorities.Count > 0)
        {
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        return chain.Build(certificate);
    }

    public void Dispose()
    {
        foreach (var authority in authorities)
            authority.Dispose();
    }
}
