using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Signet.Infrastructure.Data;

namespace Signet.Tests.Attacks;

/// <summary>No address of ours leads anywhere else, whatever stands in it (RFC 9700 §4.11).</summary>
public sealed partial class OpenRedirectTests(PostgresSite site) : PeopleTest(site)
{
    private readonly WebApplicationFactory<Program> strict = site.WithWebHostBuilder(builder => builder.UseSetting("Signet:RequireTwoFactor", "Everyone"));

    private static readonly string[] Names = ["returnUrl", "ReturnUrl", "url", "next", "redirect", "redirect_uri", "redir", "goto", "target_link_uri", "post_logout_redirect_uri", "RelayState", "iss", "login_hint"];

    public static TheoryData<string> Doors => ["/login", "/signup", "/login/confirm", "/login/2fa", "/login/2fa/enrol"];

    [Fact]
    public async Task Every_page_and_endpoint_stays_here()
    {
        var paths = Site.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Select(endpoint => "/" + endpoint.RoutePattern.RawText!.TrimStart('/')).Where(path => !path.Contains('*') && !path.EndsWith(".gz", StringComparison.Ordinal)).Distinct()
            .Select(path => RouteParameter().Replace(path, Guid.Empty.ToString())).ToArray();
        paths.Length.ShouldBeGreaterThan(50);
        var browsers = new[] { Site.Browser(), await SignedIn(await AddUser()), await SignedIn(await AddUser(isAdmin: true)) };
        string[] evil = ["https://evil.test/", "//evil.test", "/\\evil.test"];
        foreach (var path in paths)
        {
            foreach (var browser in browsers)
            {
                var query = string.Join('&', Names.Select((name, i) => $"{name}={Uri.EscapeDataString(evil[i % evil.Length])}"));
                ShouldStay(await browser.GetAsync($"{path}?{query}", Ct), path);
            }

            ShouldStay(await browsers[1].GetAsync($"{Site.Issuer}//evil.test{path}", Ct), path);
            ShouldStay(await browsers[1].GetAsync($"{Site.Issuer}{path}//evil.test/%2e%2e", Ct), path);
        }
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task Nobody_comes_out_of_a_door_somewhere_else(string door)
    {
        foreach (var address in Addresses.ThatLeadAway.Where((_, i) => i % 61 == door.Length % 61))
        {
            await Site.InDatabase(db => db.Users.ExecuteDeleteAsync(Ct));
            if (await Leave(door, address) is not { } location)
            {
                address.ShouldContain('\0'); // refused altogether
                continue;
            }

            Addresses.StaysWithUs(location).ShouldBeTrue($"{address} leads to {location}");
            location.ShouldAllBe(character => character > ' ' && character <= '~', address);
        }
    }

    [Fact]
    public async Task A_way_back_here_is_taken()
    {
        var user = await AddUser();

        (await Login(Site.Browser(), user.Email!, returnUrl: "/account/apps?page=2")).Headers.Location!.ToString().ShouldBe("/account/apps?page=2");
        foreach (var away in new[] { "//evil.test", "/\\evil.test", "\\\\evil.test", "\t//evil.test", "/\t/evil.test", "https://evil.test", "javascript:alert(1)", "evil.test" })
            Addresses.StaysWithUs(away).ShouldBeFalse(away); // the judge of these tests sees what a browser sees
    }

    [Theory] // there is no address to go to after signing out, whoever asks
    [InlineData("post_logout_redirect_uri")]
    [InlineData("returnUrl")]
    [InlineData("redirect_uri")]
    public async Task Signing_out_leads_nowhere_else(string name)
    {
        var browser = await SignIn(await AddUser());

        var page = await Page(browser, $"/logout?{name}=https%3A%2F%2Fevil.test%2F");
        var answer = await Submit(browser, $"/logout?{name}=https%3A%2F%2Fevil.test%2F", (name, "https://evil.test/"));

        page.ShouldNotContain("evil.test");
        Addresses.StaysWithUs(answer.Headers.Location!.OriginalString).ShouldBeTrue();
        answer.Headers.Location.OriginalString.ShouldNotContain("evil.test");
    }

    /// <summary>Goes through a door with this way back; returns where it leads, or null for one that does not open.</summary>
    private async Task<string?> Leave(string door, string returnUrl)
    {
        var url = $"{door}?returnUrl={Uri.EscapeDataString(returnUrl)}";
        if (returnUrl.Contains('\0'))
        {
            (await Site.Browser().GetAsync(url, Ct)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
            return null;
        }

        if (door == "/signup")
            return LocationOf(await Submit(Site.Browser(), url, ("Input.Name", "Ada"), ("Input.Email", $"{Guid.NewGuid():N}@example.test"), ("Input.Password", Password)));
        var user = await AddUser();
        switch (door)
        {
            case "/login":
                return LocationOf(await Login(Site.Browser(), user.Email!, returnUrl: returnUrl));
            case "/login/confirm":
                return LocationOf(await Submit(await SignedIn(user), url, ("Input.Password", Password)));
            case "/login/2fa":
                var (secret, _) = await Enrol(await SignedIn(user));
                var waiting = Site.Browser();
                Addresses.StaysWithUs(LocationOf(await Login(waiting, user.Email!, returnUrl: returnUrl))).ShouldBeTrue();
                return LocationOf(await Submit(waiting, url, ("Input.Code", NextCode(secret))));
            default:
                return await EnrolOnTheWay(user, url);
        }
    }

    private async Task<string> EnrolOnTheWay(User user, string url)
    {
        var browser = strict.CreateClient(new WebApplicationFactoryClientOptions { BaseAddress = new Uri(Site.Issuer), AllowAutoRedirect = false });
        await Login(browser, user.Email!);
        var page = await Page(browser, url);
        var answer = await Post(browser, url, ("__RequestVerificationToken", AntiforgeryToken(page)), ("Input.Offer", Offer(page)), ("Input.Code", NextCode(KeyOf(page))));
        return WebUtility.HtmlDecode(WayOn().Match(await answer.Content.ReadAsStringAsync(Ct)).Groups[1].Value);
    }

    private static string LocationOf(HttpResponseMessage response)
    {
        response.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        return response.Headers.GetValues("Location").Single();
    }

    private static void ShouldStay(HttpResponseMessage response, string path)
    {
        ((int)response.StatusCode).ShouldBeLessThan(500, path);
        response.Headers.Contains("Refresh").ShouldBeFalse(path);
        if (response.Headers.TryGetValues("Location", out var locations))
            Addresses.StaysWithUs(locations.Single()).ShouldBeTrue($"{path} leads to {locations.Single()}");
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await strict.DisposeAsync();
    }

    [GeneratedRegex("href=\"([^\"]+)\">I have kept them")]
    private static partial Regex WayOn();

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex RouteParameter();
}
