using System.Text;
using System.Text.Json;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.OAuth;

namespace Signet.Tests.Features.RegisterApp;

/// <summary>Verbs for tests about apps and the API that manages them.</summary>
public abstract class AppsTest(Site site) : SliceTest(site)
{
    /// <summary>An app with a token of its own.</summary>
    internal async Task<HttpClient> MachineOf(Client app)
    {
        var secret = OpaqueValue.New(OpaqueValue.AccessToken);
        var now = Site.Clock.GetUtcNow();
        await Site.InDatabase(db =>
        {
            db.Add(new Token
            {
                Id = Guid.CreateVersion7(),
                Hash = secret.Hash(),
                Kind = TokenKind.Access,
                ClientId = app.Id,
                Scopes = ["apps.read"],
                Audiences = [Site.Issuer],
                Epoch = app.TokenEpoch,
                CreatedAt = now,
                ExpiresAt = now.AddHours(1),
            });
            return db.SaveChangesAsync(Ct);
        });
        var http = Site.Browser();
        http.DefaultRequestHeaders.Authorization = new("Bearer", secret.Text);
        return http;
    }

    protected static Task<HttpResponseMessage> PostJson(HttpClient http, string url, object body) => http.PostAsync(url, Body(JsonSerializer.Serialize(body)), Ct);

    protected static StringContent Body(string text, string type = "application/json") => new(text, Encoding.UTF8, type);

    protected static object Web(string name = "Notes", string redirectUri = "https://app.test/cb") => new { client_name = name, redirect_uris = new[] { redirectUri } };
}
