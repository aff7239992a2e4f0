using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Signet.Infrastructure.Jose;

namespace Signet.Infrastructure.OAuth;

/// <summary>
/// <c>client_secret_jwt</c>: the assertion is an HMAC under the client's secret (OpenID Connect Core §9), which therefore has to
/// be kept itself, sealed, for the clients of this method and no others.
/// </summary>
internal sealed class ClientSecretJwt(IDataProtectionProvider protection, LastUse lastUse, TimeProvider time)
{
    public const string Algorithm = "HS256";

    /// <summary>A shorter one could be guessed from a single assertion (RFC 7518 §3.2).</summary>
    public const int ShortestSecret = 32;

    /// <summary>The secret as it is kept for a client of these methods; null where only its hash is.</summary>
    public byte[]? Seal(string clientId, string[] methods, Secret secret) =>
        methods.Contains(ClientAuthenticationMethods.ClientSecretJwt) ? Protector(clientId).Protect(Encoding.UTF8.GetBytes(secret.Text)) : null;

    public bool IsSigned(Client client, Jws jws)
    {
        if (jws.Algorithm != Algorithm)
            return false;
        var now = time.GetUtcNow();
        foreach (var known in client.Secrets)
        {
            if (!known.IsLive(now) || Open(known) is not { Length: >= ShortestSecret } secret || !jws.IsSignedBy(secret))
                continue;
            lastUse.Of(known);
            return true;
        }

        return false;
    }

    private byte[]? Open(ClientSecret known)
    {
        try
        {
            return known.Sealed is { } kept ? Protector(known.ClientId).Unprotect(kept) : null;
        }
        catch (CryptographicException) // sealed under a ring that is gone: the app needs a new secret
        {
            return null;
        }
    }

    private IDataProtector Protector(string clientId) => protection.CreateProtector("client secret", clientId);
}
