using System.Buffers.Text;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Mvc.Testing;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.Jose;

namespace Signet.Tests.Infrastructure.OAuth;

/// <summary>Assertions that the client did not sign (T069–T071, T079, T080, and the usual attacks on a JWT).</summary>
public sealed class ForgedAssertionTests(PostgresSite site) : AssertionTest(site)
{
    [Fact]
    public async Task Prove_nothing()
    {
        await using var listener = await OutsideServer.Start();
        await using var node = Site.WithWebHostBuilder(builder =>
        {
            builder.Reach(listener);
        });
        var http = node.CreateClient(new WebApplicationFactoryClientOptions { BaseAddress = new Uri(Site.Issuer), AllowAutoRedirect = false });
        var forger = PrivateKey.Generate(SigningAlgorithms.Es256);
        listener.AnswerJson("/jwks", KeySet((forger, SigningAlgorithms.Es256)).GetRawText());
        var count = 0;

        foreach (var (what, _) in Forged(await AddSigner(), forger, listener.Url("/jwks")))
        {
            var client = await AddSigner(); // of its own: what is refused often is slowed down
            var token = Forged(client, forger, listener.Url("/jwks")).First(forged => forged.What == what).Token;
            await IsRefused(await Ask(http, token, ("client_id", client.Id)), what);
            count++;
        }

        count.ShouldBeGreaterThan(60);
        listener.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Are_refused_unopened_when_they_are_bombs()
    {
        var client = await AddSigner();
        var rounds = $"{Encode("""{"alg":"PBES2-HS512+A256KW","enc":"A256GCM","p2c":2000000000,"p2s":"AAAAAAAAAAAAAAAAAAAAAA"}""")}.AAAA.AAAA.AAAA.AAAA";
        var zipped = $"{Encode("""{"alg":"dir","enc":"A256GCM","zip":"DEF"}""")}..AAAA.{new string('A', 60_000)}.AAAA";
        var clock = Stopwatch.StartNew();

        await IsRefused(await Ask(rounds, ("client_id", client.Id)), "two thousand million rounds");
        await IsRefused(await Ask(zipped, ("client_id", client.Id)), "a zipped JWE");
        await IsRefused(await Ask(Sign("""{"alg":"ES256"}""", Claims(client.Id, ("x", Quoted(new string('x', 20_000)))), Key), ("client_id", client.Id)), "a long one");

        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(30));
    }

    [Fact] // T082
    public async Task Are_not_made_from_tokens_of_ours()
    {
        var (client, secret) = await AddClient();
        var user = await AddUser();
        var tokens = await Tokens(user, client, secret);
        var signer = await AddSigner();
        foreach (var token in (string[])[Text(tokens, "access_token"), Text(tokens, "id_token"), await IssueJwt(signer)])
        {
            await IsRefused(await Ask(token, ("client_id", signer.Id)), token);
            await IsRefused(await Ask(token), token);
        }
    }

    private IEnumerable<(string What, string Token)> Forged(Client client, PrivateKey forger, string listener)
    {
        var claims = Claims(client.Id);
        var good = Sign("""{"alg":"ES256"}""", claims, Key);
        var parts = good.Split('.');
        var jwk = KeySet((Key, SigningAlgorithms.Es256)).GetProperty("keys")[0];
        var kid = jwk.GetProperty("kid").GetString()!;

        foreach (var (what, token) in new[] { ("no signature", $"{parts[0]}.{parts[1]}"), ("an empty signature", $"{parts[0]}.{parts[1]}."), ("half a signature", good[..^40]), ("zeros", $"{parts[0]}.{parts[1]}.{Base64Url.EncodeToString(new byte[64])}"), ("text", "assertion"), ("dots", ".."), ("a part more", good + ".AAAA") })
            yield return (what, token);
        foreach (var alg in new[] { "\"none\"", "\"None\"", "\"NONE\"", "\"nOnE\"", "\"\"", "null", "7", "[\"ES256\"]", "\"es256\"", "\"ES384\"", "\"ES256K\"", "\"RS1\"" })
        {
            yield return ($"alg {alg}", $"{Encode($$"""{"alg":{{alg}}}""")}.{parts[1]}.");
            yield return ($"alg {alg} signed", Sign($$"""{"alg":{{alg}}}""", claims, Key));
        }

        // The public key, in every spelling, as the secret of an HMAC.
        using var ec = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new() { X = Base64Url.DecodeFromChars(jwk.GetProperty("x").GetString()), Y = Base64Url.DecodeFromChars(jwk.GetProperty("y").GetString()) } });
        var pem = ec.ExportSubjectPublicKeyInfoPem();
        byte[][] secrets = [.. new[] { pem, pem + "\n", jwk.GetRawText(), kid, "", "secret", client.Id }.Select(Encoding.UTF8.GetBytes), ec.ExportSubjectPublicKeyInfo()];
        for (var i = 0; i < secrets.Length; i++)
            yield return ($"HS256 with public secret {i}", Sign($$"""{"alg":"HS256","kid":"{{kid}}"}""", claims, secrets[i]));

        // Another key, that the header brings along or points at.
        var mine = KeySet((forger, SigningAlgorithms.Es256)).GetProperty("keys")[0];
        foreach (var name in new[] { "", $",\"kid\":\"{kid}\"", $",\"kid\":{Quoted(mine.GetProperty("kid").GetString()!)}", ",\"kid\":\"\"", ",\"kid\":\"../../../dev/null\"", ",\"kid\":\"' UNION SELECT 'key\"", ",\"kid\":\"|sleep 20\"", $",\"kid\":\"{new string('k', 2000)}\"", ",\"kid\":7" })
        {
            foreach (var extra in new[] { "", $",\"jwk\":{mine.GetRawText()}", $",\"jku\":\"{listener}\"", $",\"x5u\":\"{listener}\"" })
                yield return ($"another key{name[..Math.Min(name.Length, 40)]}{extra[..Math.Min(extra.Length, 8)]}", Sign($$"""{"alg":"ES256"{{name}}{{extra}}}""", claims, forger));
        }

        foreach (var extra in new[] { "\"crit\":[\"exp\"]", "\"crit\":[]", "\"b64\":false,\"crit\":[\"b64\"]", "\"zip\":\"DEF\"", "\"alg\":\"none\"" })
            yield return (extra, Sign($$"""{"alg":"ES256",{{extra}}}""", claims, Key));
        yield return ("the right key under another name", Sign("""{"alg":"ES256","kid":"another"}""", claims, Key));
    }
}
