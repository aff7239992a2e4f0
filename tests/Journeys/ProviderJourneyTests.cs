using Microsoft.AspNetCore.Hosting;
using Microsoft.Playwright;
using Signet.Tests.Peers;

namespace Signet.Tests.Journeys;

/// <summary>Sign-in at another provider in a browser, which holds each page to its policy.</summary>
public sealed class ProviderJourneyTests(ProviderJourneyTests.LivePeerSite site, Chromium chromium) : SliceTest(site), IClassFixture<ProviderJourneyTests.LivePeerSite>, IClassFixture<Chromium>
{
    [Fact]
    public async Task Someone_signs_in_at_another_provider_and_comes_back()
    {
        var live = (LivePeerSite)Site;
        await live.Peer.Reset();
        await live.Peer.AddAccount("grace", "grace@example.test");
        await using var window = await chromium.Open(live.Address);
        var page = await window.NewPageAsync();

        await page.GotoAsync("/login?returnUrl=%2Faccount%2Fsessions");
        await page.GetByRole(AriaRole.Button, new() { Name = "Continue with Peer" }).ClickAsync();
        await page.GetByLabel("Login").FillAsync("grace");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.WaitForURLAsync("**/account/sessions");

        (await page.GetByText("Grace Example").CountAsync()).ShouldBeGreaterThan(0);
    }

    /// <summary>The product on a real port, with a real provider.</summary>
    public sealed class LivePeerSite : LiveSite
    {
        internal Peer Peer { get; private set; } = null!;

        public override async ValueTask InitializeAsync()
        {
            Peer = await Peer.Start($"{Address.GetLeftPart(UriPartial.Authority)}/login/external/peer/callback");
            await base.InitializeAsync();
        }

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            Peer.Configure(builder);
        }

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            await Peer.DisposeAsync();
        }
    }
}
