using System.Net;
using System.Text.Json;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.Jose;
using Signet.Infrastructure.OAuth;
using Signet.Tests.Features.SenderConstraint;
using Signet.Tests.Infrastructure.OAuth;

namespace Signet.Tests.Features.Fapi;

/// <summary>Verbs of an app under FAPI 2.0: it signs who it is, pushes what it asks, and proves with every request that it holds its key.</summary>
public abstract class FapiTest(PostgresSite site) : AssertionTest(site)
{
    private const string ParUrl = Tests.Site.Issuer + "/oauth/par";

    internal ProofKey Proofs { get; } = new();

    /// <summary>An app as choosing the profile makes it.</summary>
    internal async Task<Client> AddApp(SecurityProfile profile = SecurityProfile.Fapi2Security, PrivateKey? key = null, string[]? redirectUris = null, Action<Client>? change = null) =>
        (await AddClient(skipsConsent: true, redirectUris: redirectUris, change: client =>
        {
            client.AuthenticationMethods = [ClientAuthenticationMethods.PrivateKeyJwt];
            client.Secrets.Clear();
            client.Settings = new ClientSettings { Profile = profile, Jwks = KeySet((key ?? Key, SigningAlgorithms.Es256)), DpopBoundAccessTokens = true };
            change?.Invoke(client);
        })).Client;

    internal Task<HttpResponseMessage> PushAs(string? assertion, (string Name, string Value)[] fields, string? proof = null) => Send(ParUrl, assertion, fields, proof);

    /// <summary>Pushes a good request with a good assertion; an empty value removes a parameter.</summary>
    internal Task<HttpResponseMessage> PushGood(Client client, params (string Name, string Value)[] changes) => PushAs(Assertion(client), Fields(client, changes));

    internal static (string Name, string Value)[] Fields(Client client, params (string Name, string Value)[] changes) =>
        [.. Parameters(client, [.. changes.Select(change => (change.Name, (string?)change.Value))]).Where(pair => pair.Value is { Length: > 0 }).Select(pair => (pair.Key, pair.Value!))];

    internal static string AuthorizeUrl(Client client, JsonElement pushed) => $"/oauth/authorize?client_id={client.Id}&request_uri={Uri.EscapeDataString(Text(pushed, "request_uri"))}";

    /// <summary>A code for somebody who is signed in.</summary>
    internal async Task<string> NewCode(Client client, params (string Name, string Value)[] changes)
    {
        var pushed = await PushGood(client, changes);
        pushed.StatusCode.ShouldBe(HttpStatusCode.Created, await pushed.Content.ReadAsStringAsync(Ct));
        return Answer(await (await SignedIn(await AddUser())).GetAsync(AuthorizeUrl(client, await Json(pushed)), Ct))["code"];
    }

    internal string TokenProof(ProofKey? key = null) => (key ?? Proofs).Proof("POST", TokenEndpoint, Site.Clock.GetUtcNow());

    internal Task<HttpResponseMessage> Tokens(Client client, string code, params (string Name, string Value)[] changes) => TokensAs(Assertion(client), client, code, TokenProof(), changes);

    internal Task<HttpResponseMessage> TokensAs(string? assertion, Client client, string code, string? proof, params (string Name, string Value)[] changes) =>
        Send(TokenEndpoint, assertion, [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", client.RedirectUris[0]), ("code_verifier", Verifier), .. changes], proof);

    internal Task<HttpResponseMessage> RefreshAs(string? assertion, string refreshToken, string? proof, params (string Name, string Value)[] more) =>
        Send(TokenEndpoint, assertion, [("grant_type", "refresh_token"), ("refresh_token", refreshToken), .. more], proof);

    internal async Task<HttpStatusCode> UserInfoWith(string accessToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/oauth/userinfo") { Headers = { Authorization = new("dpop", accessToken) } };
        request.Headers.Add("DPoP", Proofs.Proof("GET", Tests.Site.Issuer + "/oauth/userinfo", Site.Clock.GetUtcNow(), accessToken));
        return (await Site.Browser().SendAsync(request, Ct)).StatusCode;
    }

    private async Task<HttpResponseMessage> Send(string url, string? assertion, (string Name, string Value)[] fields, string? proof)
    {
        (string Name, string Value)[] all = [.. fields.GroupBy(field => field.Name).Select(group => group.Last()).Where(field => field.Value.Length > 0),
            .. assertion is null ? Array.Empty<(string, string)>() : [("client_assertion_type", ClientAssertion.Type), ("client_assertion", assertion)]];
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new FormUrlEncodedContent(all.Select(field => KeyValuePair.Create(field.Name, field.Value))) };
        if (proof is not null)
            request.Headers.Add("DPoP", proof);
        return await Site.Browser().SendAsync(request, Ct);
    }
}
