using System.Net;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Playwright;
using OtpNet;

namespace Signet.Tests.Journeys;

/// <summary>The main job in a browser, from a new account to a token that is refused.</summary>
public sealed class StoryTests(LiveSite site, Chromium chromium) : SliceTest(site), IClassFixture<LiveSite>, IClassFixture<Chromium>
{
    private const string Audience = "https://api.test/notes";
    private const string Email = "ada@example.test";
    private new const string Password = "violet tractor under seven moons";

    private readonly HttpClient http = new(new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator });

    private LiveSite Live => (LiveSite)Site;

    [Fact]
    public async Task Someone_signs_up_with_two_steps_registers_an_app_uses_its_token_and_revokes_it()
    {
        var (_, api, apiSecret) = await AddApi(Audience, "notes.read");
        await using var notes = await StartApi(api.Id, apiSecret);
        await using var window = await chromium.Open(Live.Address);
        var page = await window.NewPageAsync();

        await SignUp(page);
        var key = await Enrol(page);
        await SignOut(page);
        await SignIn(page, key);
        var (clientId, secret) = await RegisterApp(page, $"{notes.Urls.Single()}/cb");
        var token = await Authorize(page, clientId, secret, $"{notes.Urls.Single()}/cb");

        (await Call(notes, token)).ShouldBe(HttpStatusCode.OK);
        await page.GotoAsync("/account/apps");
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^End") }).ClickAsync();
        await Assertions.Expect(page.GetByText("No app has access")).ToHaveCountAsync(1);
        (await Call(notes, token)).ShouldBe(HttpStatusCode.Unauthorized);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        http.Dispose();
    }

    private static async Task SignUp(IPage page)
    {
        await page.GotoAsync("/signup");
        await page.GetByLabel("Name").FillAsync("Ada Example");
        await page.GetByLabel("E-mail address").FillAsync(Email);
        await page.GetByLabel("Password").FillAsync(Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign up" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Menu of Ada Example" }).WaitForAsync();
    }

    private static async Task<byte[]> Enrol(IPage page)
    {
        await page.GotoAsync("/account/two-factor");
        var key = Base32Encoding.ToBytes((await page.Locator("code.secret").First.InnerTextAsync()).Replace(" ", "", StringComparison.Ordinal));
        await page.Locator("input[autocomplete=one-time-code]").FillAsync(new Totp(key).ComputeTotp());
        await page.GetByRole(AriaRole.Button, new() { Name = "Turn on" }).ClickAsync();
        await Assertions.Expect(page.Locator("ol.secret li")).ToHaveCountAsync(10);
        return key;
    }

    private static async Task SignOut(IPage page)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Menu of Ada Example" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await page.GotoAsync("/account");
        new Uri(page.Url).AbsolutePath.ShouldBe("/login");
    }

    private static async Task SignIn(IPage page, byte[] key)
    {
        await page.Locator("input[autocomplete=username]").FillAsync(Email);
        await page.Locator("input[autocomplete=current-password]").FillAsync(Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        // The code of this half minute was used to enrol, and each is taken once; the next one is within the window.
        await page.Locator("input[autocomplete=one-time-code]").FillAsync(new Totp(key).ComputeTotp(DateTime.UtcNow.AddSeconds(30)));
        await page.GetByRole(AriaRole.Button, new() { Name = "Continue", Exact = true }).ClickAsync();
        await page.WaitForURLAsync("**/account");
    }

    private static async Task<(string Id, string Secret)> RegisterApp(IPage page, string redirectUri)
    {
        await page.GotoAsync("/apps/new");
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Name", Exact = true }).FillAsync("Notes for Ada");
        await page.GetByRole(AriaRole.Radio, new() { Name = "Web app" }).CheckAsync();
        await page.GetByLabel("Redirect URIs").FillAsync(redirectUri);
        await page.Locator("input[type=checkbox][value='notes.read']").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Register" }).ClickAsync();
        return (await page.Locator(".page-title + .text-secondary code").InnerTextAsync(), await page.Locator("#client-secret").InnerTextAsync());
    }

    private async Task<string> Authorize(IPage page, string clientId, string secret, string redirectUri)
    {
        var verifier = WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(32));
        var challenge = WebEncoders.Base64UrlEncode(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(verifier)));
        await page.GotoAsync(QueryHelpers.AddQueryString("/oauth/authorize", new Dictionary<string, string?>
        {
            ["client_id"] = clientId,
            ["response_type"] = "code",
            ["redirect_uri"] = redirectUri,
            ["scope"] = "notes.read",
            ["resource"] = Audience,
            ["state"] = "s1",
            ["code_challenge"] = challenge,
            ["code_challenge_method"] = "S256",
        }));
        await page.GetByRole(AriaRole.Button, new() { Name = "Allow" }).ClickAsync();
        await page.WaitForURLAsync($"{redirectUri}?*");
        var answer = QueryHelpers.ParseQuery(new Uri(page.Url).Query);
        answer["state"].ToString().ShouldBe("s1");

        var tokens = await Json(await PostAs(http, clientId, secret, "/oauth/token",
            ("grant_type", "authorization_code"), ("code", answer["code"].ToString()), ("redirect_uri", redirectUri), ("code_verifier", verifier)));
        return tokens.GetProperty("access_token").GetString()!;
    }

    /// <summary>An API that asks Signet about each token, and the page that the app's people come back to.</summary>
    private async Task<WebApplication> StartApi(string id, string secret)
    {
        http.BaseAddress = Live.Address;
        var app = WebApplication.CreateSlimBuilder().Build();
        app.Urls.Add($"http://localhost:{LiveSite.FreePort()}");
        app.MapGet("/cb", () => "Signed in");
        app.MapGet("/notes", async (HttpRequest request) =>
        {
            var token = request.Headers.Authorization.ToString()["Bearer ".Length..];
            var about = await Json(await PostAs(http, id, secret, "/oauth/introspect", ("token", token)));
            return about.GetProperty("active").GetBoolean() ? Results.Ok() : Results.Unauthorized();
        });
        await app.StartAsync(Ct);
        return app;
    }

    private static async Task<HttpStatusCode> Call(WebApplication api, string token)
    {
        using var client = new HttpClient { BaseAddress = new Uri(api.Urls.Single()) };
        client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return (await client.GetAsync("/notes", Ct)).StatusCode;
    }
}
