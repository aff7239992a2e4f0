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
