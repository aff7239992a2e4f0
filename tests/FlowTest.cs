using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.IdentityModel.JsonWebTokens;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.OAuth;

namespace Signet.Tests;

/// <summary>Verbs for the code flow, through the front door.</summary>
public abstract class FlowTest(Site site) : SliceTest(site)
{
    public const string RedirectUri = "https://app.test/cb";
    public static readonly string Verifier = new('v', 64);

    /// <summary>The parameters of a good authorization request; a null removes one.</summary>
    internal static Dictionary<string, string?> Parameters(Client client, params (string Name, string? Value)[] changes)
    {
        var all = new Dictionary<string, string?>
        {
            ["client_id"] = client.Id,
            ["response_type"] = "code",
            ["scope"] = string.Join(' ', client.Scopes),
            ["redirect_uri"] = client.RedirectUris.FirstOrDefault() ?? RedirectUri,
            ["state"] = "s1",
            ["nonce"] = "n1",
            ["code_challenge"] = Pkce.Challenge(Verifier),
            ["code_challenge_method"] = "S256",
        };
        foreach (var (name, value) in changes)
            all[name] = value;
        return all;
    }

    internal static string AuthorizeUrl(Client client, params (string Name, string? Value)[] changes) =>
        QueryHelpers.AddQueryString("/oauth/authorize", Parameters(client, changes).Where(pair => pair.Value is not null)!);

    /// <summary>Pushes a good authorization request (RFC 9126); an empty value removes a parameter.</summary>
    internal Task<HttpResponseMessage> Push(Client client, string? secret, params (string Name, string Value)[] changes)
    {
        var fields = Parameters(client, [.. changes.Select(change => (change.Name, (string?)change.Value))])
            .Where(pair => pair.Value is { Length: > 0 }).Select(pair => (pair.Key, pair.Value!)).ToArray();
        return secret is null ? Post(Site.Browser(), "/oauth/par", fields) : PostAs(Site.Browser(), client.Id, secret, "/oauth/par", fields);
    }

    /// <summary>Follows the request through consent to the redirect back to the app, and returns that redirect's parameters.</summary>
    internal static async Task<Dictionary<string, string>> Authorize(HttpClient browser, Client client, params (string Name, string? Value)[] changes)
    {
        var response = await browser.GetAsync(AuthorizeUrl(client, changes), Ct);
        if (response.Headers.Location?.OriginalString.StartsWith("/consent", StringComparison.Ordinal) == true)
        {
            var url = response.Headers.Location.OriginalString;
            var returnUrl = QueryHelpers.ParseQuery(url[url.IndexOf('?', StringComparison.Ordinal)..])["returnUrl"].ToString();
            response = await Submit(browser, url, "/consent?handler=Allow", ("returnUrl", returnUrl));
            response = await browser.GetAsync(response.Headers.Location, Ct);
        }

        return Answer(response);
    }

    /// <summary>What a consent page says that it shows.</summary>
    protected static string Shown(string page) => page.Split("name=\"shown\" value=\"")[1].Split('"')[0];

    /// <summary>Opens a page and sends one of its forms to another address.</summary>
    protected static async Task<HttpResponseMessage> Submit(HttpClient browser, string pageUrl, string formUrl, params (string Name, string Value)[] fields)
    {
        var page = await (await browser.GetAsync(pageUrl, Ct)).Content.ReadAsStringAsync(Ct);
        (string, string)[] shown = page.Contains("name=\"shown\"", StringComparison.Ordinal) ? [("shown", Shown(page))] : [];
        return await Post(browser, formUrl, [("__RequestVerificationToken", AntiforgeryToken(page)), .. shown, .. fields]);
    }

    protected static Dictionary<string, string> Answer(HttpResponseMessage response)
    {
        response.Headers.Location.ShouldNotBeNull($"{response.StatusCode} is no redirect");
        response.Headers.Location.IsAbsoluteUri.ShouldBeTrue(response.Headers.Location.OriginalString);
        return QueryHelpers.ParseQuery(response.Headers.Location.Query).ToDictionary(pair => pair.Key, pair => pair.Value.Single()!);
    }

    /// <summary>A code for the person, whose consent is given on the way.</summary>
    internal async Task<string> Code(User user, Client client, params (string Name, string? Value)[] changes) =>
        (await Authorize(await SignedIn(user), client, changes))["code"];

    internal Task<HttpResponseMessage> Redeem(Client client, string? secret, string code, params (string Name, string Value)[] changes) =>
        Token(client, secret, [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", client.RedirectUris[0]), ("code_verifier", Verifier), .. changes]);

    internal Task<HttpResponseMessage> Refresh(Client client, string? secret, string refreshToken, params (string Name, string Value)[] changes) =>
        Token(client, secret, [("grant_type", "refresh_token"), ("refresh_token", refreshToken), .. changes]);

    /// <summary>A token request; later fields replace earlier ones of the same name.</summary>
    internal Task<HttpResponseMessage> Token(Client client, string? secret, params (string Name, string Value)[] fields)
    {
        var last = fields.GroupBy(field => field.Name).Select(group => group.Last()).Where(field => field.Value.Length > 0).ToArray();
        return secret is null
            ? Post(Site.Browser(), "/oauth/token", [.. last, ("client_id", client.Id)])
            : PostAs(Site.Browser(), client.Id, secret, "/oauth/token", last);
    }

    /// <summary>The tokens of a fresh authorization.</summary>
    internal async Task<JsonElement> Tokens(User user, Client client, string? secret, params (string Name, string? Value)[] changes)
    {
        var response = await Redeem(client, secret, await Code(user, client, changes));
        response.StatusCode.ShouldBe(System.Net.HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Ct));
        return await Json(response);
    }

    protected async Task<HttpResponseMessage> UserInfo(string accessToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/oauth/userinfo") { Headers = { Authorization = new("Bearer", accessToken) } };
        return await Site.Browser().SendAsync(request, Ct);
    }

    protected async Task<bool> IsLive(string accessToken) => (await UserInfo(accessToken)).StatusCode == System.Net.HttpStatusCode.OK;

    /// <summary>The same but for its end, and for certain not the same.</summary>
    protected static string Tampered(string text) => text[..^3] + (text[^3] == 'A' ? "BAA" : "AAA");

    protected static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;

    protected static JsonWebToken Jwt(string text) => new(text);

    protected static async Task ShouldBeRefused(HttpResponseMessage response, string error, int status = 400)
    {
        var body = await response.Content.ReadAsStringAsync(Ct);
        ((int)response.StatusCode).ShouldBe(status, body);
        JsonDocument.Parse(body).RootElement.GetProperty("error").GetString().ShouldBe(error, body);
        response.Headers.CacheControl!.NoStore.ShouldBeTrue();
    }
}
