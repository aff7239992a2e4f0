using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Signet.Infrastructure.Data;

namespace Signet.Tests.Features.ClientDocuments;

/// <summary>Verbs for apps whose <c>client_id</c> is the address of their document.</summary>
public abstract class DocumentTest(DocumentSite site) : FlowTest(site)
{
    internal OutsideServer Outside => site.Outside;

    /// <summary>Puts a good document on the server, with these members changed (null removes one), and returns the app as it will be known.</summary>
    internal Client Publish(string? cacheControl = null, params (string Name, object? Value)[] changes) => PublishAt($"/apps/{Guid.NewGuid():N}.json", cacheControl, changes);

    internal Client PublishAt(string path, string? cacheControl = null, params (string Name, object? Value)[] changes)
    {
        var id = Outside.Url(path);
        var document = new JsonObject
        {
            ["client_id"] = id,
            ["client_name"] = "Reader",
            ["redirect_uris"] = new JsonArray(RedirectUri),
            ["grant_types"] = new JsonArray("authorization_code", "refresh_token"),
            ["token_endpoint_auth_method"] = "none",
        };
        foreach (var (name, value) in changes)
        {
            if (value is null)
                document.Remove(name);
            else
                document[name] = JsonSerializer.SerializeToNode(value);
        }

        var json = document.ToJsonString();
        Outside.Answer(path, async http =>
        {
            http.Response.ContentType = "application/json";
            if (cacheControl is not null)
                http.Response.Headers.CacheControl = cacheControl;
            await Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(http.Response, json);
        });
        return Named(id);
    }

    /// <summary>An app as it is named in requests; nothing is kept of it.</summary>
    internal static Client Named(string id) => new()
    {
        Id = id,
        Name = "Reader",
        Kind = ClientKind.SinglePage,
        AuthenticationMethods = ["none"],
        GrantTypes = ["authorization_code", "refresh_token"],
        RedirectUris = [RedirectUri],
        Scopes = ["openid", "offline_access"],
        CreatedAt = default,
        UpdatedAt = default,
        TokenEpoch = 0,
    };

    internal int Fetches(Client app) => Outside.Requests.Count(request => app.Id.EndsWith(request.Path, StringComparison.Ordinal));

    internal Task<Client?> Kept(Client app) => Site.InDatabase(db => db.Clients.AsNoTracking().FirstOrDefaultAsync(client => client.Id == app.Id, Ct));

    internal Task<int> Clients() => Site.InDatabase(db => db.Clients.CountAsync(Ct));

    /// <summary>What a stranger hears.</summary>
    internal async Task<(HttpStatusCode Status, string Page)> Come(string url)
    {
        using var browser = Site.Browser();
        var answer = await browser.GetAsync(url, Ct);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Ct));
    }

    internal async Task ShouldBeRefusedHere(Client app, string because)
    {
        var (status, page) = await Come(AuthorizeUrl(app));
        status.ShouldBe(HttpStatusCode.BadRequest, page);
        WebUtility.HtmlDecode(page).ShouldContain(because);
    }
}
