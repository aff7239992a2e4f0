using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.Identity;

namespace Signet.Tests.Journeys;

/// <summary>Every page there is, on a phone and on a desk, in light and in dark. Screenshots go to artifacts/screenshots.</summary>
public sealed partial class EveryPageTests(LiveSite site, Chromium chromium) : SliceTest(site), IClassFixture<LiveSite>, IClassFixture<Chromium>
{
    [Fact]
    public async Task Fits_has_one_heading_and_a_label_for_each_field_and_breaks_no_policy()
    {
        var admin = await AddUser("ada@example.test", isAdmin: true);
        var (api, client, _) = await AddApi();
        await using var stranger = await chromium.Open(Live.Address);
        await using var member = await chromium.Open(Live.Address);
        await member.AddCookiesAsync([new Cookie { Name = SessionAuthentication.Cookie, Value = await AddSession(admin), Url = Live.Address.ToString(), Secure = true }]);

        var problems = new List<string>();
        problems.AddRange(await Walk(stranger, "stranger", Paths(isPublic: true, admin.Id, client.Id, api.Id)));
        problems.AddRange(await Walk(member, "member", Paths(isPublic: false, admin.Id, client.Id, api.Id)));
        problems.AddRange(await Walk(member, "self-registered", await PathsOfSelfRegistered()));

        problems.ShouldBeEmpty();
    }

    /// <summary>What is there of apps that registered themselves: one that nobody has verified, one with a picture, and a token for more.</summary>
    private async Task<string[]> PathsOfSelfRegistered()
    {
        var (unverified, _) = await AddClient(change: app => app.Registration = new());
        var (verified, _) = await AddClient(change: app => (app.Registration, app.VerifiedAt) = (new("partner portal"), Site.Clock.GetUtcNow()));
        await Site.InDatabase(async db =>
        {
            await db.Clients.Where(app => app.Id == unverified.Id || app.Id == verified.Id).ExecuteUpdateAsync(set => set.SetProperty(app => app.Origin, ClientOrigin.Dynamic), Ct);
            db.Add(new ClientLogo { ClientId = verified.Id, Uri = "https://app.test/logo.png", MediaType = "image/png", Picture = Convert.FromBase64String(Dot) });
            db.Add(new Token
            {
                Id = Guid.CreateVersion7(),
                Hash = new byte[32],
                Kind = TokenKind.Registration,
                Name = "partner portal",
                Scopes = ["openid", "notes.read"],
                Audiences = [],
                Epoch = 0,
                MostUses = 10,
                Uses = 3,
                CreatedAt = Site.Clock.GetUtcNow(),
                ExpiresAt = Site.Clock.GetUtcNow().AddDays(7),
            });
            return await db.SaveChangesAsync(Ct);
        });
        return ["/apps/registration-tokens", "/admin/apps", .. new[] { unverified.Id, verified.Id }.SelectMany(id => new[] { $"/apps/{id}", $"/admin/apps/{id}/verify" })];
    }

    /// <summary>A PNG of one blue pixel.</summary>
    private const string Dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPj/HwADBwIAMCbHYQAAAABJRU5ErkJggg==";

    private LiveSite Live => (LiveSite)Site;

    private static async Task<List<string>> Walk(IBrowserContext context, string who, IEnumerable<string> paths)
    {
        var problems = new List<string>();
        var page = await context.NewPageAsync();
        page.Console += (_, message) =>
        {
            // That a page itself is refused is its business; what it loads is not.
            if (message.Type is "error" && !message.Location.StartsWith(page.Url, StringComparison.Ordinal))
                problems.Add($"{page.Url} ({who}) {message.Text}");
        };
        page.PageError += (_, error) => problems.Add($"{page.Url} ({who}) {error}");
        foreach (var path in paths)
        {
            await page.GotoAsync(path);
            if (new Uri(page.Url).AbsolutePath != path) // led elsewhere, and that page is walked for itself
                continue;
            problems.AddRange(await PageCheck.Look(page, Name(path, who)));
        }

        return problems;
    }

    private static string Name(string path, string who) =>
        $"{(path.Trim('/') is { Length: > 0 } text ? text.Replace('/', '-') : "home")}-{who}";

    /// <summary>The URLs of all Razor pages; one with an id gets that of something that exists.</summary>
    private IEnumerable<string> Paths(bool isPublic, Guid userId, string clientId, Guid apiId)
    {
        var templates = Site.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<PageActionDescriptor>() is not null)
            .Where(endpoint => !isPublic || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null)
            .Select(endpoint => "/" + endpoint.RoutePattern.RawText!.Trim('/')).Distinct().Order(StringComparer.Ordinal).ToArray();
        templates.ShouldNotBeEmpty();
        foreach (var template in templates)
        {
            var id = template.Contains("/users/", StringComparison.Ordinal) ? userId.ToString()
                : template.Contains("/apis/", StringComparison.Ordinal) ? apiId.ToString()
                : clientId;
            yield return RouteParameter().Replace(template, id);
        }
    }

    [GeneratedRegex(@"\{[^}]+\}", RegexOptions.NonBacktracking)]
    private static partial Regex RouteParameter();
}
