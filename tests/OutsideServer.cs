using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Signet.Tests.Journeys;

namespace Signet.Tests;

/// <summary>A web server of somebody else's, on https://localhost: serves what a test says and remembers who asked.</summary>
public sealed class OutsideServer : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly string directory = Directory.CreateTempSubdirectory("signet-outside-").FullName;
    private readonly ConcurrentDictionary<string, RequestDelegate> answers = new();

    private OutsideServer()
    {
        var certificate = LiveSite.NewCertificate();
        File.WriteAllText(CertificateFile, certificate.ExportCertificatePem());
        Port = LiveSite.FreePort();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(Port, listen => listen.UseHttps(certificate)));
        builder.WebHost.UseKestrelHttpsConfiguration();
        app = builder.Build();
        app.Run(async http =>
        {
            using var reader = new StreamReader(http.Request.Body);
            Requests.Enqueue(new(http.Request.Method, http.Request.Path, await reader.ReadToEndAsync(), http.Request.Headers.Authorization.ToString()));
            if (answers.TryGetValue(http.Request.Path, out var answer))
                await answer(http);
            else
                http.Response.StatusCode = StatusCodes.Status404NotFound;
        });
    }

    public int Port { get; }

    /// <summary>For <c>Signet:Outbound:CertificateAuthorities</c>.</summary>
    public string CertificateFile => Path.Combine(directory, "authority.pem");

    public ConcurrentQueue<Seen> Requests { get; } = new();

    public static async Task<OutsideServer> Start()
    {
        var server = new OutsideServer();
        await server.app.StartAsync();
        return server;
    }

    public string Url(string path) => $"https://localhost:{Port}{path}";

    /// <summary>From now on, what this path answers.</summary>
    public void Answer(string path, RequestDelegate answer) => answers[path] = answer;

    public void AnswerJson(string path, string json) => Answer(path, http =>
    {
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync(json);
    });

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }

    public sealed record Seen(string Method, string Path, string Body, string Authorization);
}
