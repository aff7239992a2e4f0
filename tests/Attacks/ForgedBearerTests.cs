using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.Tokens;

namespace Signet.Tests.Attacks;

/// <summary>Tokens that attackers make or carry over, at every place that takes one: UserInfo, the management API, hints, assertions, request objects.</summary>
public sealed class ForgedBearerTests(PostgresSite site) : FlowTest(site)
{
    private User user = null!;
    private Client client = null!;
    private string secret = null!;
    private string good = null!;
    private string idToken = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        user = await AddUser(isAdmin: true);
        (client, secret) = await AddClient(scopes: ["openid", "email", "apps.read", "apps.write", "admin"]);
        var tokens = await Tokens(user, client, secret);
        (good, idToken) = (Text(tokens, "access_token"), Text(tokens, "id_token"));
        (await Statuses(good)).ShouldBe([HttpStatusCode.OK, HttpStatusCode.OK]);
    }

    [Theory] // T069
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("NONE")]
    [InlineData("nOnE")]
    [InlineData("")]
    public async Task No_signature_is_no_token(string alg)
    {
        foreach (var header in new[] { new JsonObject { ["alg"] = alg, ["typ"] = "at+jwt" }, new JsonObject { ["alg"] = alg, ["typ"] = "at+jwt", ["kid"] = (await Key()).Id } })
        {
            await IsRefused($"{B64(header)}.{Part(1)}.");
            await IsRefused($"{B64(header)}.{Part(1)}");
            await IsRefused($"{B64(header)}.{Part(1)}.{Part(2)}");
        }

        await IsRefused($"{Part(0)}.{Part(1)}.");
    }

    [Fact] // T070
    public async Task Our_public_key_is_no_shared_secret()
    {
        var key = await Key();
        using var ec = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = Base64Url.DecodeFromChars(key.PublicKey.X), Y = Base64Url.DecodeFromChars(key.PublicKey.Y) } });
        byte[][] secrets = [Encoding.ASCII.GetBytes(ec.ExportSubjectPublicKeyInfoPem()), Encoding.ASCII.GetBytes(ec.ExportSubjectPublicKeyInfoPem() + "\n"), ec.ExportSubjectPublicKeyInfo(), Encoding.ASCII.GetBytes(key.PublicJwk), []];
        foreach (var shared in secrets)
        {
            var signed = $"{B64(new JsonObject { ["alg"] = "HS256", ["typ"] = "at+jwt", ["kid"] = key.Id })}.{Part(1)}";
            await IsRefused($"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(shared, Encoding.ASCII.GetBytes(signed)))}");
        }
    }

    [Theory] // T070
    [InlineData("RS256")]
    [InlineData("ES384")]
    [InlineData("PS256")]
    public async Task A_key_signs_with_its_own_algorithm_alone(string alg)
    {
        var (ours, theirs) = (await Key(), await Key(KeyRing.IdTokenAlgorithm));
        foreach (var kid in new[] { ours.Id, theirs.Id })
            await IsRefused($"{B64(new JsonObject { ["alg"] = alg, ["typ"] = "at+jwt", ["kid"] = kid })}.{Part(1)}.{Part(2)}");
    }

    [Fact] // T071
    public async Task A_key_that_a_token_brings_along_or_points_to_is_neither_used_nor_fetched()
    {
        using var mine = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var q = mine.ExportParameters(false).Q;
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/";
        var certificate = Convert.ToBase64String(new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=id.test", mine, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200)).RawData);
        foreach (var kid in new[] { null, (await Key()).Id, "", "../../../../dev/null", "' UNION SELECT 'x", "|/bin/true", new string('k', 3000) })
        {
            foreach (var (name, value) in new (string, JsonNode)[]
            {
                ("jwk", new JsonObject { ["kty"] = "EC", ["crv"] = "P-256", ["x"] = Base64Url.EncodeToString(q.X), ["y"] = Base64Url.EncodeToString(q.Y) }),
                ("jku", url), ("x5u", url), ("x5c", new JsonArray(certificate)),
            })
            {
                var signed = $"{B64(new JsonObject { ["alg"] = "ES256", ["typ"] = "at+jwt", ["kid"] = kid, [name] = value })}.{Part(1)}";
                await IsRefused($"{signed}.{Base64Url.EncodeToString(mine.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256))}");
            }
        }

        listener.Pending().ShouldBeFalse();
    }

    [Theory] // T078, T082: the signature is right, the rest is not
    [InlineData("typ", "JWT")]
    [InlineData("typ", "logout+jwt")]
    [InlineData("typ", null)]
    [InlineData("crit", "[\"b64\"]")]
    public async Task A_header_of_another_kind_of_token_is_refused(string name, string? value)
    {
        var header = Object(0);
        header[name] = value?.StartsWith('[') == true ? JsonNode.Parse(value) : value;
        await IsRefused(await Signed(header, Object(1)));
    }

    [Theory] // T078, T082
    [InlineData("iss", "\"https://evil.test\"")]
    [InlineData("iss", "[\"https://id.test\"]")]
    [InlineData("aud", "\"https://api.test/notes\"")]
    [InlineData("aud", "\"https://id.test.evil.test\"")]
    [InlineData("exp", null)]
    [InlineData("exp", "1")]
    [InlineData("exp", "-1")]
    [InlineData("exp", "null")]
    [InlineData("exp", "\"never\"")]
    [InlineData("client_id", null)]
    [InlineData("client_id", "\"somebody\"")]
    [InlineData("epoch", null)]
    [InlineData("epoch", "0")]
    [InlineData("epoch", "\"1\"")]
    [InlineData("epoch", "1e400")]
    [InlineData("grant_id", "\"00000000-0000-0000-0000-000000000000\"")]
    [InlineData("sid", "\"00000000-0000-0000-0000-000000000000\"")]
    public async Task A_claim_that_is_missing_wrong_or_of_the_wrong_type_is_refused(string name, string? json)
    {
        var payload = Object(1);
        payload.Remove(name);
        var text = payload.ToJsonString();
        await IsRefused(await Signed(Object(0), json is null ? text : $"{{\"{name}\":{json},{text[1..]}"));
    }

    [Fact] // T079, T080
    public async Task Encrypted_and_huge_tokens_are_refused_unopened()
    {
        string[] bombs =
        [
            $"{B64(new JsonObject { ["alg"] = "PBES2-HS512+A256KW", ["enc"] = "A256GCM", ["p2c"] = 2_000_000_000, ["p2s"] = "AAAAAAAAAAAAAAAAAAAAAA" })}.AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA",
            $"{B64(new JsonObject { ["alg"] = "dir", ["enc"] = "A128CBC-HS256", ["zip"] = "DEF" })}..AAAAAAAAAAAAAAAAAAAAAA.{new string('A', 7000)}.AAAAAAAAAAAAAAAAAAAAAA",
            $"{Part(0)}.{new string('A', 30_000)}.{Part(2)}",
            string.Join('.', Enumerable.Repeat("A", 4000)),
            $"{B64("[" + new string('[', 4000))}.{Part(1)}.{Part(2)}",
        ];
        foreach (var bomb in bombs)
        {
            var before = GC.GetTotalAllocatedBytes();
            await IsRefused(bomb);
            (GC.GetTotalAllocatedBytes() - before).ShouldBeLessThan(20_000_000);
        }
    }

    [Fact] // T082
    public async Task An_id_token_a_code_and_a_refresh_token_are_no_access_tokens()
    {
        var (other, otherSecret) = await AddClient();
        var code = await Code(await AddUser(), other);
        var refresh = Text(await Json(await Redeem(other, otherSecret, code)), "refresh_token");

        foreach (var token in new[] { idToken, code, refresh, otherSecret, $"{refresh}.x.y" })
            await IsRefused(token);
    }

    [Fact] // T069, T082
    public async Task A_hint_signs_nobody_in_whatever_it_says()
    {
        var (other, browser) = (await AddUser(), Site.Browser());
        var theirs = await SignedIn(other);
        await Site.InDatabase(db => db.Clients.Where(known => known.Id == client.Id).ExecuteUpdateAsync(set => set.SetProperty(known => known.SkipsConsent, true), Ct));
        Site.Services.GetRequiredService<Signet.Infrastructure.OAuth.ClientDirectory>().Forget();
        var none = $"{B64(new JsonObject { ["alg"] = "none", ["typ"] = "JWT" })}.{idToken.Split('.')[1]}.";

        foreach (var hint in new[] { idToken, none, good, "x" })
        {
            Answer(await browser.GetAsync(AuthorizeUrl(client, ("scope", "openid"), ("prompt", "none"), ("id_token_hint", hint)), Ct))["error"].ShouldBe("login_required");
            var asOther = Answer(await theirs.GetAsync(AuthorizeUrl(client, ("scope", "openid"), ("prompt", "none"), ("id_token_hint", hint)), Ct));
            if (asOther.TryGetValue("code", out var code)) // a hint that is none is ignored, and the code is the signed-in person's
                Jwt(Text(await Json(await Redeem(client, secret, code)), "id_token")).Subject.ShouldBe(other.Id.ToString());
            else
                asOther["error"].ShouldBe("login_required");
        }
    }

    [Theory] // T069, T077
    [InlineData("none")]
    [InlineData("ES256")]
    public async Task An_assertion_is_no_client_authentication_here(string alg)
    {
        var assertion = $"{B64(new JsonObject { ["alg"] = alg })}.{B64(new JsonObject { ["iss"] = client.Id, ["sub"] = client.Id, ["aud"] = Site.Issuer, ["exp"] = 9999999999 })}.{(alg == "none" ? "" : Part(2))}";

        foreach (var token in new[] { assertion, good, idToken })
        {
            await ShouldBeRefused(await Post(Site.Browser(), "/oauth/token", ("grant_type", "client_credentials"), ("client_id", client.Id),
                ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"), ("client_assertion", token)), "invalid_client", 401);
        }
    }

    [Theory] // T035, T069, T131
    [InlineData("request", "request_not_supported")]
    [InlineData("request_uri", "request_uri_not_supported")]
    public async Task Request_objects_are_neither_read_nor_fetched(string name, string error)
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        string[] values =
        [
            $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/x", $"{B64(new JsonObject { ["alg"] = "none" })}.{B64(new JsonObject { ["redirect_uri"] = "https://evil.test/" })}.",
            $"{B64(new JsonObject { ["alg"] = "PBES2-HS512+A256KW", ["enc"] = "A256GCM", ["p2c"] = 2_000_000_000, ["p2s"] = "AAAA" })}.AAAA.AAAA.AAAA.AAAA", "",
        ];
        foreach (var value in values)
            Answer(await (await SignedIn(user)).GetAsync(AuthorizeUrl(client, (name, value), ("client_session_host", "169.254.169.254")), Ct))["error"].ShouldBe(error);

        listener.Pending().ShouldBeFalse();
    }

    [Fact] // T074
    public async Task The_key_set_has_strong_public_keys_for_signatures_and_nothing_else()
    {
        var keys = (await Json(await Site.Browser().GetAsync("/.well-known/jwks.json", Ct))).GetProperty("keys").EnumerateArray().ToArray();

        keys.Length.ShouldBeGreaterThanOrEqualTo(2);
        foreach (var key in keys)
        {
            key.GetProperty("use").GetString().ShouldBe("sig");
            (key.GetProperty("kty").GetString(), key.GetProperty("alg").GetString()).ShouldBeOneOf(("RSA", "RS256"), ("EC", "ES256"));
            if (key.TryGetProperty("n", out var modulus))
                Base64Url.DecodeFromChars(modulus.GetString()).Length.ShouldBeGreaterThanOrEqualTo(256);
            else
                key.GetProperty("crv").GetString().ShouldBe("P-256");
        }
    }

    private async Task IsRefused(string token) => (await Statuses(token)).ShouldBe([HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized], token);

    /// <summary>What UserInfo and the management API say to the token.</summary>
    private async Task<HttpStatusCode[]> Statuses(string token)
    {
        var statuses = new List<HttpStatusCode>();
        foreach (var url in new[] { "/oauth/userinfo", "/api/v1/apps" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
            var answer = await Site.Browser().SendAsync(request, Ct);
            answer.Headers.CacheControl?.NoStore.ShouldBe(true);
            if (answer.StatusCode == HttpStatusCode.Unauthorized)
                answer.Headers.WwwAuthenticate.ToString().ShouldContain("invalid_token");
            statuses.Add(answer.StatusCode);
        }

        return [.. statuses];
    }

    private async Task<KeyMaterial> Key(string? algorithm = null) => await Site.Services.GetRequiredService<KeyRing>().Signer(algorithm ?? KeyRing.AccessTokenAlgorithm, Ct);

    private async Task<string> Signed(JsonNode header, object payload)
    {
        var text = $"{B64(header)}.{B64(payload is JsonNode node ? node.ToJsonString() : (string)payload)}";
        return $"{text}.{Base64Url.EncodeToString((await Key()).Sign(Encoding.ASCII.GetBytes(text)))}";
    }

    private string Part(int index) => good.Split('.')[index];

    private JsonObject Object(int index) => JsonNode.Parse(Base64Url.DecodeFromChars(Part(index)))!.AsObject();

    private static string B64(JsonNode json) => B64(json.ToJsonString());

    private static string B64(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
