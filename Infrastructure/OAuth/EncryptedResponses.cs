using Signet.Infrastructure.Jose;
using Signet.Infrastructure.Outbound;

namespace Signet.Infrastructure.OAuth;

/// <summary>Answers that only the client can read, where it registered an algorithm (OpenID Connect Core §10.2): encrypted to its own key, after they were signed.</summary>
internal sealed class EncryptedResponses(RemoteKeys keys)
{
    /// <summary>An answer's members: how its key is wrapped, and how it is encrypted (OpenID Connect Registration §2, JARM §3, RFC 9701 §6).</summary>
    internal sealed record Kind(string Name, Func<ClientSettings, string?> Algorithm, Func<ClientSettings, string?> Encryption)
    {
        public string AlgorithmMember => $"{Name}_encrypted_response_alg";
        public string EncryptionMember => $"{Name}_encrypted_response_enc";
    }

    public static readonly Kind IdToken = new("id_token", settings => settings.IdTokenEncryptedResponseAlg, settings => settings.IdTokenEncryptedResponseEnc);
    public static readonly Kind UserInfo = new("userinfo", settings => settings.UserinfoEncryptedResponseAlg, settings => settings.UserinfoEncryptedResponseEnc);
    public static readonly Kind Introspection = new("introspection", settings => settings.IntrospectionEncryptedResponseAlg, settings => settings.IntrospectionEncryptedResponseEnc);
    public static readonly Kind Authorization = new("authorization", settings => settings.AuthorizationEncryptedResponseAlg, settings => settings.AuthorizationEncryptedResponseEnc);
    public static readonly Kind[] All = [IdToken, UserInfo, Introspection, Authorization];

    /// <summary>The answer as it goes out: encrypted where the client registered that, else as it is.</summary>
    /// <exception cref="NoEncryptionKey">There is no key of the client's to encrypt to; the answer must not go out readable.</exception>
    public async ValueTask<string> Seal(Client client, Kind kind, string answer, bool isJwt, CancellationToken ct)
    {
        if (kind.Algorithm(client.Settings) is not { } algorithm)
            return answer;
        var set = await keys.Of(client.Settings.Jwks, client.Settings.JwksUri, ct);
        return Jwe.Encrypt(set.ToEncryptBy(algorithm) ?? throw new NoEncryptionKey(client.Id, algorithm), algorithm, answer, isJwt);
    }

    /// <summary>Why a client may not register this, as a member and a sentence.</summary>
    public static IEnumerable<(string Member, string Message)> Objections(ClientSettings settings)
    {
        foreach (var kind in All)
        {
            var (algorithm, encryption) = (kind.Algorithm(settings), kind.Encryption(settings));
            if (algorithm is not null && !Jwe.Algorithms.Contains(algorithm))
                yield return (kind.AlgorithmMember, $"{kind.AlgorithmMember} must be one of {string.Join(", ", Jwe.Algorithms)}.");
            else if (algorithm is null && encryption is not null)
                yield return (kind.EncryptionMember, $"{kind.EncryptionMember} goes with {kind.AlgorithmMember}; add that.");
            else if (algorithm is not null && encryption != Jwe.A256Gcm) // the default of the specification is not spoken here, so nobody gets it unasked
                yield return (kind.EncryptionMember, $"{kind.EncryptionMember} must be {Jwe.A256Gcm}, in so many words.");
            else if (algorithm is not null && settings.JwksUri is null && (settings.Jwks is not { } set || JwkSet.Read(set).ToEncryptBy(algorithm) is null))
                yield return (kind.AlgorithmMember, $"{kind.AlgorithmMember} needs a key of the app's for it, in jwks or at jwks_uri: {(algorithm == Jwe.RsaOaep256 ? "RSA" : "EC on P-256")}, with use enc or without use.");
        }
    }
}

/// <summary>A client wants its answers encrypted, and its keys cannot be had right now.</summary>
internal sealed class NoEncryptionKey(string clientId, string algorithm) : Exception($"the app {clientId} has no key for {algorithm}");
