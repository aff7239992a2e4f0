using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.OAuth;
using Signet.Infrastructure.Tokens;
using Signet.Tests.Peers;

namespace Signet.Tests.Features.IssueToken;

/// <summary>ID tokens, UserInfo and introspection, signed as the app registered it (OpenID Connect Registration §2, RFC 9701).</summary>
public sealed class SignedAnswersTests(PostgresSite site) : FlowTest(site)
{
    [Theory]
    [InlineData(null, "RS256")]
    [InlineData("RS256", "RS256")]
    [InlineData("ES256", "ES256")]
    [InlineData("PS256", "PS256")]
    [InlineData("EdDSA", "EdDSA")]
    public async Task An_id_token_is_signed_by_the_registered_algorithm(string? registered, string algorithm)
    {
        var (client, secret) = await AddClient(change: client => client.Settings = new() { IdTokenSignedResponseAlg = registered });
        var user = await AddUser();

        var tokens = await Tokens(user, client, secret);
        var idToken = await Jose.Verify(Text(tokens, "id_token"), await KeySet());

        Text(idToken.Header, "alg").ShouldBe(algorithm);
        Text(idToken.Claims, "iss").ShouldBe(Site.Issuer);
        Text(idToken.Claims, "aud").ShouldBe(client.Id);
        Text(idToken.Claims, "sub").ShouldBe(user.Id.ToString());
        Text(idToken.Claims, "at_hash").ShouldBe(LeftHalf(Text(tokens, "access_token"), algorithm));
        idToken.Claims.TryGetProperty("name", out _).ShouldBeFalse("claims of scopes belong to UserInfo");
    }

    [Theory]
    [InlineData("RS256")]
    [InlineData("EdDSA")]
    public async Task The_hash_of_a_code_is_by_the_algorithm_too(string algorithm)
    {
        var (client, _) = await AddClient(change: client => client.Settings = new() { IdTokenSignedResponseAlg = algorithm });
        var (grant, _) = await AddGrant(await AddUser(), client);
        var now = Site.Clock.GetUtcNow();

        var token = await Site.Services.GetRequiredService<TokenWriter>().IdToken(new(client, TokenUser.Of(grant, "s"), now, now.AddMinutes(5)) { Code = "a-code" }, Ct);

        Text((await Jose.Verify(token, await KeySet())).Claims, "c_hash").ShouldBe(LeftHalf("a-code", algorithm));
    }

    [Fact]
    public void An_app_under_a_fapi_profile_gets_no_rs256_by_default()
    {
        var settings = new ClientSettings { Profile = SecurityProfile.Fapi2Security };

        SignedResponses.OfIdTokens(settings).ShouldBe("PS256");
        SignedResponses.OfIntrospection(settings).ShouldBe("PS256");
        Signet.Infrastructure.Jose.SigningAlgorithms.Fapi.ShouldNotContain("RS256");
        Signet.Infrastructure.Jose.SigningAlgorithms.All.ShouldNotContain("none");
    }

    [Theory]
    [InlineData("RS256")]
    [InlineData("ES256")]
    public async Task Userinfo_is_a_jwt_for_the_app_that_registered_an_algorithm(string algorithm)
    {
        var (client, secret) = await AddClient(change: client => client.Settings = new() { UserinfoSignedResponseAlg = algorithm });
        var user = await AddUser("ada@example.test", isConfirmed: false);

        var tokens = await Tokens(user, client, secret);
        var response = await UserInfo(Text(tokens, "access_token"));
        var answer = await Jose.Verify(await response.Content.ReadAsStringAsync(Ct), await KeySet());

        response.Content.Headers.ContentType!.ToString().ShouldBe("application/jwt");
        Text(answer.Header, "alg").ShouldBe(algorithm);
        Text(answer.Claims, "iss").ShouldBe(Site.Issuer);
        Text(answer.Claims, "aud").ShouldBe(client.Id);
        Text(answer.Claims, "sub").ShouldBe(Jwt(Text(tokens, "id_token")).Subject);
        Text(answer.Claims, "email").ShouldBe("ada@example.test");
        answer.Claims.GetProperty("email_verified").GetBoolean().ShouldBeFalse();
        foreach (var foreign in (string[])["exp", "nonce"])
            answer.Claims.TryGetProperty(foreign, out _).ShouldBeFalse(foreign);
    }

    [Theory]
    [InlineData(null, "RS256")]
    [InlineData("ES256", "ES256")]
    public async Task Introspection_is_a_jwt_for_who_asks_for_one(string? registered, string algorithm)
    {
        var (client, secret) = await AddClient(change: client => client.Settings = new() { IntrospectionSignedResponseAlg = registered });
        var token = await IssueJwt(client);

        var (type, signed) = await Introspect(client, secret, token, "application/token-introspection+jwt");
        var answer = await Jose.Verify(signed, await KeySet());

        type.ShouldBe("application/token-introspection+jwt");
        Text(answer.Header, "typ").ShouldBe("token-introspection+jwt");
        Text(answer.Header, "alg").ShouldBe(algorithm);
        answer.Claims.EnumerateObject().Select(claim => claim.Name).ShouldBe(["iss", "aud", "iat", "token_introspection"]);
        Text(answer.Claims, "iss").ShouldBe(Site.Issuer);
        Text(answer.Claims, "aud").ShouldBe(client.Id);
        var plain = await Introspect(client, secret, token, "application/json");
        plain.Type.ShouldStartWith("application/json");
        answer.Claims.GetProperty("token_introspection").GetRawText().ShouldBe(plain.Body);

        var dead = await Introspect(client, secret, "garbage", "application/json;q=0.1, application/token-introspection+jwt");
        (await Jose.Verify(dead.Body, await KeySet())).Claims.GetProperty("token_introspection").GetRawText().ShouldBe(Inactive);
    }

    private async Task<(string Type, string Body)> Introspect(Client client, string secret, string token, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/oauth/introspect")
        {
            Content = new FormUrlEncodedContent([KeyValuePair.Create("token", token)]),
            Headers = { Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{client.Id}:{secret}"))) },
        };
        request.Headers.Accept.ParseAdd(accept);
        using var response = await Site.Browser().SendAsync(request, Ct);
        ((int)response.StatusCode).ShouldBe(200);
        return (response.Content.Headers.ContentType!.ToString(), await response.Content.ReadAsStringAsync(Ct));
    }

    private async Task<string> KeySet() => await Site.Browser().GetStringAsync("/.well-known/jwks.json", Ct);

    private static string LeftHalf(string text, string algorithm) => algorithm == "EdDSA"
        ? Base64Url.EncodeToString(SHA512.HashData(Encoding.ASCII.GetBytes(text)).AsSpan(0, 32))
        : Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(text)).AsSpan(0, 16));
}
