using System.Buffers.Text;
using System.Diagnostics;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.Tokens;

namespace Signet.Tests.Features.IntrospectToken;

/// <summary>Tokens that attackers make (RFC 8725), at introspection.</summary>
public sealed class ForgedTokenTests(PostgresSite site) : SliceTest(site)
{
    private Client client = null!;
    private string secret = null!;
    private string good = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        (client, secret) = await AddClient();
        good = await IssueJwt(client);
        (await Introspect(Site.Browser(), client, secret, good)).ShouldContain("\"active\":true");
    }

    [Theory] // T069
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("NONE")]
    [InlineData("nOnE")]
    public async Task Refuses_no_signature(string alg)
    {
        foreach (var header in new[] { $$"""{"alg":"{{alg}}","typ":"at+jwt"}""", $$"""{"alg":"{{alg}}","typ":"at+jwt","kid":"{{(await Key()).Id}}"}""" })
        {
            await IsRefused($"{B64(header)}.{Payload}.");
            await IsRefused($"{B64(header)}.{Payload}.{good.Split('.')[2]}");
        }

        await IsRefused($"{good.Split('.')[0]}.{Payload}.");
    }

    [Fact] // T070
    public async Task Refuses_the_public_key_as_a_shared_secret()
    {
        var key = await Key();
        using var ec = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = Base64Url.DecodeFromChars(key.PublicKey.Json.GetProperty("x").GetString()), Y = Base64Url.DecodeFromChars(key.PublicKey.Json.GetProperty("y").GetString()) },
        });
        string[] secrets = [ec.ExportSubjectPublicKeyInfoPem(), ec.ExportSubjectPublicKeyInfoPem() + "\n", key.PublicJwk, ""];
        foreach (var shared in secrets)
        {
            var signed = $"{B64($$"""{"alg":"HS256","typ":"at+jwt","kid":"{{key.Id}}"}""")}.{Payload}";
            await IsRefused($"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(shared), Encoding.ASCII.GetBytes(signed)))}");
        }
    }

    [Fact] // T071
    public async Task Refuses_a_key_that_the_token_brings_along()
    {
        using var mine = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var q = mine.ExportParameters(false).Q;
        var jwk = $$"""{"kty":"EC","crv":"P-256","x":"{{Base64Url.EncodeToString(q.X)}}","y":"{{Base64Url.EncodeToString(q.Y)}}"}""";
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var url = $"http://127.0.0.1:{((System.Net.IPEndPoint)listener.LocalEndpoint).Port}/";
        var kid = (await Key()).Id;
        foreach (var extra in new[] { $"\"jwk\":{jwk}", $"\"jku\":\"{url}\"", $"\"x5u\":\"{url}\"", $"\"jku\":\"{url}\",\"kid\":\"{kid}\"", $"\"jwk\":{jwk},\"kid\":\"{kid}\"" })
        {
            var signed = $"{B64($$"""{"alg":"ES256","typ":"at+jwt",{{extra}}}""")}.{Payload}";
            await IsRefused($"{signed}.{Base64Url.EncodeToString(mine.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256))}");
        }

        listener.Pending().ShouldBeFalse();
    }

    [Fact] // T079, T080
    public async Task Refuses_encrypted_bombs_without_opening_them()
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
            $"{B64("""{"alg":"dir","enc":"A128CBC-HS256","zip":"DEF"}""")}..AAAAAAAAAAAAAAAAAAAAAA.{Base64Url.EncodeToString(zipped.ToArray())}.AAAAAAAAAAAAAAAAAAAAAA",
            $"{B64("""{"alg":"PBES2-HS512+A256KW","enc":"A256GCM","p2c":2000000000,"p2s":"AAAAAAAAAAAAAAAAAAAAAA"}""")}.AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA",
        ];
        foreach (var bomb in bombs)
        {
            var (before, start) = (GC.GetTotalAllocatedBytes(), Stopwatch.GetTimestamp());
            await IsRefused(bomb[..Math.Min(bomb.Length, 60_000)]);
            Stopwatch.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(1));
            (GC.GetTotalAllocatedBytes() - before).ShouldBeLessThan(20_000_000);
        }
    }

    [Fact] // T082
    public async Task Refuses_an_id_token()
    {
        var now = Site.Clock.GetUtcNow();
        var idToken = await Site.Services.GetRequiredService<TokenWriter>().IdToken(
            new(client, new TokenUser(Guid.NewGuid(), "somebody", Guid.NewGuid(), Guid.NewGuid(), now, ["pwd"]), now, now.AddMinutes(5)) { AccessToken = good }, Ct);

        await IsRefused(idToken);
    }

    [Fact]
    public async Task Refuses_a_changed_payload_and_a_changed_signature()
    {
        var parts = good.Split('.');

        await IsRefused($"{parts[0]}.{B64(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[1])).Replace("notes.read", "admin", StringComparison.Ordinal))}.{parts[2]}");
        await IsRefused($"{parts[0]}.{parts[1]}.{Base64Url.EncodeToString(new byte[64])}");
    }

    private string Payload => good.Split('.')[1];

    private async Task<KeyMaterial> Key() => await Site.Services.GetRequiredService<KeyRing>().Signer(KeyRing.AccessTokenAlgorithm, Ct);

    private async Task IsRefused(string token) => (await Introspect(Site.Browser(), client, secret, token)).ShouldBe(Inactive);

    private static string B64(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
