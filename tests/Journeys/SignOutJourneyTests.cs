using Microsoft.Playwright;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.Identity;

namespace Signet.Tests.Journeys;

/// <summary>An app sends a person to sign out, in a browser: the question, the app's own page in a frame, and the way back.</summary>
public sealed class SignOutJourneyTests(LiveSite site, Chromium chromium) : FlowTest(site), IClassFixture<LiveSite>, IClassFixture<Chromium>
{
    private readonly LiveSite live = site;

    [Theory]
    [InlineData(true)]
    [InlineData(false)] // by the Refresh header
    public async Task Someone_is_asked_signed_out_of_the_app_in_a_frame_and_led_back(bool hasScript)
    {
        await using var outside = await OutsideServer.Start();
        var bye = new TaskCompletionSource();
        outside.Answer("/bye", _ =>
        {
            bye.TrySetResult();
            return Task.CompletedTask;
        });
        outside.Answer("/after", http => bye.Task.WaitAsync(http.RequestAborted)); // however late the frame was: the way back does not wait for it
        var (client, session) = await AppInSession(outside);
        await using var window = await chromium.Open(live.Address);
        await using var bare = await window.Browser!.NewContextAsync(new() { BaseURL = live.Address.ToString(), IgnoreHTTPSErrors = true, JavaScriptEnabled = hasScript });
        await bare.AddCookiesAsync([new Cookie { Name = SessionAuthentication.Cookie, Value = session, Url = live.Address.ToString(), Secure = true }]);
        var page = await bare.NewPageAsync();
        var problems = new List<string>();
        page.Console += (_, message) => problems.AddRange(message.Type is "error" ? [message.Text] : Array.Empty<string>());

        await page.GotoAsync($"/oauth/logout?client_id={client.Id}&post_logout_redirect_uri={Uri.EscapeDataString(outside.Url("/after"))}&state=x");
        (await page.GetByRole(AriaRole.Heading).First.TextContentAsync()).ShouldBe("Sign out?");
        if (hasScript)
            (await PageCheck.Look(page, "logout-asked")).ShouldBeEmpty();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await page.WaitForURLAsync("**/after?state=x");

        var seen = outside.Requests.Select(request => request.Path).Where(path => path is "/bye" or "/after").ToArray();
        seen.ShouldBe(["/bye", "/after"], ignoreOrder: true);
        await page.GotoAsync("/oauth/logout?post_logout_redirect_uri=https%3A%2F%2Fevil.test%2F");
        if (hasScript)
            (await PageCheck.Look(page, "logout-stays")).ShouldBeEmpty();
        problems.Where(problem => problem.Contains("Content Security Policy", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_page_in_between_is_fit_to_be_seen_while_an_app_hangs_and_leads_on_without_it()
    {
        await using var outside = await OutsideServer.Start();
        var hangs = new TaskCompletionSource();
        outside.Answer("/bye", http => hangs.Task.WaitAsync(http.RequestAborted));
        var arrives = new TaskCompletionSource();
        outside.Answer("/after", _ => arrives.Task);
        var (client, session) = await AppInSession(outside);
        await using var window = await chromium.Open(live.Address);
        await window.AddCookiesAsync([new Cookie { Name = SessionAuthentication.Cookie, Value = session, Url = live.Address.ToString(), Secure = true }]);
        var page = await window.NewPageAsync();

        await page.GotoAsync($"/oauth/logout?client_id={client.Id}&post_logout_redirect_uri={Uri.EscapeDataString(outside.Url("/after"))}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await page.GetByText("You are signed out").WaitForAsync();
        await page.GetByText("Go on now").WaitForAsync();
        (await PageCheck.Look(page, "logout-leads-on")).ShouldBeEmpty(); // it stays while the app's answer is awaited
        arrives.SetResult();
        await page.WaitForURLAsync("**/after");
        hangs.SetResult();
    }

    private async Task<(Client Client, string Session)> AppInSession(OutsideServer outside)
    {
        var (client, secret) = await AddClient(redirectUris: [outside.Url("/cb")], skipsConsent: true, change: app =>
        {
            app.PostLogoutRedirectUris = [outside.Url("/after")];
            app.Settings = new ClientSettings { FrontchannelLogoutUri = outside.Url("/bye"), FrontchannelLogoutSessionRequired = true };
        });
        var session = await AddSession(await AddUser());
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, ServerCertificateCustomValidationCallback = (_, _, _, _) => true }) { BaseAddress = live.Address };
        browser.DefaultRequestHeaders.Add("Cookie", $"{SessionAuthentication.Cookie}={session}");
        var code = (await Authorize(browser, client))["code"];
        (await PostAs(browser, client.Id, secret, "/oauth/token", ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", client.RedirectUris[0]), ("code_verifier", Verifier)))
            .StatusCode.ShouldBe(System.Net.HttpStatusCode.OK);
        return (client, session);
    }
}
