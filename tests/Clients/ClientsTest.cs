using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.Identity;
using Signet.Infrastructure.OAuth;
using Signet.Tests.Samples;

namespace Signet.Tests.Clients;

/// <summary>Verbs for apps that are programs of others, and for the person in front of them.</summary>
public abstract class ClientsTest(ClientsSite site) : SliceTest(site)
{
    protected const string Audience = "https://api.test/notes";
    protected const string KeyId = "app-key";

    // How an app proves who it is.
    protected const string Secret = "secret", Key = "key", Public = "public";

    protected static readonly string[] AllScopes = ["openid", "profile", "email", "offline_access", "notes.read"];

    private readonly List<RelyingParty> parties = [];

    protected ClientsSite Live => site;

    /// <summary>An app that may do everything.</summary>
    internal Task<(Client Client, string Secret)> AddApp(string kind, ECDsa key, Uri redirectUri, ClientSettings? settings = null, Uri? postLogoutRedirectUri = null, bool requiresPkce = true) => AddClient(
        grants: [GrantTypes.AuthorizationCode, GrantTypes.RefreshToken, GrantTypes.DeviceCode, .. kind == Public ? (string[])[] : [GrantTypes.ClientCredentials]],
        redirectUris: [redirectUri.OriginalString], scopes: AllScopes, isPublic: kind == Public, change: client =>
        {
            client.Settings = (settings ?? new()) with { PkceOptional = !requiresPkce };
            if (postLogoutRedirectUri is not null)
                client.PostLogoutRedirectUris = [postLogoutRedirectUri.OriginalString];
            if (kind != Key)
                return;
            client.Settings = client.Settings with { Jwks = JsonSerializer.SerializeToElement(new JsonObject { ["keys"] = new JsonArray(Jwk(key, isPrivate: false)) }) };
            client.AuthenticationMethods = ["private_key_jwt"];
        });

    protected static JsonObject Jwk(ECDsa key, bool isPrivate)
    {
        var parameters = key.ExportParameters(isPrivate);
        var (x, y) = (Base64Url.EncodeToString(parameters.Q.X), Base64Url.EncodeToString(parameters.Q.Y));
        var jwk = JsonSerializer.SerializeToNode(new { kty = "EC", crv = "P-256", alg = "ES256", use = "sig", kid = KeyId, x, y })!.AsObject();
        if (isPrivate)
            jwk["d"] = Base64Url.EncodeToString(parameters.D);
        return jwk;
    }

    protected static ECDsa NewKey() => ECDsa.Create(ECCurve.NamedCurves.nistP256);

    protected static Uri FreeAddress() => new($"https://localhost:{Journeys.LiveSite.FreePort()}");

    internal async Task<RelyingParty> Start(Uri address, Action<IServiceCollection> addServices, Action<WebApplication> map)
    {
        var party = await RelyingParty.Start(address, addServices, map);
        parties.Add(party);
        return party;
    }

    /// <summary>A browser in which the user is signed in at Signet.</summary>
    internal async Task<HandBrowser> BrowserOf(User user)
    {
        var browser = new HandBrowser();
        browser.Keep(Live.Address, SessionAuthentication.Cookie, await AddSession(user));
        return browser;
    }

    /// <summary>Opens what sends people to Signet, allows what is asked there, and comes back with the answer.</summary>
    internal static async Task<string> SignIn(HandBrowser browser, Uri address)
    {
        var page = await browser.Open(address);
        if (page.Contains(">Allow<", StringComparison.Ordinal))
            page = await browser.Press("Allow");
        return page.Contains(">Continue to the app<", StringComparison.Ordinal) ? await browser.Press("Continue to the app") : page; // form_post, without JavaScript
    }

    internal static async Task<string> SignOut(HandBrowser browser, Uri address)
    {
        var page = await browser.Open(address);
        return page.Contains(">Sign out<", StringComparison.Ordinal) ? await browser.Press("Sign out") : page;
    }

    /// <summary>An API with one address, for those whose token has the scope <c>notes.read</c>.</summary>
    protected static void MapNotes(WebApplication web) => web.MapGet("/notes", () => "Buy sealing wax").RequireAuthorization("notes.read");

    /// <param name="api">Where <see cref="MapNotes"/> is.</param>
    /// <param name="asks">Whether the API asks for each token; else it learns of a revocation at the token's end.</param>
    internal async Task ShouldTakeWhatIsForIt(Uri api, bool asks, TokenFormat format)
    {
        await AddApi("https://api.test/other", "other.read");
        var (client, secret) = await AddClient(scopes: ["notes.read", "notes.write", "other.read"], format: format);
        using var http = Http();
        async Task<string> Token(string scope) => (await Json(await PostAs(http, client.Id, secret, "/oauth/token", ("grant_type", "client_credentials"), ("scope", scope)))).GetProperty("access_token").GetString()!;
        using var caller = new HttpClient(new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator });
        async Task<HttpStatusCode> Ask(string? token)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(api, "/notes")) { Headers = { Authorization = token is null ? null : new("Bearer", token) } };
            return (await caller.SendAsync(request, Ct)).StatusCode;
        }

        var good = await Token("notes.read");
        (await Ask(null)).ShouldBe(HttpStatusCode.Unauthorized);
        (await Ask("nonsense")).ShouldBe(HttpStatusCode.Unauthorized);
        (await Ask(await Token("other.read"))).ShouldBe(HttpStatusCode.Unauthorized);
        (await Ask(await Token("notes.write"))).ShouldBe(HttpStatusCode.Forbidden);
        (await Ask(good)).ShouldBe(HttpStatusCode.OK);
        (await PostAs(http, client.Id, secret, "/oauth/revoke", ("token", good))).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Ask(good)).ShouldBe(asks ? HttpStatusCode.Unauthorized : HttpStatusCode.OK);
    }

    protected HttpClient Http() => new(Live.TrustingHandler()) { BaseAddress = Live.Address };

    public override async ValueTask DisposeAsync()
    {
        foreach (var party in parties)
            await party.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
