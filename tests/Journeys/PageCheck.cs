using Microsoft.Playwright;

namespace Signet.Tests.Journeys;

/// <summary>What every page must be, looked at on a desk and on phones, in light and in dark. Screenshots go to artifacts/screenshots.</summary>
internal static class PageCheck
{
    private const string WhatIsWrong = """
        () => [
          document.documentElement.scrollWidth > innerWidth && `is ${document.documentElement.scrollWidth} wide`,
          document.querySelectorAll("h1").length !== 1 && `has ${document.querySelectorAll("h1").length} h1`,
          document.querySelectorAll("main").length !== 1 && "has not one main",
          !document.title.replace("– Signet", "").trim() && "has no title",
          !document.documentElement.lang && "has no language",
          ...[...document.querySelectorAll("input:not([type=hidden]), select, textarea")]
            .filter(field => !field.labels.length && !field.ariaLabel && !field.hasAttribute("aria-labelledby"))
            .map(field => `has no label for ${field.outerHTML.slice(0, 80)}`),
          ...[...document.querySelectorAll("button, a[href]")]
            .filter(control => !control.textContent.trim() && !control.ariaLabel)
            .map(control => `has no name for ${control.outerHTML.slice(0, 80)}`),
          ...[...document.querySelectorAll("[id]")].map(element => element.id)
            .filter((id, index, all) => all.indexOf(id) !== index).map(id => `has #${id} twice`),
        ].filter(Boolean)
        """;

    private static readonly string Screenshots = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../screenshots"));

    private static readonly int[] Widths = [1280, 390, 320];
    private static readonly ColorScheme[] Schemes = [ColorScheme.Light, ColorScheme.Dark];

    /// <summary>Looks at the page that is open; <paramref name="name"/> names its screenshots.</summary>
    public static async Task<List<string>> Look(IPage page, string name)
    {
        await page.WaitForLoadStateAsync(LoadState.DOMContentLoaded); // a click may have led here
        var problems = new List<string>();
        foreach (var width in Widths)
        {
            await page.SetViewportSizeAsync(width, 900);
            problems.AddRange((await page.EvaluateAsync<string[]>(WhatIsWrong)).Select(problem => $"{name} ({width}) {problem}"));
            foreach (var scheme in Schemes)
            {
                await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = scheme });
                var path = Path.Combine(Screenshots, $"{name}-{width}-{scheme.ToString().ToLowerInvariant()}.png");
                await page.ScreenshotAsync(new PageScreenshotOptions { Path = path, FullPage = true });
            }
        }

        return problems;
    }
}
