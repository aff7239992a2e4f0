using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Signet.Infrastructure.Jose;

namespace Signet.Tests.Features.SenderConstraint;

/// <summary>An app's key for DPoP, and the proofs that it makes with it.</summary>
internal sealed class ProofKey(string algorithm = SigningAlgorithms.Es256)
{
    private readonly PrivateKey key = PrivateKey.Generate(algorithm);

    public string Thumbprint => PublicJwk.Read(JsonSerializer.SerializeToElement(key.PublicMembers), out _)!.Thumbprint;

    /// <summary>A good proof, unless something is changed.</summary>
    public string Proof(string method, string url, DateTimeOffset now, string? token = null, string? nonce = null, Action<JsonObject, JsonObject>? change = null)
    {
        var header = new JsonObject { ["typ"] = "dpop+jwt", ["alg"] = algorithm, ["jwk"] = JsonSerializer.SerializeToNode(key.PublicMembers) };
        var claims = new JsonObject { ["jti"] = Guid.NewGuid().ToString(), ["htm"] = method, ["htu"] = url, ["iat"] = now.ToUnixTimeSeconds() };
        if (token is not null)
            claims["ath"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(token)));
        if (nonce is not null)
            claims["nonce"] = nonce;
        change?.Invoke(header, claims);
        return Sign(header, claims);
    }

    public string Sign(JsonObject header, JsonObject claims)
    {
        var signed = $"{Base64(header)}.{Base64(claims)}";
        return $"{signed}.{Base64Url.EncodeToString(key.Sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    public JsonNode Jwk => JsonSerializer.SerializeToNode(key.PublicMembers)!;

    private static string Base64(JsonObject json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));
}
