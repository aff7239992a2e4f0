using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.Jose;
using Signet.Infrastructure.OAuth;

namespace Signet.Tests.Infrastructure.OAuth;

/// <summary>Verbs for clients that sign who they are.</summary>
public abstract class AssertionTest(Site site) : FlowTest(site)
{
    internal const string TokenEndpoint = Site.Issuer + "/oauth/token";
    internal static readonly PrivateKey Key = PrivateKey.Generate(SigningAlgorithms.Es256);

    /// <summary>A client of <c>private_key_jwt</c> with this key, or the usual one.</summary>
    internal async Task<Client> AddSigner(PrivateKey? key = null, string algorithm = SigningAlgorithms.Es256, Func<ClientSettings, ClientSettings>? with = null) =>
        (await AddClient(change: client =>
        {
            client.AuthenticationMethods = ["private_key_jwt"];
            client.Secrets.Clear();
            var settings = new ClientSettings { Jwks = KeySet((key ?? Key, algorithm)) };
            client.Settings = with is null ? settings : with(settings);
        })).Client;

    internal static JsonElement KeySet(params (PrivateKey Key, string Algorithm)[] keys) =>
        JsonElement.Parse($$"""{"keys":[{{string.Join(',', keys.Select(each => each.Key.Publish(each.Algorithm).PublicJwk))}}]}""");

    /// <summary>Good claims as JSON; each change is the value as it stands on the wire, and null takes the claim away.</summary>
    internal string Claims(string clientId, params (string Name, string? Value)[] changes)
    {
        var claims = new Dictionary<string, string?>
        {
            ["iss"] = Quoted(clientId),
            ["sub"] = Quoted(clientId),
            ["aud"] = Quoted(Site.Issuer),
            ["exp"] = FromNow(60),
            ["iat"] = FromNow(0),
            ["jti"] = Quoted(Guid.NewGuid().ToString("N")),
        };
        foreach (var (name, value) in changes)
            claims[name] = value;
        return $"{{{string.Join(',', claims.Where(claim => claim.Value is not null).Select(claim => $"{Quoted(claim.Key)}:{claim.Value}"))}}}";
    }

    internal string Assertion(Client client, params (string Name, string? Value)[] changes) => Sign("""{"alg":"ES256"}""", Claims(client.Id, changes), Key);

    internal static string Sign(string header, string payload, PrivateKey key) => Sign(header, payload, data => key.Sign(data));

    internal static string Sign(string header, string payload, Func<byte[], byte[]> sign)
    {
        var text = $"{Encode(header)}.{Encode(payload)}";
        return $"{text}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(text)))}";
    }

    internal static string Sign(string header, string payload, byte[] secret) => Sign(header, payload, data => HMACSHA256.HashData(secret, data));

    internal static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    internal static string Quoted(string text) => JsonSerializer.Serialize(text);

    internal string FromNow(int seconds) => Site.Clock.GetUtcNow().AddSeconds(seconds).ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>A request for a token of the client's own; later fields replace earlier ones.</summary>
    internal Task<HttpResponseMessage> Ask(string assertion, params (string Name, string Value)[] fields) => Ask(Site.Browser(), assertion, fields);

    internal static Task<HttpResponseMessage> Ask(HttpClient http, string assertion, params (string Name, string Value)[] fields)
    {
        (string Name, string Value)[] all = [("grant_type", "client_credentials"), ("client_assertion_type", ClientAssertion.Type), ("client_assertion", assertion), .. fields];
        return Post(http, "/oauth/token", [.. all.GroupBy(field => field.Name).Select(group => group.Last())]);
    }

    /// <summary>Good, or what the answer says.</summary>
    internal static async Task IsGood(HttpResponseMessage response, string what = "") =>
        response.StatusCode.ShouldBe(HttpStatusCode.OK, $"{what}: {await response.Content.ReadAsStringAsync(Ct)}");

    internal static async Task IsRefused(HttpResponseMessage response, string what)
    {
        var body = await response.Content.ReadAsStringAsync(Ct);
        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, $"{what}: {body}");
        JsonDocument.Parse(body).RootElement.GetProperty("error").GetString().ShouldBe("invalid_client", what);
        response.Headers.CacheControl!.NoStore.ShouldBeTrue();
    }
}
