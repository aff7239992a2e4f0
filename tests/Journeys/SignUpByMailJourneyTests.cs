using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Signet.Tests.Journeys;

/// <summary>Signing up by a mail in a browser, and how its pages look.</summary>
public sealed partial class SignUpByMailJourneyTests(LiveSiteWithMail site, Chromium chromium)
    : SliceTest(site), IClassFixture<LiveSiteWithMail>, IClassFixture<Chromium>
{
    private const string Email = "grace.brewster.murray.hopper.of.the.united.states.navy@example.test";

    [Fact]
    public async Task Someone_asks_for_an_account_opens_the_link_in_the_mail_and_chooses_a_password()
    {
        await using var window = await chromium.Open(site.Address);
        var page = await window.NewPageAsync();
        var problems = new List<string>();

        await page.GotoAsync("/signup");
        problems.AddRange(await PageCheck.Look(page, "signup-by-mail"));
        (await page.GetByLabel("Password").CountAsync()).ShouldBe(0);
        await page.GetByLabel("E-mail address").FillAsync(Email);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign up" }).ClickAsync();
        await page.GetByText("We sent a mail to").WaitForAsync();
        problems.AddRange(await PageCheck.Look(page, "signup-mailed"));

        var link = Link().Match((await site.Mailbox!.Next()).Text).Value;
        await page.GotoAsync(link);
        problems.AddRange(await PageCheck.Look(page, "signup-confirm-form"));
        await page.GetByLabel("Name").FillAsync("Grace Hopper");
        await page.GetByLabel("Password").FillAsync(Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Make the account" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Menu of Grace Hopper" }).WaitForAsync();

        await page.GotoAsync(link);
        problems.AddRange(await PageCheck.Look(page, "signup-confirm-used"));
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign in" }).ClickAsync();
        (await page.GetByLabel("E-mail address").InputValueAsync()).ShouldBe(Email);
        await page.GotoAsync(link[..^4]);
        problems.AddRange(await PageCheck.Look(page, "signup-confirm-dead"));
        problems.ShouldBeEmpty();
    }

    [GeneratedRegex(@"https://localhost:\d+/signup/confirm\?code=\S+")]
    private static partial Regex Link();
}

/// <summary>The live site with a mail server.</summary>
public sealed class LiveSiteWithMail : LiveSite
{
    public LiveSiteWithMail() => Mailbox = new Mailbox();
}
