using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Hosting;

namespace Signet.Tests.Peers;

/// <summary>The OpenID provider of provider.mjs, running beside the tests.</summary>
internal sealed class Peer : IAsyncDisposable
{
    private static readonly string Folder = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../tests/Peers"));
    private readonly Process process;
    private readonly HttpClient control;

    private Peer(Process process, Uri issuer)
    {
        this.process = process;
        control = new HttpClient { BaseAddress = new Uri(issuer, "/control/") };
        Issuer = issuer;
    }

    public Uri Issuer { get; }

    public static async Task<Peer> Start(string redirectUri)
    {
        var process = Process.Start(new ProcessStartInfo("node", ["provider.mjs"])
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true, // it ends when this closes
            RedirectStandardOutput = true,
            Environment = { ["PEER_REDIRECT_URI"] = redirectUri },
        })!;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("listening ", StringComparison.Ordinal))
                return new Peer(process, new Uri(line["listening ".Length..]));
        }

        throw new InvalidOperationException($"The peer did not start. Run `npm ci` in {Folder}, or ./test.sh, which does.");
    }

    public void Configure(IWebHostBuilder builder)
    {
        builder.UseSetting("ExternalProviders:0:Name", "Peer");
        builder.UseSetting("ExternalProviders:0:Authority", Issuer.GetLeftPart(UriPartial.Authority));
        builder.UseSetting("ExternalProviders:0:ClientId", "signet");
        builder.UseSetting("ExternalProviders:0:ClientSecret", "peer-secret");
    }

    public async Task Reset() => (await control.PostAsync("reset", null)).EnsureSuccessStatusCode();

    public async Task AddAccount(string subject, string? email, bool? isVerified = true, string? name = "Grace Example") =>
        (await control.PutAsJsonAsync($"accounts/{subject}", new { email, email_verified = isVerified, name })).EnsureSuccessStatusCode();

    public async Task Misbehave(string mode) => (await control.PutAsJsonAsync("misbehave", new { mode })).EnsureSuccessStatusCode();

    /// <summary>Signs in at the provider with a browser of its own; returns the address that it sends the browser back to.</summary>
    public static async Task<Uri> SignIn(Uri authorization, string subject)
    {
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        var next = authorization;
        for (var hops = 0; hops < 10; hops++)
        {
            using var answer = await http.GetAsync(next);
            if (answer.StatusCode == HttpStatusCode.OK) // the form
            {
                using var form = new FormUrlEncodedContent([KeyValuePair.Create("login", subject)]);
                using var posted = await http.PostAsync(next, form);
                next = new Uri(next, posted.Headers.Location ?? throw new InvalidOperationException(await posted.Content.ReadAsStringAsync()));
            }
            else
            {
                next = new Uri(next, answer.Headers.Location ?? throw new InvalidOperationException(await answer.Content.ReadAsStringAsync()));
            }

            if (next.Authority != authorization.Authority)
                return next;
        }

        throw new InvalidOperationException($"The provider leads nowhere: {next}");
    }

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        process.Dispose();
        control.Dispose();
    }
}
