using System.Buffers.Text;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Signet.Infrastructure.Data;

namespace Signet.Tests.Attacks;

/// <summary>Bombs as tokens, signed objects in places that take none, and the keys that are published.</summary>
public sealed class SignedObjectsTests(PostgresSite site) : FlowTest(site)
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

    [Fact] // T079, T080
    public async Task Encrypted_and_huge_tokens_are_refused_unopened()
    {
        using var zipped = new MemoryStream();
        using (var deflate = new DeflateStream(zipped, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            var block = Enumerable.Repeat((byte)'u', 1 << 20).ToArray();
            for (var i = 0; i < 64; i++)
                deflate.Write(block);
        }

        string[] bombs =
        [
            $"{B64(new JsonObject { ["alg"] = "dir", ["enc"] = "A128CBC-HS256", ["zip"] = "DEF" })}..AAAAAAAAAAAAAAAAAAAAAA.{Base64Url.EncodeToString(zipped.ToArray())[..20_000]}.AAAAAAAAAAAAAAAAAAAAAA",
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
    [InlineData("request", "invalid_request_object")]
    [InlineData("request_uri", "request_uri_not_supported")]
    public async Task Unsigned_request_objects_are_not_read_and_unregistered_ones_not_fetched(string name, string error)
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        string[] values =
        [
            $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/x", $"{B64(new JsonObject { ["alg"] = "none" })}.{B64(new JsonObject { ["redirect_uri"] = "https://evil.test/" })}.",
            $"{B64(new JsonObject { ["alg"] = "PBES2-HS512+A256KW", ["enc"] = "A256GCM", ["p2c"] = 2_000_000_000, ["p2s"] = "AAAA" })}.AAAA.AAAA.AAAA.AAAA",
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
            (key.GetProperty("kty").GetString(), key.GetProperty("alg").GetString()).ShouldBeOneOf(("RSA", "RS256"), ("RSA", "PS256"), ("EC", "ES256"), ("OKP", "EdDSA"));
            if (key.TryGetProperty("n", out var modulus))
                Base64Url.DecodeFromChars(modulus.GetString()).Length.ShouldBeGreaterThanOrEqualTo(256);
            else
                key.GetProperty("crv").GetString().ShouldBe(key.GetProperty("kty").GetString() == "EC" ? "P-256" : "Ed25519");
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

    private string Part(int index) => good.Split('.')[index];

    private static string B64(JsonNode json) => B64(json.ToJsonString());

    private static string B64(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
