using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Signet.Infrastructure.Jose;

namespace Signet.Tests;

/// <summary>An app's key that answers are encrypted to: the public half, and the private one as a JWK.</summary>
internal static class EncryptionKey
{
    public static (JsonElement Public, Dictionary<string, string> Private) New(string algorithm)
    {
        var jwk = new Dictionary<string, string> { ["kid"] = "enc-1", ["use"] = "enc" };
        string[] secrets;
        if (algorithm == Jwe.RsaOaep256)
        {
            using var rsa = RSA.Create(2048);
            var key = rsa.ExportParameters(true);
            jwk["kty"] = "RSA";
            (jwk["n"], jwk["e"], jwk["d"]) = (Text(key.Modulus), Text(key.Exponent), Text(key.D));
            (jwk["p"], jwk["q"], jwk["dp"], jwk["dq"], jwk["qi"]) = (Text(key.P), Text(key.Q), Text(key.DP), Text(key.DQ), Text(key.InverseQ));
            secrets = ["d", "p", "q", "dp", "dq", "qi"];
        }
        else
        {
            using var ec = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
            var key = ec.ExportParameters(true);
            (jwk["kty"], jwk["crv"], jwk["x"], jwk["y"], jwk["d"]) = ("EC", "P-256", Text(key.Q.X), Text(key.Q.Y), Text(key.D));
            secrets = ["d"];
        }

        return (JsonSerializer.SerializeToElement(jwk.Where(member => !secrets.Contains(member.Key)).ToDictionary()), jwk);
    }

    /// <summary>A key set of this one key.</summary>
    public static JsonElement Set(JsonElement key) => JsonElement.Parse($$"""{"keys":[{{key.GetRawText()}}]}""");

    private static string Text(byte[]? bytes) => Base64Url.EncodeToString(bytes);
}
