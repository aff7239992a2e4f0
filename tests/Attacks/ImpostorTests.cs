using System.Net;
using System.Text;
using System.Text.Json;
using Signet.Infrastructure;

namespace Signet.Tests.Attacks;

/// <summary>Whoever is not the app gets nothing at any endpoint that asks who it is (RFC 6749 §2.3; the client authentication plan of PrOfESSOS).</summary>
public sealed class ImpostorTests(PostgresSite site) : FlowTest(site)
{
    private const string NoAlg = "eyJhbGciOiJub25lIn0";

    public static TheoryData<string> Endpoints => ["/oauth/token", "/oauth/introspect", "/oauth/revoke"];

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task Get_nothing(string endpoint)
    {
        await AddApi();
        var (client, secret) = await AddClient(scopes: ["openid", "notes.read"]);
        var (other, otherSecret) = await AddClient(scopes: ["notes.read"]);
        var (basicOnly, basicSecret) = await AddClient(scopes: ["notes.read"], change: client => client.AuthenticationMethods = ["client_secret_basic"]);
        var (postOnly, postSecret) = await AddClient(scopes: ["notes.read"], change: client => client.AuthenticationMethods = ["client_secret_post"]);
        var (disabled, disabledSecret) = await AddClient(change: client => client.DisabledAt = client.CreatedAt);
        var token = await IssueJwt(client);
        var claims = JsonSerializer.Serialize(new { iss = client.Id, sub = client.Id, aud = Site.Issuer + "/oauth/token", jti = "1", exp = 9999999999 });
        var assertion = $"{NoAlg}.{Convert.ToBase64String(Encoding.UTF8.GetBytes(claims)).TrimEnd('=')}.";

        (string What, string? Basic, (string, string)[] Fields)[] impostors =
        [
            ("a random secret", $"{client.Id}:{Guid.NewGuid():N}", []),
            ("an empty secret", $"{client.Id}:", []),
            ("a blank secret", $"{client.Id}: ", []),
            ("no colon", client.Id, []),
            ("an empty id", $":{secret}", []),
            ("nothing at all", ":", []),
            ("another's secret", $"{client.Id}:{otherSecret}", []),
            ("another's id", $"{other.Id}:{secret}", []),
            ("the secret in other letters", $"{client.Id}:{secret.ToUpperInvariant()}", []),
            ("the id in other letters", $"{client.Id.ToUpperInvariant()}:{secret}", []),
            ("the secret and more", $"{client.Id}:{secret}x", []),
            ("the secret and a nul", $"{client.Id}:{secret}\0", []),
            ("less than the secret", $"{client.Id}:{secret[..^1]}", []),
            ("the hash of the secret", $"{client.Id}:{Convert.ToHexString(new Secret(secret).Hash())}", []),
            ("the id as secret", $"{client.Id}:{client.Id}", []),
            ("a wildcard", $"{client.Id}:%", []),
            ("an expression", $"{client.Id}:' OR '1'='1", []),
            ("a disabled app", $"{disabled.Id}:{disabledSecret}", []),
            ("two identities", $"{client.Id}:{secret}", [("client_id", other.Id)]),
            ("two secrets", $"{client.Id}:{secret}", [("client_secret", secret)]),
            ("the secret in the body of one that uses the header", null, [("client_id", basicOnly.Id), ("client_secret", basicSecret)]),
            ("the secret in the header of one that uses the body", $"{postOnly.Id}:{postSecret}", []),
            ("a random secret in the body", null, [("client_id", client.Id), ("client_secret", "x")]),
            ("an empty secret in the body", null, [("client_id", client.Id), ("client_secret", "")]),
            ("no secret", null, [("client_id", client.Id)]),
            ("no id", null, [("client_secret", secret)]),
            ("no one", null, []),
            ("an id twice", null, [("client_id", client.Id), ("client_id", client.Id), ("client_secret", secret)]),
            ("a list of secrets", null, [("client_id", client.Id), ("client_secret[]", secret)]),
            ("an assertion that nobody signed", null, [("client_id", client.Id), ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"), ("client_assertion", assertion)]),
            ("an assertion with a bad signature", null, [("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"), ("client_assertion", assertion + "AAAA")]),
            ("its own access token for an assertion", null, [("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"), ("client_assertion", token)]),
            ("an assertion beside a wrong secret", $"{client.Id}:x", [("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"), ("client_assertion", assertion)]),
        ];
        foreach (var (what, basic, fields) in impostors)
        {
            using var request = Request(endpoint, token, fields);
            if (basic is not null)
                request.Headers.TryAddWithoutValidation("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(basic)));
            await IsTurnedAway(await Site.Browser().SendAsync(request, Ct), what);
        }

        foreach (var header in new[] { "Basic", "Basic ", "Basic !!!", $"Basic {client.Id}:{secret}", $"Bearer {secret}", $"Digest username=\"{client.Id}\"", "Negotiate AAAA", $"Bearer {token}" })
        {
            using var request = Request(endpoint, token, []);
            request.Headers.TryAddWithoutValidation("Authorization", header).ShouldBeTrue();
            await IsTurnedAway(await Site.Browser().SendAsync(request, Ct), header);
        }

        // An address is written down on the way; a secret in it is one that others know.
        using var inAddress = Request($"{endpoint}?client_id={client.Id}&client_secret={secret}", token, []);
        await IsTurnedAway(await Site.Browser().SendAsync(inAddress, Ct), "credentials in the address");
        (await Introspect(Site.Browser(), client, secret, token)).ShouldContain("\"active\":true");
    }

    [Theory] // the parameters of a request belong in its body
    [InlineData("/oauth/token", "grant_type=client_credentials")]
    [InlineData("/oauth/introspect", "token=TOKEN")]
    [InlineData("/oauth/revoke", "token=TOKEN")]
    public async Task Nothing_is_read_from_the_address(string endpoint, string query)
    {
        var (client, secret) = await AddClient();
        var token = await IssueJwt(client);
        var url = $"{endpoint}?{query.Replace("TOKEN", token, StringComparison.Ordinal)}";

        await ShouldBeRefused(await PostAs(Site.Browser(), client.Id, secret, url), "invalid_request");
        (await Site.Browser().GetAsync($"{url}&client_id={client.Id}&client_secret={secret}", Ct)).StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        (await Introspect(Site.Browser(), client, secret, token)).ShouldContain("\"active\":true");
    }

    [Fact] // RFC 6749 §4.3 and §4.2 are gone, and so is every extension that is not ours
    public async Task No_other_grant_exists()
    {
        var (client, secret) = await AddClient(change: client => client.GrantTypes = ["password", "implicit", "urn:ietf:params:oauth:grant-type:saml2-bearer", "urn:example:mine"]);
        var user = await AddUser();
        foreach (var grant in client.GrantTypes)
            await ShouldBeRefused(await Token(client, secret, ("grant_type", grant), ("username", user.Email!), ("password", Password), ("assertion", $"{NoAlg}.e30.")), "unsupported_grant_type");
    }

    private static HttpRequestMessage Request(string endpoint, string token, (string, string)[] fields) => new(HttpMethod.Post, endpoint)
    {
        Content = new FormUrlEncodedContent([new("grant_type", "client_credentials"), new("scope", "notes.read"), new("token", token), .. fields.Select(field => KeyValuePair.Create(field.Item1, field.Item2))]),
    };

    private static async Task IsTurnedAway(HttpResponseMessage response, string what)
    {
        var body = await response.Content.ReadAsStringAsync(Ct);
        ((int)response.StatusCode).ShouldBeOneOf([400, 401, 429], what);
        JsonDocument.Parse(body).RootElement.GetProperty("error").GetString().ShouldBeOneOf(["invalid_client", "invalid_request", "temporarily_unavailable"], what);
        response.Headers.CacheControl!.NoStore.ShouldBeTrue();
        if (response.StatusCode == HttpStatusCode.Unauthorized)
            response.Headers.WwwAuthenticate.ToString().ShouldStartWith("Basic");
        body.ShouldNotContain("active");
        body.ShouldNotContain("access_token");
    }
}
