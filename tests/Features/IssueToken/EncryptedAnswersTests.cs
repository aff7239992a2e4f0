using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.Jose;
using Signet.Tests.Peers;

namespace Signet.Tests.Features.IssueToken;

/// <summary>Answers that are signed, and then encrypted to the app's key (OpenID Connect Core §10.2, RFC 7516).</summary>
public sealed class EncryptedAnswersTests(PostgresSite site) : FlowTest(site)
{
    [Theory]
    [InlineData(Jwe.RsaOaep256)]
    [InlineData(Jwe.EcdhEs)]
    public async Task Id_token_userinfo_and_introspection_are_for_the_app_alone(string algorithm)
    {
        var (key, privateKey) = EncryptionKey.New(algorithm);
        var (client, secret) = await AddClient(change: client => client.Settings = new()
        {
            Jwks = EncryptionKey.Set(key),
            IdTokenSignedResponseAlg = "ES256",
            IdTokenEncryptedResponseAlg = algorithm,
            IdTokenEncryptedResponseEnc = Jwe.A256Gcm,
            UserinfoSignedResponseAlg = "PS256",
            UserinfoEncryptedResponseAlg = algorithm,
            UserinfoEncryptedResponseEnc = Jwe.A256Gcm,
            IntrospectionEncryptedResponseAlg = algorithm,
            IntrospectionEncryptedResponseEnc = Jwe.A256Gcm,
        });
        var user = await AddUser("ada@example.test");

        var tokens = await Tokens(user, client, secret);
        var idToken = await Opened(Text(tokens, "id_token"), privateKey);
        (Text(idToken.Header, "alg"), Text(idToken.Claims, "sub"), Text(idToken.Claims, "aud")).ShouldBe(("ES256", user.Id.ToString(), client.Id));

        var userInfo = await UserInfo(Text(tokens, "access_token"));
        userInfo.Content.Headers.ContentType!.ToString().ShouldBe("application/jwt");
        var claims = await Opened(await userInfo.Content.ReadAsStringAsync(Ct), privateKey);
        (Text(claims.Header, "alg"), Text(claims.Claims, "email"), Text(claims.Claims, "aud")).ShouldBe(("PS256", "ada@example.test", client.Id));

        var answer = await Opened(await IntrospectAsJwt(client, secret, Text(tokens, "access_token")), privateKey);
        (Text(answer.Header, "typ"), Text(answer.Header, "alg")).ShouldBe(("token-introspection+jwt", "RS256"));
        answer.Claims.GetProperty("token_introspection").GetProperty("active").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task Userinfo_that_is_not_signed_is_encrypted_as_it_is()
    {
        var (key, privateKey) = EncryptionKey.New(Jwe.EcdhEs);
        var (client, secret) = await AddClient(change: client => client.Settings = new()
        {
            Jwks = EncryptionKey.Set(key),
            UserinfoEncryptedResponseAlg = Jwe.EcdhEs,
            UserinfoEncryptedResponseEnc = Jwe.A256Gcm,
        });
        var user = await AddUser();

        var response = await UserInfo(Text(await Tokens(user, client, secret), "access_token"));
        var read = await Jose.Decrypt(await response.Content.ReadAsStringAsync(Ct), privateKey);

        response.Content.Headers.ContentType!.ToString().ShouldBe("application/jwt");
        read.Header.TryGetProperty("cty", out _).ShouldBeFalse();
        Text(read.Claims, "sub").ShouldBe(user.Id.ToString());
    }

    [Fact]
    public async Task An_authorization_response_is_for_the_app_alone_too()
    {
        var (key, privateKey) = EncryptionKey.New(Jwe.RsaOaep256);
        var (client, secret) = await AddClient(skipsConsent: true, change: client => client.Settings = new()
        {
            Jwks = EncryptionKey.Set(key),
            AuthorizationEncryptedResponseAlg = Jwe.RsaOaep256,
            AuthorizationEncryptedResponseEnc = Jwe.A256Gcm,
        });

        var answer = Answer(await (await SignedIn(await AddUser())).GetAsync(AuthorizeUrl(client, ("response_mode", "jwt")), Ct));
        var opened = await Opened(answer.ShouldHaveSingleItem().Value, privateKey);

        (Text(opened.Claims, "aud"), Text(opened.Claims, "state")).ShouldBe((client.Id, "s1"));
        (await Redeem(client, secret, Text(opened.Claims, "code"))).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Nothing_goes_out_readable_while_the_keys_of_the_app_are_away()
    {
        var (client, secret) = await AddClient(change: client => client.Settings = new()
        {
            JwksUri = "https://127.0.0.1:1/jwks",
            UserinfoEncryptedResponseAlg = Jwe.EcdhEs,
            UserinfoEncryptedResponseEnc = Jwe.A256Gcm,
        });

        var response = await UserInfo(Text(await Tokens(await AddUser(), client, secret), "access_token"));

        await ShouldBeRefused(response, "temporarily_unavailable", (int)HttpStatusCode.ServiceUnavailable);
    }

    private async Task<Jose.Read> Opened(string token, object privateKey)
    {
        token.Split('.').Length.ShouldBe(5);
        var outer = await Jose.Decrypt(token, privateKey);
        (Text(outer.Header, "kid"), Text(outer.Header, "cty")).ShouldBe(("enc-1", "JWT"));
        return await Jose.Verify(outer.Text, await Site.Browser().GetStringAsync("/.well-known/jwks.json", Ct));
    }

    private async Task<string> IntrospectAsJwt(Client client, string secret, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/oauth/introspect")
        {
            Content = new FormUrlEncodedContent([KeyValuePair.Create("token", token)]),
            Headers = { Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{client.Id}:{secret}"))) },
        };
        request.Headers.Accept.ParseAdd("application/token-introspection+jwt");
        using var response = await Site.Browser().SendAsync(request, Ct);
        response.Content.Headers.ContentType!.ToString().ShouldBe("application/token-introspection+jwt");
        return await response.Content.ReadAsStringAsync(Ct);
    }
}
