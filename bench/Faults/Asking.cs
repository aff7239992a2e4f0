using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Web;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Faults;

/// <summary>What an answer said, as far as a client is concerned.</summary>
internal sealed record Said(int Status, JsonElement Body)
{
    public bool Ok => Status == 200;

    /// <summary>True where the client cannot know whether it was done: no answer, or an outage.</summary>
    public bool Unknown => Status is 0 or 503;

    public string? this[string name] => Body.ValueKind == JsonValueKind.Object && Body.TryGetProperty(name, out var value) ? value.ToString() : null;
}

/// <summary>The requests of an app, each recorded with what came back.</summary>
internal sealed class Asking(World world)
{
    private static readonly string Verifier = new('v', 64);
    private static readonly string Challenge = Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)));

    public Task<Said> ClientCredentials(int node) =>
        Ask(node, "client_credentials", "/oauth/token", world.Machine, "", "", false, ("grant_type", "client_credentials"), ("scope", "notes.read"));

    public async Task<string?> Code(int node, string session, string? app = null, string scope = "openid offline_access notes.read")
    {
        var query = string.Join('&', new (string Name, string Value)[]
        {
            ("client_id", app ?? world.PublicApp), ("response_type", "code"), ("scope", scope), ("redirect_uri", World.RedirectUri),
            ("state", "s"), ("nonce", "n"), ("code_challenge", Challenge), ("code_challenge_method", "S256"),
        }.Select(pair => $"{pair.Name}={Uri.EscapeDataString(pair.Value)}"));
        string? code = null;
        await Send(node, "authorize", "", "", false, () => new HttpRequestMessage(HttpMethod.Get, $"/oauth/authorize?{query}") { Headers = { { "Cookie", session } } }, answer =>
        {
            code = answer.Headers.Location is { IsAbsoluteUri: true } to ? HttpUtility.ParseQueryString(to.Query)["code"] : null;
        });
        return code;
    }

    public Task<Said> Redeem(int node, string code, bool doubtful = false, string? app = null, CancellationToken ct = default) => Ask(
        node, "redeem", "/oauth/token", null, History.Hash(code), History.Hash(code), doubtful, ct,
        ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", World.RedirectUri), ("code_verifier", Verifier), ("client_id", app ?? world.PublicApp));

    public Task<Said> Refresh(int node, string refreshToken, string family, bool doubtful = false, string? app = null, CancellationToken ct = default) => Ask(
        node, "refresh", "/oauth/token", null, History.Hash(refreshToken), family, doubtful, ct,
        ("grant_type", "refresh_token"), ("refresh_token", refreshToken), ("client_id", app ?? world.PublicApp));

    /// <summary>An API asks about a token; succeeds only where it is good.</summary>
    public Task<Said> Introspect(int node, string token, string family) =>
        Ask(node, "introspect", "/oauth/introspect", world.Api, History.Hash(token), family, false, ("token", token));

    /// <summary>Revokes, and where that is confirmed records the end of the family.</summary>
    public async Task<bool> Revoke(int node, string token, string family, Credentials? by)
    {
        var start = world.History.Now;
        (string, string)[] fields = by is null ? [("token", token), ("client_id", world.PublicApp)] : [("token", token)];
        var said = await Ask(node, "revoke", "/oauth/revoke", by, History.Hash(token), "", false, fields);
        Ended(start, node, family, said.Ok);
        return said.Ok;
    }

    public void Ended(TimeSpan start, int node, string family, bool confirmed) =>
        world.History.Add(new(start, world.History.Now, node, "end", family, family, confirmed ? 200 : 0, "", confirmed, false, false));

    public Task<Said> Get(int node, string name, string path) => Send(node, name, "", "", false, () => new HttpRequestMessage(HttpMethod.Get, path));

    private Task<Said> Ask(int node, string name, string path, Credentials? by, string subject, string family, bool doubtful, params (string, string)[] fields) =>
        Ask(node, name, path, by, subject, family, doubtful, default, fields);

    private Task<Said> Ask(int node, string name, string path, Credentials? by, string subject, string family, bool doubtful, CancellationToken ct, params (string Name, string Value)[] fields) =>
        Send(node, name, subject, family, doubtful, () => new HttpRequestMessage(HttpMethod.Post, path)
        {
            Headers = { Authorization = by is null ? null : new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{by.Id}:{by.Secret}"))) },
            Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))),
        }, ct: ct);

    private async Task<Said> Send(
        int node, string name, string subject, string family, bool doubtful, Func<HttpRequestMessage> make, Action<HttpResponseMessage>? look = null, CancellationToken ct = default)
    {
        var history = world.History;
        var start = history.Now;
        try
        {
            using var request = make();
            using var answer = await world.Nodes[node].Http.SendAsync(request, ct);
            look?.Invoke(answer);
            var text = await answer.Content.ReadAsStringAsync(ct);
            var end = history.Now;
            var body = text.StartsWith('{') ? JsonDocument.Parse(text).RootElement : default;
            var said = new Said((int)answer.StatusCode, body);
            var ok = name == "authorize" ? said.Status is 302 or 303 : said.Ok && (name != "introspect" || said["active"] == "True");
            var detail = said["error"] ?? (said["refresh_token"] is { } next ? History.Hash(next) : "");
            history.Add(new(start, end, node, name, subject, family, said.Status, detail, ok, answer.Headers.RetryAfter is not null, doubtful));
            Compare(name, said);
            return said;
        }
        catch (Exception away) when (away is HttpRequestException or OperationCanceledException or IOException)
        {
            history.Add(new(start, history.Now, node, name, subject, family, 0, away.InnerException?.GetType().Name ?? away.GetType().Name, false, false, doubtful));
            return new Said(0, default);
        }
    }

    // I6: every answer is about the one who asked.
    private void Compare(string name, Said said)
    {
        if (!said.Ok || said["access_token"] is not { } access)
            return;
        world.History.Keep(access);
        if (said["id_token"] is { } id)
            world.History.Keep(id);
        var token = new JsonWebToken(access);
        var isMachine = name == "client_credentials";
        var expected = isMachine ? world.Machine.Id : token.GetClaim("client_id").Value;
        if (token.GetClaim("client_id").Value != expected || !token.Audiences.Contains(World.Audience) || (token.Subject == world.Machine.Id) != isMachine)
            world.History.Wrong($"I6 {name} was answered with a token for {token.Subject} of another app or API");
    }
}
