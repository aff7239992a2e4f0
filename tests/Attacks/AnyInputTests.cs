using System.Text;
using System.Text.Json;
using CsCheck;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.Jose;
using Signet.Infrastructure.OAuth;
using Signet.Infrastructure.OAuth.Dpop;
using Signet.Infrastructure.Tokens;

namespace Signet.Tests.Attacks;

/// <summary>Whatever comes from outside is read or refused by every reader: none of them throws.</summary>
public sealed class AnyInputTests
{
    private static readonly string[] Members = ["kty", "crv", "x", "y", "n", "e", "kid", "use", "alg", "d", "keys", "typ", "jwk", "crit", "iss", "aud", "exp", "iat", "nbf", "jti", "htm", "htu", "ath", "id_token", "userinfo", "acr", "essential", "value", "values", "type", "locations", ""];
    private static readonly AppKey Key = new();
    private static readonly string Proof = new Features.SenderConstraint.ProofKey().Proof("POST", "https://id.test/oauth/token", DateTimeOffset.UnixEpoch);

    [Fact]
    public void Compact_objects_and_proofs() =>
        Gen.OneOf(AnyText.Any, AnyText.Near(Proof, Key.SignText("{}"), AppKey.Unsigned([])), AnyText.Compact(AnyText.Object(Members), AnyText.Json(Members))).Sample(text =>
        {
            var jws = Jws.Read(text, 16 * 1024);
            _ = (jws?.Algorithm, jws?.KeyId, jws?.Type, jws?.Audiences, jws?.Texts("aud"), jws?.Time("exp"), jws?.HasBegun(DateTimeOffset.UnixEpoch), jws?["iss"]);
            _ = DpopProof.Read(text, out _);
            return jws is null || !jws.IsSignedBy([1, 2, 3]);
        }, iter: AnyText.Tries(3000));

    [Fact]
    public void Keys_and_key_sets()
    {
        var good = Key.Jwks.GetRawText();
        Gen.OneOf(AnyText.Json(Members), AnyText.Near(good), AnyText.Near(good).Select(set => set.Replace("\"keys\"", "\"kty\"", StringComparison.Ordinal)), AnyText.Any).Sample(text =>
        {
            if (Parsed(text) is not { } json)
                return;
            (PublicJwk.Read(json, out var objection) is null).ShouldBe(objection is not null);
            _ = JwkSet.Objection(json);
            foreach (var key in JwkSet.Read(json).Keys)
                _ = (key.Verifies("ES256", [1], [2]), key.Verifies("RS256", [1], [2]), key.Verifies("EdDSA", [1], new byte[64]), key.Encrypts(Jwe.EcdhEs));
        }, iter: AnyText.Tries(3000));
    }

    [Fact]
    public void Texts_with_a_form_of_their_own()
    {
        string[] good =
        [
            "CN=shop,O=Example\\, Inc,2.5.4.10=#0C0141", "https://app.test/cb?a=b", "com.example.app:/cb", "http://127.0.0.1:8080/cb", "BCDF-GHJK", "openid profile", "{\"id_token\":{\"acr\":{\"essential\":true,\"values\":[\"aal2\"]}}}",
            "[{\"type\":\"payment\",\"locations\":[\"https://api.test\"],\"amount\":{\"value\":\"1\"}}]", RefreshSecret.New().Seal().Text, OpaqueValue.New(OpaqueValue.AccessToken).Text, "jkt:AAAA",
        ];
        Gen.OneOf(AnyText.Any, AnyText.Near(good), AnyText.Json(Members)).Sample(text =>
        {
            _ = (DistinguishedName.Parse(text), UserCode.Read(text), Scopes.Parse(text), RequestedClaims.Parse(text), AuthorizationDetails.Parse(text), RefreshSecret.Open(text), OpaqueValue.Open(OpaqueValue.AccessToken, text), Confirmation.Parse(text));
            foreach (var kind in Enum.GetValues<ClientKind>())
                _ = RedirectUri.Objection(text, kind);
        }, iter: AnyText.Tries(3000));
    }

    [Fact]
    public void Files_of_keys()
    {
        using var ec = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var request = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=a", ec, System.Security.Cryptography.HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(1));
        var pfx = Encoding.Latin1.GetString(certificate.Export(System.Security.Cryptography.X509Certificates.X509ContentType.Pfx, "x"));
        var sec1 = ec.ExportECPrivateKeyPem();
        Gen.OneOf(AnyText.Any, AnyText.Near(sec1, ec.ExportPkcs8PrivateKeyPem(), pfx, sec1 + "\n" + sec1, "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----"), AnyText.Bytes.Select(Encoding.Latin1.GetString)).Sample(text =>
        {
            var read = PrivateKeyFile.Read(Encoding.Latin1.GetBytes(text), "x", out var objection);
            (read is null).ShouldBe(objection is not null);
        }, iter: AnyText.Tries(500));
    }

    private static JsonElement? Parsed(string text)
    {
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
        catch (ArgumentException) // text that is not Unicode is no JSON to begin with
        {
            return null;
        }
    }
}
