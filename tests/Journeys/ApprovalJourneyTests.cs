using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.Identity;
using Signet.Infrastructure.OAuth;

namespace Signet.Tests.Journeys;

/// <summary>A person decides in the browser on what a device and an app elsewhere ask.</summary>
public sealed class ApprovalJourneyTests(LiveSite site, Chromium chromium) : SliceTest(site), IClassFixture<LiveSite>, IClassFixture<Chromium>
{
    [Fact]
    public async Task Types_in_the_code_of_a_device_and_allows_it_and_denies_a_request_of_a_bank()
    {
        var user = await AddUser("ada@example.test");
        await AddApi();
        await Wait("Living room TV", GrantTypes.DeviceCode, pending: (client, now) => Pending(client, now, null, UserCode.Hash("WDJBMJHT"), null));
        await Wait("Example Bank", GrantTypes.Ciba, pending: (client, now) => Pending(client, now, user.Id, null, "Pay 20 to Bob – W4SCT"));
        await using var context = await chromium.Open(((LiveSite)Site).Address);
        await context.AddCookiesAsync([new Cookie { Name = SessionAuthentication.Cookie, Value = await AddSession(user), Url = ((LiveSite)Site).Address.ToString(), Secure = true }]);
        var page = await context.NewPageAsync();
        var problems = new List<string>();

        await page.GotoAsync("/device");
        await page.GetByLabel("Code").FillAsync("bbbb bbbb");
        await page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
        await Assertions.Expect(page.GetByText("This code is not known")).ToBeVisibleAsync();
        problems.AddRange(await PageCheck.Look(page, "device-unknown"));
        await page.GetByLabel("Code").FillAsync("wdjb mjht");
        await page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
        await Assertions.Expect(page.GetByText("WDJB-MJHT")).ToBeVisibleAsync();
        problems.AddRange(await PageCheck.Look(page, "device-asks"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Allow" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Go back to your device")).ToBeVisibleAsync();
        new Uri(page.Url).PathAndQuery.ShouldBe("/device");
        problems.AddRange(await PageCheck.Look(page, "device-allowed"));

        await page.GotoAsync("/account/approvals");
        problems.AddRange(await PageCheck.Look(page, "approvals"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Deny Example Bank" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Nothing waits for you")).ToBeVisibleAsync();

        problems.ShouldBeEmpty();
        (await Site.InDatabase(db => db.PendingAuthorizations.OrderBy(row => row.GrantType).Select(row => row.Status).ToArrayAsync(Ct))).ShouldBe([PendingStatus.Approved, PendingStatus.Denied]);
    }

    private async Task Wait(string name, string grant, Func<Client, DateTimeOffset, PendingAuthorization> pending)
    {
        var (client, _) = await AddClient([grant], redirectUris: [], scopes: ["openid", "email", "offline_access", "notes.read"], change: client => client.Name = name);
        await Site.InDatabase(db =>
        {
            db.Add(pending(client, Site.Clock.GetUtcNow()));
            return db.SaveChangesAsync(Ct);
        });
    }

    private static PendingAuthorization Pending(Client client, DateTimeOffset now, Guid? userId, byte[]? userCode, string? message) => new()
    {
        Id = Guid.CreateVersion7(now),
        Hash = OpaqueValue.New(OpaqueValue.DeviceCode).Hash(),
        UserCodeHash = userCode,
        GrantType = client.GrantTypes[0],
        ClientId = client.Id,
        UserId = userId,
        Scopes = ["openid", "email", "offline_access", "notes.read"],
        Audiences = [PostgresSite.Issuer, "https://api.test/notes"],
        BindingMessage = message,
        Interval = 5,
        NextPollAt = now,
        IpAddress = "203.0.113.9",
        UserAgent = "Mozilla/5.0 (Linux; Android 12; BRAVIA 4K) AppleWebKit/537.36",
        CreatedAt = now,
        ExpiresAt = now.AddMinutes(10),
    };
}
