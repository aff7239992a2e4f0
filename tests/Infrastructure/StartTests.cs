using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Signet.Infrastructure.Web;

namespace Signet.Tests.Infrastructure;

/// <summary>How the built executable starts, and how it refuses to.</summary>
public sealed class StartTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Signet:Issuer", "", "Signet:Issuer is required")]
    [InlineData("Signet:Issuer", "http://id.example.com", "Signet:Issuer must be an https URL")]
    [InlineData("Signet:Issuer", "https://id.example.com/path", "Signet:Issuer must be an https URL")]
    [InlineData("Signet:Isuer", "https://id.example.com", "Signet:Isuer is no setting")]
    [InlineData("Signet:Lifetimes:AccessTokens", "00:05:00", "Signet:Lifetimes:AccessTokens is no setting")]
    [InlineData("Signet:Registration:SoftwareStatements:0:Isuer", "https://vouch.example.com", "Signet:Registration:SoftwareStatements:0:Isuer is no setting")]
    [InlineData("Signet:Lifetimes:AccessToken", "2.00:00:00", "Signet:Lifetimes:AccessToken is 2.00:00:00")]
    [InlineData("Signet:Lifetimes:AuthorizationCode", "01:00:00", "Signet:Lifetimes:AuthorizationCode is 01:00:00")]
    [InlineData("Signet:Lifetimes:RefreshTokenSliding", "91.00:00:00", "Signet:Lifetimes:RefreshTokenSliding is 91.00:00:00")]
    [InlineData("Signet:Lifetimes:SessionIdle", "soon", "Signet:Lifetimes:SessionIdle")]
    [InlineData("ForwardedHeaders:KnownProxies:0", "everyone", "ForwardedHeaders:KnownProxies has 'everyone'")]
    [InlineData("ForwardedHeaders:ClientCertificateHeader", "X-Client-Cert", "ForwardedHeaders:KnownProxies names nobody")]
    [InlineData("Signet:MutualTls:BaseAddress", "http://mtls.example.com", "Signet:MutualTls:BaseAddress must be an https URL")]
    [InlineData("Signet:Keys:Files:0:Path", "/nowhere/signing.pem", "Signet:Keys:Files:0:Path cannot be read")]
    [InlineData("Signet:Keys:Files:0:Use", "later", "Signet:Keys:Files:0:Use")]
    [InlineData("Signet:Keys:Files:0:Pfad", "/etc/signing.pem", "Signet:Keys:Files:0:Pfad is no setting")]
    [InlineData("Signet:ClientCertificateAuthorities", "/nowhere/authorities.pem", "Signet:ClientCertificateAuthorities cannot be read")]
    [InlineData("Signet:Outbound:CertificateAuthorities", "/nowhere/authorities.pem", "Signet:Outbound:CertificateAuthorities cannot be read")]
    [InlineData("Signet:Outbound:CertificateAuthorities", "/dev/null", "Signet:Outbound:CertificateAuthorities has no certificate in it")]
    [InlineData("ExternalProviders:0:Name", "Peer", "ExternalProviders: each entry needs Name, ClientId and ClientSecret.")]
    [InlineData("ConnectionStrings:Postgres", "Host=127.0.0.1;Port=1;Username=u;Password=p", "PostgreSQL cannot be reached")]
    [InlineData("ConnectionStrings:Postgres", "Hots=db", "is not a connection string")]
    public async Task Refuses_a_bad_setting_with_one_line(string setting, string value, string says)
    {
        await using var installation = await EmptyInstallation.Make(onPostgres: false);
        installation.Settings[setting] = value;

        var watch = Stopwatch.StartNew();
        var ended = await SignetProcess.Run(installation.Settings);

        ended.Code.ShouldBe(78, ended.Output + ended.Errors);
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(60)); // 10 on a machine of its own
        ended.Errors.ShouldContain(says);
        ended.Errors.Trim().Split('\n').Length.ShouldBe(1);
    }

    [Fact]
    public async Task Refuses_what_PostgreSQL_refuses_in_one_line()
    {
        await using var installation = await EmptyInstallation.Make(onPostgres: false);
        installation.Settings["ConnectionStrings:Postgres"] = PostgresSite.PostgresServer + ";Database=there_is_no_such_database";

        var ended = await SignetProcess.Run(installation.Settings);

        (ended.Code, ended.Errors.Trim()).ShouldBe((78, "signet: PostgreSQL refuses ConnectionStrings:Postgres: database \"there_is_no_such_database\" does not exist."));
    }

    [Fact] // T151
    public async Task Answers_nothing_over_plain_HTTP_in_production_whatever_the_headers_claim()
    {
        await using var installation = await EmptyInstallation.Make(onPostgres: false);
        installation.Settings["Database:MigrateOnStart"] = "true";
        await using var signet = SignetProcess.Start(installation.Settings);
        using var http = await Http(signet);

        foreach (var path in (string[])["/", "/login", "/signup", "/account", "/oauth/token", "/oauth/authorize", "/.well-known/jwks.json", "/api/v1/apps"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "X-Forwarded-Proto", "https" }, { "X-Forwarded-Host", "evil.test" }, { "Forwarded", "proto=https;host=evil.test" } } };
            var answer = await http.SendAsync(request, Ct);
            (path, answer.StatusCode, answer.Content.Headers.ContentType?.MediaType, answer.Headers.Location).ShouldBe((path, HttpStatusCode.BadRequest, "application/json", null));
        }

        (await http.GetAsync("/health/ready", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact] // T095, T150, T151
    public async Task Believes_a_known_proxy_about_the_scheme_and_nobody_about_the_host()
    {
        await using var installation = await EmptyInstallation.Make(onPostgres: false);
        installation.Settings["Database:MigrateOnStart"] = "true";
        installation.Settings["ForwardedHeaders:KnownProxies:0"] = "127.0.0.1";
        await using var signet = SignetProcess.Start(installation.Settings);
        using var http = await Http(signet);

        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { { "X-Forwarded-Proto", "https" }, { "X-Forwarded-Host", "evil.test" } } };
        request.Headers.Host = "evil.test";
        var answer = await http.SendAsync(request, Ct);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Headers.GetValues("Strict-Transport-Security").Single().ShouldContain("max-age=63072000");
        (await answer.Content.ReadAsStringAsync(Ct)).ShouldNotContain("evil.test");
        signet.Output.ShouldContain("https://id.example.com/setup?code=");
    }

    [Fact] // T107
    public async Task Starts_in_Development_with_a_demo_of_random_secrets_and_says_them_again()
    {
        await using var installation = await EmptyInstallation.Make(onPostgres: false, "Development");
        string first;
        await using (var signet = SignetProcess.Start(installation.Settings))
        {
            await signet.Listening();
            await signet.Says("API_SECRET="); // the last line that is read here
            first = Exports(signet.Output);
            signet.Output.ShouldContain("http://localhost:5080/setup?code=");
        }

        var file = Path.Combine(installation.Directory, "demo.json");
        JsonDocument.Parse(await File.ReadAllTextAsync(file, Ct)).RootElement.GetProperty("client_id").GetString().ShouldBe("demo");
        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        (await SignetProcess.Run(installation.Settings, "users", "add", "--email", "ada@example.com", "--role", "admin")).Code.ShouldBe(0);

        await using var second = SignetProcess.Start(installation.Settings);
        await second.Listening();
        await second.Says("API_SECRET=");

        Exports(second.Output).ShouldBe(first);
        second.Output.ShouldNotContain("/setup?code=");
    }

    [Fact] // R27, R29
    public async Task Two_nodes_that_start_at_once_on_an_empty_database_agree_on_schema_and_keys()
    {
        await using var installation = await EmptyInstallation.Make(onPostgres: true);
        installation.Settings["Database:MigrateOnStart"] = "true";
        installation.Settings["ForwardedHeaders:KnownProxies:0"] = "127.0.0.1";
        await using var one = SignetProcess.Start(installation.Settings);
        await using var other = SignetProcess.Start(installation.Settings);

        var sets = await Task.WhenAll(KeySet(one), KeySet(other));

        sets[0].ShouldBe(sets[1]);
        var keys = JsonDocument.Parse((await SignetProcess.Run(installation.Settings, "keys", "list", "--json")).Output).RootElement.EnumerateArray();
        keys.Where(key => key.GetProperty("state").GetString() == "active").Select(key => key.GetProperty("algorithm").GetString()).ShouldBe(["ES256", "EdDSA", "PS256", "RS256"], ignoreOrder: true);
    }

    [Fact] // R08
    public async Task Says_that_it_is_not_ready_before_it_ends_and_serves_until_then()
    {
        await using var installation = await EmptyInstallation.Make(onPostgres: false);
        installation.Settings["Database:MigrateOnStart"] = "true";
        await using var signet = SignetProcess.Start(installation.Settings);
        using var http = await Http(signet);
        (await http.GetAsync("/health/ready", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);

        signet.Terminate();

        HttpResponseMessage ready;
        do
            ready = await http.GetAsync("/health/ready", Ct);
        while (ready.StatusCode == HttpStatusCode.OK);
        ready.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await ready.Content.ReadAsStringAsync(Ct)).ShouldContain("about to end");
        var alive = await http.GetAsync("/health/live", Ct);
        (alive.StatusCode, alive.Headers.ConnectionClose).ShouldBe((HttpStatusCode.OK, true));
        (await signet.End()).Code.ShouldBe(0);
    }

    [Theory]
    [InlineData("10.0.3", true, "CVE-2026-40372")]
    [InlineData("10.0.6", true, "CVE-2026-40372")]
    [InlineData("10.0.7", false, "CVE-2026-70183")]
    [InlineData("10.0.12", false, "CVE-2026-70183")]
    [InlineData("10.0.13", false, null)]
    [InlineData("10.1.0", false, null)]
    public void Knows_which_runtimes_have_an_advisory(string version, bool isFatal, string? id)
    {
        var advisory = RuntimeAdvisory.Against(Version.Parse(version));

        (advisory?.IsFatal ?? false).ShouldBe(isFatal);
        (advisory?.Advice ?? "").ShouldContain(id ?? "");
        (advisory is null).ShouldBe(id is null);
    }

    private static async Task<HttpClient> Http(SignetProcess signet) =>
        new(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = await signet.Listening() };

    private static async Task<string> KeySet(SignetProcess signet)
    {
        using var http = await Http(signet);
        http.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        return await http.GetStringAsync("/.well-known/jwks.json", Ct);
    }

    private static string Exports(string output) =>
        string.Join('\n', output.Split('\n').Where(line => line.Contains("export ", StringComparison.Ordinal)).Select(line => line.Trim())) is { Length: > 0 } lines ? lines : throw new InvalidOperationException(output);
}
