using System.Security.Cryptography;

namespace Signet.Infrastructure.OAuth;

/// <summary>A client shows its secret: <c>client_secret_basic</c> and <c>client_secret_post</c> (RFC 6749 §2.3.1).</summary>
internal sealed class ClientSecretProof(LastUse lastUse, TimeProvider time)
{
    private static readonly OAuthError WrongSecret = OAuthError.InvalidClient.Because("wrong, expired or missing secret");
    private static readonly OAuthError WrongMethod = OAuthError.InvalidClient.Because("not registered for sending a secret this way");

    public OAuthError? Objection(Client client, string method, string? secret)
    {
        if (!client.Registers(method))
            return WrongMethod;
        if (string.IsNullOrWhiteSpace(secret))
            return WrongSecret;
        var hash = new Secret(secret).Hash();
        var now = time.GetUtcNow();
        var match = client.Secrets.FirstOrDefault(known => CryptographicOperations.FixedTimeEquals(known.Hash, hash) && known.IsLive(now));
        if (match is null)
            return WrongSecret;
        lastUse.Of(match);
        return null;
    }
}
