using Microsoft.Playwright;

namespace Signet.Tests.Journeys;

/// <summary>The system's Chromium, driven by Playwright; <c>SIGNET_TEST_CHROMIUM</c> names another one.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private IPlaywright? playwright;
    private IBrowser? browser;

    public async ValueTask InitializeAsync()
    {
        playwright = await Playwright.CreateAsync();
        Assertions.SetDefaultExpectTimeout(30_000); // as long as the rest of Playwright waits: a loaded machine is slow
        browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Environment.GetEnvironmentVariable("SIGNET_TEST_CHROMIUM") ?? "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        });
    }

    /// <summary>A window with cookies of its own.</summary>
    public Task<IBrowserContext> Open(Uri address, int width = 1280, ColorScheme scheme = ColorScheme.Light) => browser!.NewContextAsync(new BrowserNewContextOptions
    {
        BaseURL = address.ToString(),
        IgnoreHTTPSErrors = true,
        ColorScheme = scheme,
        ViewportSize = new ViewportSize { Width = width, Height = 900 },
        ReducedMotion = ReducedMotion.Reduce,
    });

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
            await browser.DisposeAsync();
        playwright?.Dispose();
    }
}
