using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc.Testing;
using Signet.Infrastructure.Data;

namespace Signet.Tests.Features.SenderConstraint;

/// <summary>Verbs for requests with a DPoP proof.</summary>
public abstract class DpopTest(PostgresSite site) : FlowTest(site)
{
    protected const string TokenUrl = Tests.Site.Issuer + "/oauth/token";
    protected const string UserInfoUrl = Tests.Site.Issuer + "/oauth/userinfo";
    protected const string AppsUrl = Tests.Site.Issuer + "/api/v1/apps";

    internal ProofKey Key { get; } = new();

    internal string TokenProof(ProofKey? key = null, string? nonce = null, Action<JsonObject, JsonObject>? change = null) =>
        (key ?? Key).Proof("POST", TokenUrl, Site.Clock.GetUtcNow(), nonce: nonce, change: change);

    internal string UserInfoProof(string token, ProofKey? key = null, string? nonce = null, Action<JsonObject, JsonObject>? change = null) =>
        (key ?? Key).Proof("GET", UserInfoUrl, Site.Clock.GetUtcNow(), token, nonce, change);

    internal Task<HttpResponseMessage> TokenWith(string? proof, Client client, string? secret, params (string Name, string Value)[] fields) =>
        TokenWith(Site.Browser(), proof, client, secret, fields);

    internal static async Task<HttpResponseMessage> TokenWith(HttpClient http, string? proof, Client client, string? secret, params (string Name, string Value)[] fields)
    {
        (string Name, string Value)[] all = [.. fields, ("client_id", client.Id), .. secret is null ? Array.Empty<(string, string)>() : [("client_secret", secret)]];
        using var request = new HttpRequestMessage(HttpMethod.Post, "/oauth/token") { Content = new FormUrlEncodedContent(all.Select(field => KeyValuePair.Create(field.Name, field.Value))) };
        if (proof is not null)
            request.Headers.Add("DPoP", proof);
        return await http.SendAsync(request, Ct);
    }

    internal Task<HttpResponseMessage> RedeemWith(string? proof, Client client, string? secret, string code) => TokenWith(
        proof, client, secret, ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", client.RedirectUris[0]), ("code_verifier", Verifier));

    internal Task<HttpResponseMessage> RefreshWith(string? proof, Client client, string? secret, string refreshToken) =>
        TokenWith(proof, client, secret, ("grant_type", "refresh_token"), ("refresh_token", refreshToken));

    /// <summary>The tokens of a fresh authorization, bound to <see cref="Key"/>.</summary>
    internal async Task<JsonElement> BoundTokens(User user, Client client, string? secret)
    {
        var response = await RedeemWith(TokenProof(), client, secret, await Code(user, client));
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Ct));
        return await Json(response);
    }

    protected Task<HttpResponseMessage> Ask(string token, params string[] proofs) => Ask(Site.Browser(), "/oauth/userinfo", "DPoP", token, proofs);

    protected static async Task<HttpResponseMessage> Ask(HttpClient http, string url, string scheme, string token, params string[] proofs)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Authorization = new(scheme, token) } };
        foreach (var proof in proofs)
            request.Headers.Add("DPoP", proof);
        return await http.SendAsync(request, Ct);
    }

    /// <summary>Another node on the same database; one that demands nonces where the test says so.</summary>
    protected WebApplicationFactory<Program> Node(bool demandsNonce = false) =>
        Site.WithWebHostBuilder(host => host.UseSetting("Signet:Dpop:RequireNonce", demandsNonce.ToString()));

    protected static HttpClient At(WebApplicationFactory<Program> node) =>
        node.CreateClient(new WebApplicationFactoryClientOptions { BaseAddress = new Uri(Tests.Site.Issuer), AllowAutoRedirect = false });

    protected static async Task ShouldBeChallenged(HttpResponseMessage response, string error)
    {
        await ShouldBeRefused(response, error, 401);
        var challenge = response.Headers.WwwAuthenticate.ToString();
        challenge.ShouldContain($"DPoP error=\"{error}\"");
        challenge.ShouldContain("algs=\"ES256 PS256 EdDSA\"");
    }
}
