using Signet.Infrastructure.Outbound;

namespace Signet.Infrastructure.OAuth;

/// <summary>
/// <c>self_signed_tls_client_auth</c>: nobody vouches for the certificate; its key is one that the client registered (RFC 8705 §2.2).
/// A new certificate for the same key needs no new registration.
/// </summary>
internal sealed class SelfSignedTlsClientAuth(RemoteKeys keys, TimeProvider time)
{
    public async ValueTask<OAuthError?> Objection(Client client, ClientCertificate? certificate, CancellationToken ct)
    {
        if (certificate is null)
            return ClientCertificate.Missing;
        if (!certificate.IsInDate(time.GetUtcNow()))
            return OAuthError.InvalidClient.Because("the certificate is out of date");
        using var presented = certificate.PublicKey;
        return presented is not null
            && await keys.Find(client.Settings.Jwks, client.Settings.JwksUri, known => known.Thumbprint == presented.Thumbprint && known.Use is null or "sig", ct) is not null
                ? null
                : OAuthError.InvalidClient.Because("the certificate's key is not among the client's");
    }
}
