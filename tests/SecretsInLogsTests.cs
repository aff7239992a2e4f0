using System.Collections.Concurrent;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Signet.Tests;

/// <summary>A whole flow at the most talkative log level, and nothing in the log that opens anything.</summary>
public sealed class SecretsInLogsTests(SecretsInLogsTests.TalkativeSite site) : FlowTest(site), IClassFixture<SecretsInLogsTests.TalkativeSite>
{
    [Fact]
    public async Task No_password_code_verifier_token_or_secret_reaches_the_log()
    {
        var (client, secret) = await AddClient();
        var user = await AddUser();
        var browser = Site.Browser();
        (await Submit(browser, "/login", ("Input.Email", user.Email!), ("Input.Password", Password))).StatusCode.ShouldBe(System.Net.HttpStatusCode.Redirect);

        var code = await Code(user, client);
        var tokens = await Json(await Redeem(client, secret, code));
        await Refresh(client, secret, Text(tokens, "refresh_token"));
        await UserInfo(Text(tokens, "access_token"));
        await PostAs(Site.Browser(), client.Id, secret, "/oauth/introspect", ("token", Text(tokens, "access_token")));
        await PostAs(Site.Browser(), client.Id, secret, "/oauth/revoke", ("token", Text(tokens, "refresh_token")));

        var log = string.Join('\n', site.Lines);
        log.Length.ShouldBeGreaterThan(1000);
        foreach (var forbidden in new[] { Password, secret, code, Verifier, Text(tokens, "access_token"), Text(tokens, "refresh_token"), Text(tokens, "id_token") })
            log.ShouldNotContain(forbidden);
    }

    [Fact]
    public async Task Nor_does_what_was_refused()
    {
        var (client, secret) = await AddClient();
        var (open, _) = await AddClient(isPublic: true);
        var user = await AddUser();
        var tokens = await Tokens(user, client, secret);
        var (access, idToken, stolen) = (Text(tokens, "access_token"), Text(tokens, "id_token"), Text(await Tokens(user, open, null), "refresh_token"));
        var burnt = await Code(user, client);
        var verifier = new string('w', 64);
        const string Wrong = "a wrong but telling password";

        await Submit(Site.Browser(), "/login", ("Input.Email", user.Email!), ("Input.Password", Wrong));
        await Redeem(client, secret, burnt, ("code_verifier", verifier));
        await Redeem(client, secret, burnt);
        await Redeem(client, "wrong" + secret, burnt);
        await Refresh(open, null, stolen);
        Site.Clock.Advance(TimeSpan.FromMinutes(1));
        await Refresh(open, null, stolen);
        var forged = access[..^8] + "AAAAAAAA";
        foreach (var token in new[] { forged, idToken, stolen, access + "x" })
        {
            await UserInfo(token);
            await PostAs(Site.Browser(), client.Id, secret, "/oauth/introspect", ("token", token));
            await PostAs(Site.Browser(), client.Id, secret, "/oauth/revoke", ("token", token));
        }

        var log = string.Join('\n', site.Lines);
        log.ShouldContain("refused");
        foreach (var forbidden in new[] { Wrong, verifier, burnt, secret, stolen, access, idToken, forged, access.Split('.')[1], idToken.Split('.')[1] })
            log.ShouldNotContain(forbidden);
    }

    /// <summary>The product with its own loggers at their most talkative, and the framework's as they are in production.</summary>
    public sealed class TalkativeSite : PostgresSite
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.UseSetting("Logging:LogLevel:Default", "Trace");
            builder.UseSetting("Logging:LogLevel:Microsoft", "Information");
            builder.ConfigureServices(services => services.AddLogging(logging => logging.ClearProviders().AddProvider(new Recorder(Lines))));
        }
    }

    private sealed class Recorder(ConcurrentQueue<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue(formatter(state, exception) + exception);

        public void Dispose()
        {
        }
    }
}
