using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Signet.Infrastructure.Jose;

namespace Signet.Tests;

/// <summary>A key of an app's, and what the app signs with it.</summary>
internal sealed class AppKey(string algorithm = SigningAlgorithms.Es256, string id = "app-key")
{
    private readonly PrivateKey key = PrivateKey.Generate(algorithm);

    /// <summary>What the app registers.</summary>
    public JsonElement Jwks => JsonSerializer.SerializeToElement(new
    {
        keys = new[] { new Dictionary<string, string>(key.PublicMembers) { ["kid"] = id, ["alg"] = algorithm, ["use"] = "sig" } },
    });

    public string Sign(JsonObject claims, string? type = null) => SignText(claims.ToJsonString(), type);

    public string SignText(string payload, string? type = null)
    {
        var header = new JsonObject { ["alg"] = algorithm, ["kid"] = id };
        if (type is not null)
            header["typ"] = type;
        var signed = $"{Encode(header.ToJsonString())}.{Encode(payload)}";
        return $"{signed}.{Base64Url.EncodeToString(key.Sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    public static string Unsigned(JsonObject claims) => $"{Encode("{\"alg\":\"none\"}")}.{Encode(claims.ToJsonString())}.";

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
