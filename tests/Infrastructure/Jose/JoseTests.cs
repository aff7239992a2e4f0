using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Signet.Infrastructure.Jose;

namespace Signet.Tests.Infrastructure.Jose;

/// <summary>Signed objects and keys, with the vectors of RFC 7515, RFC 7638 and RFC 8037.</summary>
public sealed class JoseTests
{
    private const string Es256Key = """{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}""";
    private const string Es256Token = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    private const string EdKey = """{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}""";
    private const string RsaKey = """{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB"}""";

    [Fact]
    public void The_signature_of_rfc_7515_appendix_a3_is_good_and_a_changed_one_is_not()
    {
        var key = Key(Es256Key);

        Jws.Read(Es256Token, 4096)!.IsSignedBy(key, SigningAlgorithms.All).ShouldBeTrue();
        Jws.Read(Es256Token, 4096)!.IsSignedBy(key, [SigningAlgorithms.Ps256]).ShouldBeFalse();
        Jws.Read(Es256Token[..^4] + "AAAA", 4096)?.IsSignedBy(key, SigningAlgorithms.All).ShouldNotBe(true);
        Jws.Read(Es256Token, 4096)!["iss"].ShouldBe("joe");
    }

    [Theory]
    [InlineData(RsaKey, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")]
    [InlineData(EdKey, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")]
    public void The_thumbprint_is_the_one_of_the_specification(string jwk, string thumbprint) => Key(jwk).Thumbprint.ShouldBe(thumbprint);

    [Fact]
    public void Ed25519_signs_as_in_rfc_8037_appendix_a4()
    {
        var pkcs8 = Convert.FromHexString("302e020100300506032b657004220420").Concat(Base64Url.DecodeFromChars("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")).ToArray();
        var signed = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";

        Base64Url.EncodeToString(PrivateKey.Import(SigningAlgorithms.EdDsa, pkcs8).Sign(Encoding.ASCII.GetBytes(signed)))
            .ShouldBe("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
    }

    [Theory]
    [InlineData(SigningAlgorithms.Es256)]
    [InlineData(SigningAlgorithms.Rs256)]
    [InlineData(SigningAlgorithms.Ps256)]
    [InlineData(SigningAlgorithms.EdDsa)]
    public void A_key_signs_the_same_after_it_was_kept_and_no_other_key_did(string algorithm)
    {
        var made = PrivateKey.Generate(algorithm);
        var kept = PrivateKey.Import(algorithm, made.Export());
        var (id, jwk) = made.Publish(algorithm);
        var token = Sign(kept, $$"""{"alg":"{{algorithm}}","kid":"{{id}}"}""", "{}");

        var set = JwkSet.Read(JsonElement.Parse($$"""{"keys":[{{jwk}},{{PrivateKey.Generate(algorithm).Publish(algorithm).PublicJwk}}]}"""));

        set.For(token).ShouldHaveSingleItem().Id.ShouldBe(id);
        set.Keys.Select(key => token.IsSignedBy(key, SigningAlgorithms.All)).ShouldBe([true, false]);
        kept.Publish(algorithm).Id.ShouldBe(id);
    }

    [Theory]
    [InlineData("""{"alg":"ES256","alg":"none"}""", "{}")]
    [InlineData("""{"alg":"ES256"}""", """{"iss":"a","iss":"b"}""")]
    [InlineData("""{"alg":"ES256","crit":["exp"]}""", "{}")]
    [InlineData("""{"alg":"ES256","b64":false}""", "{}")]
    [InlineData("""{"alg":"ES256","zip":"DEF"}""", "{}")]
    [InlineData("[]", "{}")]
    [InlineData("""{"alg":"ES256"}""", "[]")]
    [InlineData("""{"alg":"ES256"}""", "text")]
    public void What_can_be_read_in_two_ways_is_not_read(string header, string payload) =>
        Jws.Read($"{B64(header)}.{B64(payload)}.AAAA", 4096).ShouldBeNull();

    [Theory]
    [InlineData("")]
    [InlineData("a.b")]
    [InlineData("a.b.c.d.e")]
    [InlineData("eyJhbGciOiJFUzI1NiJ9.e30.")]
    [InlineData("eyJhbGciOiJFUzI1NiJ9.e30=.AAAA")]
    [InlineData("eyJhbGciOiJFUzI1NiJ9.e30 .AAAA")]
    [InlineData("eyJhbGciOiJFUzI1NiJ9.e31.AAAA")]
    [InlineData("eyJhbGciOiJFUzI1NiJ9.e30.AAAB*")]
    public void What_is_not_three_parts_of_base64url_is_not_read(string text) => Jws.Read(text, 4096).ShouldBeNull();

    [Fact]
    public void The_algorithm_none_is_no_signature()
    {
        foreach (var none in (string[])["none", "None", "nOnE", "NONE"])
            Jws.Read($"{B64($$"""{"alg":"{{none}}"}""")}.{B64("{}")}.AAAA", 4096)!.IsSignedBy(Key(Es256Key), SigningAlgorithms.All).ShouldBeFalse();
    }

    [Theory]
    [InlineData("""{"kty":"oct","k":"AAAA"}""", "secret")]
    [InlineData("""{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"AAAA"}""", "private member d")]
    [InlineData("""{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"}""", "not valid")]
    [InlineData("""{"kty":"RSA","n":"AKoYq6Q7UN7vOFmPr4fSq2NORXHBMKm8p7h4JnQU-quLRxvYll9cn8OBhIXq9SnCYkbzBVBkqN4ZyMM4vlSWy66wWdwLNYFDtEo1RJ6yZBExIaRVvX_eP6yRnpS1b7m7T2Uc2yPq1DnWzVI-sIGR51s1_ROnQZswkPJHh71PThln","e":"AQAB"}""", "2048")]
    [InlineData("""{"kty":"OKP","crv":"X25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}""", "Ed25519")]
    [InlineData("""{"kty":"RSA","n":"AAAA"}""", "n and e")]
    public void A_key_that_cannot_be_trusted_says_why(string jwk, string why)
    {
        PublicJwk.Read(JsonElement.Parse(jwk), out var objection).ShouldBeNull();
        objection!.ShouldContain(why);
        JwkSet.Objection(JsonElement.Parse($$"""{"keys":[{{jwk}}]}""")).ShouldBe(objection);
    }

    [Theory]
    [InlineData("""{"keys":[]}""")]
    [InlineData("""{"keys":{}}""")]
    [InlineData("[]")]
    [InlineData($$"""{"keys":[{"kid":"a",{{"\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\""}}},{"kid":"a",{{"\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\""}}}]}""")]
    public void A_key_set_has_keys_that_can_be_told_apart(string set) => JwkSet.Objection(JsonElement.Parse(set)).ShouldNotBeNull();

    private static PublicJwk Key(string jwk) => PublicJwk.Read(JsonElement.Parse(jwk), out _)!;

    private static Jws Sign(PrivateKey key, string header, string payload)
    {
        var signed = $"{B64(header)}.{B64(payload)}";
        return Jws.Read($"{signed}.{Base64Url.EncodeToString(key.Sign(Encoding.ASCII.GetBytes(signed)))}", 4096)!;
    }

    private static string B64(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
