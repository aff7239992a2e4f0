using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Faults;

/// <summary>Two nodes on one database, with a user, an API and two apps, all made with the command line and the pages.</summary>
internal sealed partial class World : IAsyncDisposable
{
    public const string Issuer = "https://id.faults.test";
    public const string Audience = "https://api.faults.test";
    public const string RedirectUri = "https://app.faults.test/cb";
    private const string Email = "ann@faults.test";
    private const string Password = "a long enough pass phrase";
    private readonly string directory;
    private readonly Dictionary<string, string> settings;

    private World(Cluster cluster, string executable, string database, string directory, Dictionary<string, string> settings)
    {
        (Cluster, Executable, Database, this.directory, this.settings) = (cluster, executable, database, directory, settings);
        Nodes = [new Node(0, executable, settings, Cluster.FreePort()), new Node(1, executable, settings, Cluster.FreePort())];
    }

    public Cluster Cluster { get; }
    public string Executable { get; }
    public string Database { get; }
    public Node[] Nodes { get; }
    public History History { get; private set; } = new();
    public Credentials Machine { get; private set; } = new("", "");
    public Credentials Api { get; private set; } = new("", "");
    public string PublicApp { get; private set; } = "";

    public static async Task<World> Empty(Cluster cluster, string executable, params (string Name, string Value)[] more)
    {
        var directory = Directory.CreateTempSubdirectory("signet-faults-").FullName;
        MakeCertificate(directory);
        var database = await cluster.NewDatabase();
        var settings = new Dictionary<string, string>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["ConnectionStrings__Postgres"] = cluster.As("signet", database),
            ["Signet__Issuer"] = Issuer,
            ["Signet__DataDirectory"] = directory,
            ["Kestrel__Certificates__Default__Path"] = $"{directory}/server.pem",
            ["Kestrel__Certificates__Default__KeyPath"] = $"{directory}/server.key",
            ["Logging__LogLevel__Default"] = "Warning",
        };
        foreach (var (name, value) in more)
            settings[name] = value;
        return new World(cluster, executable, database, directory, settings);
    }

    /// <summary>Migrated, furnished and with both nodes ready.</summary>
    public static async Task<World> Make(Cluster cluster, string executable, params (string Name, string Value)[] more)
    {
        var world = await Empty(cluster, executable, more);
        await world.Command("db", "migrate");
        await world.Furnish();
        foreach (var node in world.Nodes)
            node.Start();
        foreach (var node in world.Nodes)
            await node.Ready();
        return world;
    }

    public async Task Furnish()
    {
        await Command("users", "add", "--email", Email, "--password", Password);
        Api = Credentials.Of(await Command("apis", "add", "--name", "Notes", "--audience", Audience, "--scope", "notes.read", "--json"));
        Machine = Credentials.Of(await Command("apps", "add", "--name", "Machine", "--grant", "client_credentials", "--scope", "notes.read", "--json"));
        PublicApp = await NewPublicApp();
    }

    public async Task<string> NewPublicApp() => Credentials.Of(await Command(
        "apps", "add", "--name", "Web", "--type", "public", "--grant", "authorization_code", "--grant", "refresh_token",
        "--redirect-uri", RedirectUri, "--scope", "openid offline_access notes.read", "--skip-consent", "--json")).Id;

    public Task<string> Command(params string[] arguments) => Shell.Run(Executable, arguments, settings);

    /// <summary>A fresh record for the next run on the same world.</summary>
    public void NewHistory() => History = new();

    /// <summary>Signs in over the pages and returns the session's cookie.</summary>
    public async Task<string> SignIn(int node = 0)
    {
        var (fields, cookies) = await Form(node, "/login", "");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/login")
        {
            Headers = { { "Cookie", cookies } },
            Content = new FormUrlEncodedContent([.. fields, new("Input.Email", Email), new("Input.Password", Password)]),
        };
        using var answer = await Nodes[node].Http.SendAsync(request);
        return answer.Headers.TryGetValues("Set-Cookie", out var set) && set.FirstOrDefault(cookie => cookie.Contains("signet.session", StringComparison.Ordinal)) is { } session
            ? session.Split(';')[0]
            : throw new InvalidOperationException($"sign-in was answered {(int)answer.StatusCode}");
    }

    public async Task SignOut(int node, string session)
    {
        var (fields, cookies) = await Form(node, "/logout", session);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/logout") { Headers = { { "Cookie", $"{session}; {cookies}" } }, Content = new FormUrlEncodedContent(fields) };
        using var answer = await Nodes[node].Http.SendAsync(request);
        if ((int)answer.StatusCode is not (200 or 302))
            throw new InvalidOperationException($"sign-out was answered {(int)answer.StatusCode}");
    }

    private async Task<(List<KeyValuePair<string, string>> Fields, string Cookies)> Form(int node, string path, string cookies)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (cookies.Length > 0)
            request.Headers.Add("Cookie", cookies);
        using var page = await Nodes[node].Http.SendAsync(request);
        var token = Antiforgery().Match(await page.Content.ReadAsStringAsync()).Groups[1].Value;
        var set = page.Headers.TryGetValues("Set-Cookie", out var values) ? values : [];
        return ([new("__RequestVerificationToken", token)], string.Join("; ", set.Select(cookie => cookie.Split(';')[0])));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
            await node.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }

    private static void MakeCertificate(string directory)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText($"{directory}/server.pem", certificate.ExportCertificatePem());
        File.WriteAllText($"{directory}/server.key", key.ExportPkcs8PrivateKeyPem());
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\"[^>]*value=\"([^\"]+)\"")]
    private static partial Regex Antiforgery();
}

internal sealed record Credentials(string Id, string Secret)
{
    public static Credentials Of(string json)
    {
        var root = JsonDocument.Parse(json).RootElement;
        return new(root.GetProperty("client_id").GetString()!, root.TryGetProperty("client_secret", out var secret) ? secret.GetString()! : "");
    }
}
