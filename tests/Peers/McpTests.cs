using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.Identity;
using Signet.Tests.Journeys;
using Signet.Tests.Samples;

namespace Signet.Tests.Peers;

/// <summary>The product on a real port, where apps that nobody registered are served.</summary>
public sealed class OpenLiveSite : LiveSite
{
    public OutsideServer Outside { get; private set; } = null!;

    public override async ValueTask InitializeAsync()
    {
        Outside = await OutsideServer.Start();
        await base.InitializeAsync();
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        builder.UseSetting("Signet:Registration:Documents", "On");
        builder.UseSetting("Signet:Registration:Dynamic", "Open");
        builder.Reach(Outside);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Outside.DisposeAsync();
    }
}

/// <summary>The official MCP SDK (npm @modelcontextprotocol/sdk), unmodified, finds its way from the sample API's 401 to its notes (MCP authorization).</summary>
public sealed class McpTests(OpenLiveSite site) : SliceTest(site), IClassFixture<OpenLiveSite>
{
    private OpenLiveSite Live => (OpenLiveSite)Site;

    [Fact]
    public async Task An_MCP_client_with_a_document_needs_nothing_but_the_APIs_address()
    {
        var document = Live.Outside.Url("/mcp/client.json");
        Live.Outside.AnswerJson("/mcp/client.json", $$"""
            {"client_id":"{{document}}","client_name":"MCP client","redirect_uris":["http://127.0.0.1/callback"],
             "grant_types":["authorization_code","refresh_token"],"response_types":["code"],"token_endpoint_auth_method":"none"}
            """);

        var got = await Journey(document, "MCP client wants to");

        got.GetProperty("client").GetString().ShouldBe(document);
        (await Site.InDatabase(db => db.Clients.SingleAsync(client => client.Origin == ClientOrigin.Document, Ct))).Id.ShouldBe(document);
    }

    [Fact]
    public async Task An_MCP_client_without_a_document_registers_itself()
    {
        var got = await Journey(null, "MCP client wants to");

        (await Site.InDatabase(db => db.Clients.SingleAsync(client => client.Origin == ClientOrigin.Dynamic, Ct))).Id.ShouldBe(got.GetProperty("client").GetString());
    }

    private async Task<JsonElement> Journey(string? document, string consent)
    {
        var address = new Uri($"http://localhost:{LiveSite.FreePort()}");
        var (_, credentials, _) = await AddApi($"{address}notes", "notes.read");
        await using var api = await Sample.Start("NotesApi", address, Live, ("Signet__Audience", $"{address}notes"), ("Signet__ClientId", credentials.Id));
        using var browser = new HandBrowser();
        browser.Keep(Live.Address, SessionAuthentication.Cookie, await AddSession(await AddUser()));
        using var client = Process.Start(new ProcessStartInfo("node", ["mcp.mjs"])
        {
            WorkingDirectory = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../tests/Peers")),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["NODE_EXTRA_CA_CERTS"] = Live.CertificateFile },
        })!;
        async Task<JsonElement> Said() => await client.StandardOutput.ReadLineAsync(Ct) is { } line ? JsonElement.Parse(line) : throw new InvalidOperationException(await client.StandardError.ReadToEndAsync(Ct));

        await client.StandardInput.WriteLineAsync(JsonSerializer.Serialize(new { api = $"{address}notes", document }));
        client.StandardInput.Close();
        (await browser.Open(new Uri((await Said()).GetProperty("authorize").GetString()!))).ShouldContain(consent);
        (await browser.Press("Allow")).ShouldContain("You may close this window.");
        var got = await Said();
        await client.WaitForExitAsync(Ct);

        got.GetProperty("refused").GetInt32().ShouldBe(401);
        got.GetProperty("results").EnumerateArray().Select(result => result.GetString()).ShouldBe(["REDIRECT", "AUTHORIZED", "AUTHORIZED"]);
        got.GetProperty("state").GetString().ShouldBe("state-of-this-client");
        got.GetProperty("scope").GetString().ShouldBe("notes.read");
        got.GetProperty("read").GetProperty("body").GetString()!.ShouldContain("Buy sealing wax");
        got.GetProperty("renewed").GetBoolean().ShouldBeTrue();
        got.GetProperty("again").GetInt32().ShouldBe(200);
        return got;
    }
}
