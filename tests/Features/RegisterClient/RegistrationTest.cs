using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.OAuth;

namespace Signet.Tests.Features.RegisterClient;

/// <summary>A node on which anybody may register apps, beside the site, where nobody may; on one database.</summary>
public sealed class OpenRegistration(PostgresSite site) : IAsyncLifetime
{
    private int callers;

    public OutsideServer Outside { get; private set; } = null!;

    public WebApplicationFactory<Program> Node { get; private set; } = null!;

    /// <summary>Makes the software statements that are believed.</summary>
    internal AppKey Voucher { get; } = new();

    public async ValueTask InitializeAsync()
    {
        Outside = await OutsideServer.Start();
        Node = site.WithWebHostBuilder(host =>
        {
            host.UseSetting("Signet:Registration:Dynamic", "Open");
            host.UseSetting("Signet:Registration:MostUnusedApps", "5");
            host.UseSetting("Signet:Registration:SoftwareStatements:0:Issuer", "https://vouch.test");
            host.UseSetting("Signet:Registration:SoftwareStatements:0:Jwks", Voucher.Jwks.GetRawText());
            host.Reach(Outside);
        });
    }

    /// <summary>A program somewhere; each has an address of its own.</summary>
    public HttpClient Program(string? token = null, string? address = null) => Program(Node, token, address ?? $"198.51.{Interlocked.Increment(ref callers) / 250}.{callers % 250}");

    public static HttpClient Program(WebApplicationFactory<Program> node, string? token, string address)
    {
        var http = new HttpClient(node.Server.CreateHandler(http => http.Connection.RemoteIpAddress = IPAddress.Parse(address))) { BaseAddress = new Uri(Site.Issuer) };
        if (token is not null)
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return http;
    }

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        await Outside.DisposeAsync();
    }
}

/// <summary>Verbs for apps that register themselves.</summary>
public abstract class RegistrationTest(PostgresSite site, OpenRegistration open) : FlowTest(site), IClassFixture<OpenRegistration>
{
    protected static readonly string[] Callback = [RedirectUri];

    protected OpenRegistration Open => open;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        open.Node.Services.GetRequiredService<ClientDirectory>().Forget();
    }

    protected Task<HttpResponseMessage> Register(object metadata, string? token = null) => Send(open.Program(token), HttpMethod.Post, "/oauth/register", metadata);

    /// <summary>What a registration that must succeed answers.</summary>
    protected async Task<JsonElement> Registered(object metadata, string? token = null)
    {
        var response = await Register(metadata, token);
        var body = await response.Content.ReadAsStringAsync(Ct);
        ((int)response.StatusCode).ShouldBe(201, body);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        response.Headers.CacheControl!.NoStore.ShouldBeTrue();
        return JsonElement.Parse(body);
    }

    /// <summary>A request to the address that the registration names, with the token that it gave.</summary>
    protected Task<HttpResponseMessage> Manage(JsonElement registration, HttpMethod method, object? metadata = null, string? token = null) =>
        Send(open.Program(token ?? Text(registration, "registration_access_token")), method, Text(registration, "registration_client_uri"), metadata);

    protected static async Task<HttpResponseMessage> Send(HttpClient http, HttpMethod method, string url, object? body)
    {
        using var request = new HttpRequestMessage(method, url);
        if (body is not null)
            request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        return await http.SendAsync(request, Ct);
    }

    /// <summary>The client as it stands in the database.</summary>
    internal Task<Client> Stored(JsonElement registration) => Site.InDatabase(async db => (await db.Clients.FindAsync([Text(registration, "client_id")], Ct))!);

    protected static string[] Texts(JsonElement json, string name) => [.. json.GetProperty(name).EnumerateArray().Select(text => text.GetString()!)];
}
