using System.Text.Json;
using System.Text.RegularExpressions;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.OAuth;

namespace Signet.Tests.Features.Ciba;

/// <summary>Verbs for an app that asks by the back channel and a person who decides on their account page.</summary>
public abstract partial class CibaTest(Site site) : FlowTest(site)
{
    internal const string Grant = GrantTypes.Ciba;

    internal Task<(Client Client, string Secret)> AddBank(bool isPublic = false, Action<Client>? change = null) =>
        AddClient([Grant, GrantTypes.RefreshToken], redirectUris: [], isPublic: isPublic, change: client =>
        {
            client.Name = "Bank";
            change?.Invoke(client);
        });

    internal Task<HttpResponseMessage> Ask(Client client, string? secret, params (string Name, string Value)[] fields)
    {
        (string Name, string Value)[] all = [.. new[] { ("scope", "openid email") }.Where(field => fields.All(given => given.Name != field.Item1)), .. fields.Where(field => field.Value.Length > 0)];
        return secret is null
            ? Post(Site.Browser(), "/oauth/backchannel", [.. all, ("client_id", client.Id)])
            : PostAs(Site.Browser(), client.Id, secret, "/oauth/backchannel", all);
    }

    internal async Task<JsonElement> Asked(Client client, string secret, User user, params (string Name, string Value)[] fields)
    {
        var answer = await Ask(client, secret, [("login_hint", user.Email!), .. fields]);
        answer.StatusCode.ShouldBe(System.Net.HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(Ct));
        return await Json(answer);
    }

    internal Task<HttpResponseMessage> Poll(Client client, string secret, JsonElement asked) =>
        Token(client, secret, ("grant_type", Grant), ("auth_req_id", Text(asked, "auth_req_id")));

    /// <summary>Presses a button for the newest that waits.</summary>
    protected static async Task<HttpResponseMessage> Decide(HttpClient browser, bool allows = true) =>
        await Press(browser, await browser.GetStringAsync("/account/approvals", Ct), allows);

    protected static Task<HttpResponseMessage> Press(HttpClient browser, string page, bool allows = true) =>
        Post(browser, $"/account/approvals?handler={(allows ? "Allow" : "Deny")}", ("__RequestVerificationToken", AntiforgeryToken(page)), ("id", IdField().Match(page).Groups[1].Value));

    [GeneratedRegex("name=\"id\" value=\"([^\"]+)\"")]
    private static partial Regex IdField();
}
