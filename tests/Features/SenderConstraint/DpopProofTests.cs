using System.Net;
using System.Text.Json.Nodes;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.Jose;

namespace Signet.Tests.Features.SenderConstraint;

/// <summary>Which proofs are good, RFC 9449 §4.3: the same at the token endpoint and at resources.</summary>
public sealed class DpopProofTests(PostgresSite site) : DpopTest(site)
{
    private static readonly ProofKey Other = new();
    private Client client = null!;
    private string secret = null!;
    private string token = null!;

    private static readonly Dictionary<string, Action<JsonObject, JsonObject>> BadProofs = new()
    {
        ["no typ"] = (header, _) => header.Remove("typ"),
        ["another typ"] = (header, _) => header["typ"] = "at+jwt",
        ["typ jwt"] = (header, _) => header["typ"] = "JWT",
        ["no alg"] = (header, _) => header.Remove("alg"),
        ["alg none"] = (header, _) => header["alg"] = "none",
        ["alg HS256"] = (header, _) => header["alg"] = "HS256",
        ["alg of another kind of key"] = (header, _) => header["alg"] = "PS256",
        ["no jwk"] = (header, _) => header.Remove("jwk"),
        ["jwk is text"] = (header, _) => header["jwk"] = "key",
        ["jwk is null"] = (header, _) => header["jwk"] = null,
        ["jwk has a private member"] = (header, _) => header["jwk"]!["d"] = "AAAA",
        ["jwk is a secret"] = (header, _) => header["jwk"] = new JsonObject { ["kty"] = "oct", ["k"] = "AAAA" },
        ["jwk of somebody else"] = (header, _) => header["jwk"] = Other.Jwk,
        ["jwk is for encryption"] = (header, _) => header["jwk"]!["use"] = "enc",
        ["crit"] = (header, _) => header["crit"] = new JsonArray("x"),
        ["no jti"] = (_, claims) => claims.Remove("jti"),
        ["an empty jti"] = (_, claims) => claims["jti"] = "",
        ["a number as jti"] = (_, claims) => claims["jti"] = 7,
        ["a jti too long"] = (_, claims) => claims["jti"] = new string('j', 257),
        ["no htm"] = (_, claims) => claims.Remove("htm"),
        ["another htm"] = (_, claims) => claims["htm"] = "PUT",
        ["htm in small letters"] = (_, claims) => claims["htm"] = claims["htm"]!.GetValue<string>().ToLowerInvariant(),
        ["no htu"] = (_, claims) => claims.Remove("htu"),
        ["htu of another path"] = (_, claims) => claims["htu"] = Tests.Site.Issuer + "/oauth/introspect",
        ["htu of a longer path"] = (_, claims) => claims["htu"] += "/",
        ["htu of another host"] = (_, claims) => claims["htu"] = claims["htu"]!.GetValue<string>().Replace("id.test", "evil.test", StringComparison.Ordinal),
        ["htu of another port"] = (_, claims) => claims["htu"] = claims["htu"]!.GetValue<string>().Replace("id.test", "id.test:8443", StringComparison.Ordinal),
        ["htu without TLS"] = (_, claims) => claims["htu"] = claims["htu"]!.GetValue<string>().Replace("https:", "http:", StringComparison.Ordinal),
        ["htu with a user"] = (_, claims) => claims["htu"] = claims["htu"]!.GetValue<string>().Replace("id.test", "evil.test@id.test", StringComparison.Ordinal),
        ["htu with backslashes"] = (_, claims) => claims["htu"] = claims["htu"]!.GetValue<string>().Replace('/', '\\'),
        ["htu is a path"] = (_, claims) => claims["htu"] = new Uri(claims["htu"]!.GetValue<string>()).AbsolutePath,
        ["no iat"] = (_, claims) => claims.Remove("iat"),
        ["iat is text"] = (_, claims) => claims["iat"] = claims["iat"]!.ToString(),
        ["iat beyond all time"] = (_, claims) => claims["iat"] = 1e300,
        ["iat an hour ago"] = (_, claims) => claims["iat"] = Later(claims, -3600),
        ["iat in an hour"] = (_, claims) => claims["iat"] = Later(claims, 3600),
        ["iat 70 seconds ago"] = (_, claims) => claims["iat"] = Later(claims, -70),
        ["iat in 70 seconds"] = (_, claims) => claims["iat"] = Later(claims, 70),
        ["exp has passed"] = (_, claims) => claims["exp"] = Later(claims, -70),
        ["exp is text"] = (_, claims) => claims["exp"] = "later",
        ["nbf has not come"] = (_, claims) => claims["nbf"] = Later(claims, 70),
        ["nbf is text"] = (_, claims) => claims["nbf"] = "now",
    };

    private static readonly Dictionary<string, Action<JsonObject, JsonObject>> GoodProofs = new()
    {
        ["as it should be"] = (_, _) => { },
        ["typ in full and in capitals"] = (header, _) => header["typ"] = "application/DPoP+JWT",
        ["extra header members"] = (header, _) => (header["kid"], header["x"]) = ("k1", new JsonObject { ["y"] = 1 }),
        ["extra members of the key"] = (header, _) => (header["jwk"]!["kid"], header["jwk"]!["use"], header["jwk"]!["alg"]) = ("k1", "sig", "ES256"),
        ["extra claims"] = (_, claims) => (claims["iss"], claims["x"], claims["nonce"]) = ("me", new JsonArray(1), "of another server"),
        ["htu with a query"] = (_, claims) => claims["htu"] += "?a=b",
        ["htu with a fragment"] = (_, claims) => claims["htu"] += "#f",
        ["htu with scheme and host in capitals"] = (_, claims) => claims["htu"] = claims["htu"]!.GetValue<string>().Replace("https://id.test", "HTTPS://ID.Test", StringComparison.Ordinal),
        ["htu with the default port"] = (_, claims) => claims["htu"] = claims["htu"]!.GetValue<string>().Replace("id.test", "id.test:443", StringComparison.Ordinal),
        ["htu with needless escapes and dots"] = (_, claims) => claims["htu"] = claims["htu"]!.GetValue<string>().Replace("/oauth/", "/x/../%6Fauth/", StringComparison.Ordinal),
        ["iat ten seconds ago"] = (_, claims) => claims["iat"] = Later(claims, -10),
        ["iat in ten seconds"] = (_, claims) => claims["iat"] = Later(claims, 10),
        ["iat with a fraction"] = (_, claims) => claims["iat"] = Later(claims, 0) + 0.5,
        ["nbf and exp around now"] = (_, claims) => (claims["nbf"], claims["exp"]) = (Later(claims, 8), Later(claims, 30)),
        ["a long jti"] = (_, claims) => claims["jti"] = claims["jti"]!.GetValue<string>().PadRight(256, 'j'),
    };

    public static TheoryData<string> Bad => [.. BadProofs.Keys];

    public static TheoryData<string> Good => [.. GoodProofs.Keys];

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        (client, secret) = await AddClient();
        token = Text(await BoundTokens(await AddUser(), client, secret), "access_token");
    }

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task A_bad_proof_is_refused_at_the_token_endpoint_and_at_a_resource(string what)
    {
        await ShouldBeRefused(await Grant(TokenProof(change: BadProofs[what])), "invalid_dpop_proof");
        await ShouldBeChallenged(await Ask(token, UserInfoProof(token, change: BadProofs[what])), "invalid_dpop_proof");

        (await Ask(token, UserInfoProof(token))).StatusCode.ShouldBe(HttpStatusCode.OK, "a good proof afterwards");
    }

    [Theory]
    [MemberData(nameof(Good))]
    public async Task A_good_proof_is_accepted_at_the_token_endpoint_and_at_a_resource(string what)
    {
        var granted = await Grant(TokenProof(change: GoodProofs[what]));
        var answered = await Ask(token, UserInfoProof(token, change: GoodProofs[what]));

        granted.StatusCode.ShouldBe(HttpStatusCode.OK, await granted.Content.ReadAsStringAsync(Ct));
        answered.StatusCode.ShouldBe(HttpStatusCode.OK, await answered.Content.ReadAsStringAsync(Ct));
    }

    [Theory]
    [InlineData("proof")]
    [InlineData("a.b.c")]
    [InlineData("e30.e30.")]
    [InlineData("W10.e30.AAAA")]
    public async Task What_is_no_signed_object_is_no_proof(string text)
    {
        await ShouldBeRefused(await Grant(text), "invalid_dpop_proof");
        await ShouldBeChallenged(await Ask(token, text), "invalid_dpop_proof");
    }

    [Fact]
    public async Task A_proof_that_is_too_long_or_one_of_two_or_without_its_signature_is_refused()
    {
        var proof = UserInfoProof(token);

        await ShouldBeChallenged(await Ask(token, proof, UserInfoProof(token)), "invalid_dpop_proof");
        await ShouldBeChallenged(await Ask(token, $"{proof}, {UserInfoProof(token)}"), "invalid_dpop_proof");
        await ShouldBeChallenged(await Ask(token, UserInfoProof(token, change: (_, claims) => claims["x"] = new string('x', 9000))), "invalid_dpop_proof");
        await ShouldBeChallenged(await Ask(token, proof[..(proof.LastIndexOf('.') + 1)]), "invalid_dpop_proof");
        await ShouldBeChallenged(await Ask(token, proof[..^4] + (proof.EndsWith("AAAA", StringComparison.Ordinal) ? "BBBA" : "AAAA")), "invalid_dpop_proof");
        (await Ask(token, proof)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(SigningAlgorithms.Es256)]
    [InlineData(SigningAlgorithms.Ps256)]
    [InlineData(SigningAlgorithms.EdDsa)]
    public async Task Each_algorithm_of_the_metadata_is_accepted(string algorithm)
    {
        var key = new ProofKey(algorithm);

        var granted = await Json(await Grant(TokenProof(key)));

        Text(granted, "token_type").ShouldBe("DPoP");
        Jwt(Text(granted, "access_token")).GetPayloadValue<System.Text.Json.JsonElement>("cnf").GetProperty("jkt").GetString().ShouldBe(key.Thumbprint);
    }

    [Fact]
    public async Task Rs256_is_refused() =>
        await ShouldBeRefused(await Grant(TokenProof(new ProofKey(SigningAlgorithms.Rs256))), "invalid_dpop_proof");

    [Fact]
    public async Task The_host_that_a_request_names_proves_nothing()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/oauth/userinfo") { Headers = { Authorization = new("DPoP", token), Host = "evil.test" } };
        request.Headers.Add("X-Forwarded-Host", "evil.test");
        request.Headers.Add("DPoP", Key.Proof("GET", "https://evil.test/oauth/userinfo", Site.Clock.GetUtcNow(), token));

        await ShouldBeChallenged(await Site.Browser().SendAsync(request, Ct), "invalid_dpop_proof");
    }

    private Task<HttpResponseMessage> Grant(string proof) => TokenWith(proof, client, secret, ("grant_type", "client_credentials"));

    private static long Later(JsonObject claims, int seconds) => claims["iat"]!.GetValue<long>() + seconds;
}
