using Signet.Infrastructure.Jose;
using Signet.Infrastructure.Outbound;

namespace Signet.Infrastructure.OAuth;

/// <summary><c>private_key_jwt</c>: the assertion is signed with a key whose public half the client registered (OpenID Connect Core §9).</summary>
internal sealed class PrivateKeyJwt(RemoteKeys keys)
{
    public async ValueTask<bool> IsSigned(Client client, Jws jws, CancellationToken ct)
    {
        var allowed = Algorithms(client.Settings);
        if (!allowed.Contains(jws.Algorithm)) // before anything is fetched
            return false;
        foreach (var key in await keys.For(jws, client.Settings.Jwks, client.Settings.JwksUri, ct))
        {
            if (jws.IsSignedBy(key, allowed))
                return true;
        }

        return false;
    }

    /// <summary>What the client may sign with: the one algorithm that it registered, or all that its profile allows.</summary>
    public static string[] Algorithms(ClientSettings settings)
    {
        var ofProfile = settings.Profile == SecurityProfile.OAuth21 ? SigningAlgorithms.All : SigningAlgorithms.Fapi;
        return settings.TokenEndpointAuthSigningAlg is { } only ? [.. ofProfile.Where(algorithm => algorithm == only)] : ofProfile;
    }
}
