using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Signet.Infrastructure.Tokens;

namespace Signet.Tests.Attacks;

/// <summary>What an attacker makes of a good JWT (RFC 8725), each with a name for the message of a test.</summary>
internal static class Forgeries
{
    private static readonly string[] CommonSecrets = ["", "secret", "your-256-bit-secret", "password", "changeme", "jwt", "key", "0", " ", "\0"];

    /// <summary>Without our key: no signature, another one, or a key that the token brings along.</summary>
    public static IEnumerable<(string What, string Token)> WithoutOurKey(string good, KeyMaterial key, KeyMaterial otherKeyOfOurs, string listener)
    {
        var parts = good.Split('.');
        var (header, payload, signature) = (Object(parts[0]), Object(parts[1]), parts[2]);
        var more = payload.DeepClone().AsObject();
        more["scope"] = "openid admin apps.write";
        return Cut(parts)
            .Concat(Unsigned(header, more, signature))
            .Concat(SignedWithWhatIsPublic(header, more, key))
            .Concat(WithAnotherKey(header, more, key, otherKeyOfOurs, listener))
            .Concat(WithOddClaims(payload).Select(odd => ($"{odd.What}, unsigned", $"{parts[0]}.{Part(odd.Payload)}.{signature}")))
            .Concat(Encrypted(parts));
    }

    /// <summary>
    /// With our own key, which nobody has: what a bug of the writer, or another service with the key, might make. Refused all the
    /// same, and never a fault.
    /// </summary>
    public static IEnumerable<(string What, string Token)> WithOurKey(string good, KeyMaterial key)
    {
        var parts = good.Split('.');
        var (header, payload) = (Object(parts[0]), Object(parts[1]));
        foreach (var (what, odd) in WithOddClaims(payload))
            yield return (what, Sign(header.ToJsonString(), odd, key));
        foreach (var type in new[] { "\"JWT\"", "\"jwt\"", "\"dpop+jwt\"", "\"logout+jwt\"", "\"at+jwt+jwt\"", "null", "7", "[\"at+jwt\"]" })
            yield return ($"typ {type}", Sign($$"""{"alg":"{{key.Algorithm}}","typ":{{type}},"kid":"{{key.Id}}"}""", payload.ToJsonString(), key));
        foreach (var extra in new[] { "\"crit\":[\"exp2\"],\"exp2\":1", "\"b64\":false,\"crit\":[\"b64\"]", "\"crit\":[]", "\"crit\":null" })
            yield return (extra, Sign($$"""{"alg":"{{key.Algorithm}}","typ":"at+jwt","kid":"{{key.Id}}",{{extra}}}""", payload.ToJsonString(), key));
        foreach (var kid in new[] { "\"\"", "null", "7", $"[\"{key.Id}\"]", $"\"{key.Id} \"", "\"../../dev/null\"", $"\"{new string('k', 3000)}\"" })
            yield return ($"kid {kid[..Math.Min(kid.Length, 20)]}", Sign($$"""{"alg":"{{key.Algorithm}}","typ":"at+jwt","kid":{{kid}}}""", payload.ToJsonString(), key));
    }

    private static IEnumerable<(string, string)> Cut(string[] parts) =>
    [
        ("header alone", parts[0]), ("dots", ".."), ("four dots", "...."), ("no signature", $"{parts[0]}.{parts[1]}"), ("empty signature", $"{parts[0]}.{parts[1]}."),
        ("no header", $".{parts[1]}.{parts[2]}"), ("no payload", $"{parts[0]}..{parts[2]}"), ("a part more", $"{parts[0]}.{parts[1]}.{parts[2]}.{parts[2]}"),
        ("half a signature", $"{parts[0]}.{parts[1]}.{parts[2][..(parts[2].Length / 2)]}"), ("signature of zeros", $"{parts[0]}.{parts[1]}.{Base64Url.EncodeToString(new byte[64])}"),
        ("signature of a null", $"{parts[0]}.{parts[1]}.AA"), ("signature of 10 kB", $"{parts[0]}.{parts[1]}.{new string('A', 10_000)}"), ("signature in other letters", $"{parts[0]}.{parts[1]}.!!!!"),
        ("payload that is no JSON", $"{parts[0]}.{B64("hello")}.{parts[2]}"), ("payload that is a list", $"{parts[0]}.{B64("[]")}.{parts[2]}"), ("header that is a number", $"{B64("7")}.{parts[1]}.{parts[2]}"),
        ("payload of half a character", $"{parts[0]}.{Base64Url.EncodeToString([0x22, 0xff, 0xfe])}.{parts[2]}"), ("a deep payload", $"{parts[0]}.{B64(new string('[', 2000) + new string(']', 2000))}.{parts[2]}"),
    ];

    private static IEnumerable<(string, string)> Unsigned(JsonObject header, JsonObject payload, string signature)
    {
        foreach (var alg in new[] { "\"none\"", "\"None\"", "\"NONE\"", "\"nOnE\"", "\"\"", "null", "7", "[\"none\"]", "\"ES256 \"", "\"es256\"" })
        {
            foreach (var kid in new[] { "", $",\"kid\":{header["kid"]!.ToJsonString()}" })
            {
                var text = $"{B64($$"""{"alg":{{alg}},"typ":"at+jwt"{{kid}}}""")}.{Part(payload.ToJsonString())}";
                yield return ($"alg {alg}{kid}", $"{text}.");
                yield return ($"alg {alg}{kid} with a signature", $"{text}.{signature}");
            }
        }

        yield return ("no alg", $"{B64("""{"typ":"at+jwt"}""")}.{Part(payload.ToJsonString())}.");
        yield return ("alg twice", $"{B64($$"""{"alg":"none","alg":"ES256","typ":"at+jwt"}""")}.{Part(payload.ToJsonString())}.");
    }

    private static IEnumerable<(string, string)> SignedWithWhatIsPublic(JsonObject header, JsonObject payload, KeyMaterial key)
    {
        using var ec = ECDsa.Create();
        using var rsa = RSA.Create();
        AsymmetricAlgorithm known = key.Algorithm == KeyRing.AccessTokenAlgorithm ? ec : rsa;
        if (known == ec)
            ec.ImportParameters(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = Base64Url.DecodeFromChars(key.PublicKey.Json.GetProperty("x").GetString()), Y = Base64Url.DecodeFromChars(key.PublicKey.Json.GetProperty("y").GetString()) } });
        else
            rsa.ImportParameters(new RSAParameters { Modulus = Base64Url.DecodeFromChars(key.PublicKey.Json.GetProperty("n").GetString()), Exponent = Base64Url.DecodeFromChars(key.PublicKey.Json.GetProperty("e").GetString()) });
        var pem = known.ExportSubjectPublicKeyInfoPem();
        byte[][] secrets =
        [
            Encoding.ASCII.GetBytes(pem), Encoding.ASCII.GetBytes(pem + "\n"), Encoding.ASCII.GetBytes(pem.Replace("\n", "\r\n", StringComparison.Ordinal)), known.ExportSubjectPublicKeyInfo(),
            Encoding.ASCII.GetBytes(key.PublicJwk), Encoding.ASCII.GetBytes(key.Id), Base64Url.DecodeFromChars(key.PublicKey.Json.GetProperty(known == ec ? "x" : "n").GetString()), .. CommonSecrets.Select(Encoding.ASCII.GetBytes),
        ];
        foreach (var (secret, i) in secrets.Select((secret, i) => (secret, i)))
        {
            foreach (var (alg, hash) in new (string, Func<byte[], byte[], byte[]>)[] { ("HS256", HMACSHA256.HashData), ("HS384", HMACSHA384.HashData), ("HS512", HMACSHA512.HashData) })
            {
                var text = $"{B64($$"""{"alg":"{{alg}}","typ":"at+jwt","kid":{{header["kid"]!.ToJsonString()}}}""")}.{Part(payload.ToJsonString())}";
                yield return ($"{alg} with public secret {i}", $"{text}.{Base64Url.EncodeToString(hash(secret, Encoding.ASCII.GetBytes(text)))}");
            }
        }
    }

    private static IEnumerable<(string, string)> WithAnotherKey(JsonObject header, JsonObject payload, KeyMaterial key, KeyMaterial otherKeyOfOurs, string listener)
    {
        using var mine = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var q = mine.ExportParameters(false).Q;
        var jwk = $$"""{"kty":"EC","crv":"P-256","x":"{{Base64Url.EncodeToString(q.X)}}","y":"{{Base64Url.EncodeToString(q.Y)}}","kid":"mine"}""";
        var certificate = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=id.test", mine, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        var chain = Convert.ToBase64String(certificate.RawData);
        string[] kids = ["", $",\"kid\":{header["kid"]!.ToJsonString()}", ",\"kid\":\"mine\"", ",\"kid\":\"\"", ",\"kid\":\"../../../../dev/null\"", ",\"kid\":\"x' UNION SELECT 'key\"", ",\"kid\":\"|sleep 20\"", $",\"kid\":\"{listener}\"", ",\"kid\":7"];
        string[] extras = ["", $",\"jwk\":{jwk}", $",\"jku\":\"{listener}\"", $",\"x5u\":\"{listener}\"", $",\"x5c\":[\"{chain}\"]", $",\"jku\":\"{Site.Issuer}/.well-known/jwks.json#{listener}\"", $",\"iss\":\"{listener}\""];
        foreach (var kid in kids)
        {
            foreach (var extra in extras)
            {
                var text = $"{B64($$"""{"alg":"ES256","typ":"at+jwt"{{kid}}{{extra}}}""")}.{Part(payload.ToJsonString())}";
                yield return ($"another key{kid}{extra[..Math.Min(extra.Length, 12)]}", $"{text}.{Base64Url.EncodeToString(mine.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256))}");
            }
        }

        // Keys are for one purpose: the other one of ours signs no such token, under its own name or the right one.
        yield return ("our key of the other purpose", Sign($$"""{"alg":"{{otherKeyOfOurs.Algorithm}}","typ":"at+jwt","kid":"{{otherKeyOfOurs.Id}}"}""", payload.ToJsonString(), otherKeyOfOurs));
        yield return ("our key of the other purpose under this one's name", Sign($$"""{"alg":"{{key.Algorithm}}","typ":"at+jwt","kid":"{{key.Id}}"}""", payload.ToJsonString(), otherKeyOfOurs));
    }

    private static IEnumerable<(string, string)> Encrypted(string[] parts) =>
    [
        ("a JWE of a JWT that nobody signed", $"{B64("""{"alg":"dir","enc":"A128CBC-HS256","cty":"JWT"}""")}..AAAAAAAAAAAAAAAAAAAAAA.{parts[1]}.AAAAAAAAAAAAAAAAAAAAAA"),
        ("a JWE with two thousand million rounds", $"{B64("""{"alg":"PBES2-HS512+A256KW","enc":"A256GCM","p2c":2000000000,"p2s":"AAAAAAAAAAAAAAAAAAAAAA"}""")}.AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA"),
        ("a JWE with RSA1_5", $"{B64("""{"alg":"RSA1_5","enc":"A128CBC-HS256"}""")}.AAAA.AAAA.AAAA.AAAA"),
    ];

    /// <summary>Payloads with one claim that is missing, of another type, or beyond all bounds.</summary>
    private static IEnumerable<(string What, string Payload)> WithOddClaims(JsonObject payload)
    {
        foreach (var claim in new[] { "iss", "exp", "client_id", "epoch", "jti", "sub", "grant_id", "sid" }.Where(payload.ContainsKey))
        {
            foreach (var value in new[] { "null", "[]", "{}", "-1", "1e400", "\"\"", "\"x\"", "true", "99999999999999999999", "[null]" }.Where(value => !IsHarmless(claim, value)))
                yield return ($"{claim} is {value}", With(payload, claim, value));
            var less = payload.DeepClone().AsObject();
            less.Remove(claim);
            yield return ($"no {claim}", less.ToJsonString());
        }

        foreach (var exp in new[] { "0", "1.5", "-9999999999999" })
            yield return ($"exp is {exp}", With(payload, "exp", exp));
        yield return ("nbf is to come", With(payload, "nbf", "9999999999"));
        yield return ("iss is ours with a slash", With(payload, "iss", $"\"{Site.Issuer}/\""));
        yield return ("iss is two", With(payload, "iss", $"[\"{Site.Issuer}\",\"https://evil.test\"]"));
        yield return ("a claim of 7 kB", With(payload, "x", $"\"{new string('x', 7000)}\""));
        foreach (var text in new[] { "", "null", "7", "[]", "\"x\"", "{", "{}" })
            yield return ($"the payload is '{text}'", text);
    }

    // Any text is a jti as good as another.
    private static bool IsHarmless(string claim, string value) => claim == "jti" && value is not ("null" or "\"\"" or "[]" or "[null]" or "{}");

    private static string With(JsonObject payload, string claim, string value)
    {
        var members = payload.Where(member => member.Key != claim).Select(member => $"{JsonSerializer.Serialize(member.Key)}:{member.Value!.ToJsonString()}");
        return $"{{{string.Join(',', members.Append($"{JsonSerializer.Serialize(claim)}:{value}"))}}}";
    }

    private static string Sign(string header, string payload, KeyMaterial key)
    {
        var text = $"{B64(header)}.{Part(payload)}";
        return $"{text}.{Base64Url.EncodeToString(key.Sign(Encoding.ASCII.GetBytes(text)))}";
    }

    private static JsonObject Object(string part) => JsonNode.Parse(Base64Url.DecodeFromChars(part))!.AsObject();

    private static string Part(string json) => B64(json);

    private static string B64(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
