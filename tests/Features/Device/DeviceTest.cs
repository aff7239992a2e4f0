using System.Text.Json;
using System.Text.RegularExpressions;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.Identity;
using Signet.Infrastructure.OAuth;

namespace Signet.Tests.Features.Device;

/// <summary>Verbs for a device that asks and a person who decides.</summary>
public abstract partial class DeviceTest(Site site) : FlowTest(site)
{
    internal const string Grant = GrantTypes.DeviceCode;

    /// <summary>An app for devices, public unless a secret is wanted.</summary>
    internal Task<(Client Client, string Secret)> AddDeviceApp(bool isPublic = true, string[]? scopes = null, Action<Client>? change = null) =>
        AddClient([Grant, GrantTypes.RefreshToken], redirectUris: [], scopes: scopes ?? ["openid", "email", "offline_access"], isPublic: isPublic, change: change);

    /// <summary>What the device is told to show.</summary>
    internal async Task<JsonElement> Ask(Client client, params (string Name, string Value)[] fields)
    {
        var answer = await Post(Site.Browser(), "/oauth/device", [("client_id", client.Id), .. fields]);
        answer.StatusCode.ShouldBe(System.Net.HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(Ct));
        return await Json(answer);
    }

    internal Task<HttpResponseMessage> Poll(Client client, JsonElement asked, string? secret = null, params (string Name, string Value)[] fields) =>
        Token(client, secret, [("grant_type", Grant), ("device_code", Text(asked, "device_code")), .. fields]);

    /// <summary>Types the code in and presses a button, as a browser without JavaScript would.</summary>
    protected static async Task<HttpResponseMessage> Decide(HttpClient browser, string userCode, bool allows = true)
    {
        var page = await (await Submit(browser, "/device", ("user_code", userCode))).Content.ReadAsStringAsync(Ct);
        return await Press(browser, page, allows);
    }

    protected static Task<HttpResponseMessage> Press(HttpClient browser, string page, bool allows = true) =>
        Post(browser, $"/device?handler={(allows ? "Allow" : "Deny")}", ("__RequestVerificationToken", AntiforgeryToken(page)), ("id", IdField().Match(page).Groups[1].Value));

    /// <summary>A browser with the user's session whose requests come from this address.</summary>
    internal async Task<HttpClient> SignedInAt(string address, User user)
    {
        var browser = Site.BrowserAt(address);
        browser.DefaultRequestHeaders.Add("Cookie", $"{SessionAuthentication.Cookie}={await AddSession(user)}");
        return browser;
    }

    [GeneratedRegex("name=\"id\" value=\"([^\"]+)\"")]
    private static partial Regex IdField();
}
