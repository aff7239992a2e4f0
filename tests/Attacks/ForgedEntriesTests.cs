using System.Net;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Signet.Infrastructure.Telemetry;

namespace Signet.Tests.Attacks;

/// <summary>Text of strangers in the log and in the audit trail: it stays text, on one line, of bounded length (T130).</summary>
public sealed class ForgedEntriesTests(PostgresSite site) : PeopleTest(site)
{
    private const string Forged = "%0aADMIN%20LOGIN%20OK%0d%1b%5b2J%1b%5b31mred";

    [Fact]
    public async Task No_request_writes_a_line_of_its_own_into_the_log_or_speaks_to_the_terminal()
    {
        await using var installation = await EmptyInstallation.Make(onPostgres: false);
        installation.Settings["Database:MigrateOnStart"] = "true";
        installation.Settings["ForwardedHeaders:KnownProxies:0"] = "127.0.0.1";
        installation.Settings["ExternalProviders:0:Name"] = "GitHub";
        installation.Settings["ExternalProviders:0:ClientId"] = "x";
        installation.Settings["ExternalProviders:0:ClientSecret"] = "x";
        installation.Settings["Logging:LogLevel:Microsoft"] = "Information";
        await using var signet = SignetProcess.Start(installation.Settings);
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = await signet.Listening() };
        http.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        http.DefaultRequestHeaders.Add("User-Agent", new string('u', 8000));

        foreach (var url in new[] { $"/api/v1/apps/x{Forged}", $"/oauth/authorize?client_id=a{Forged}", $"/login/external/github/callback?error=a{Forged}&error_description=b{Forged}", $"/nowhere{Forged}", $"/account?x={Forged}" })
            ((int)(await http.GetAsync(url, Ct)).StatusCode).ShouldBeLessThan(500, url);
        using var form = new StringContent($"grant_type=client_credentials&client_id=a{Forged}&client_secret=b{Forged}", Encoding.UTF8, "application/x-www-form-urlencoded");
        (await http.PostAsync("/oauth/token", form, Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        using var huge = new StringContent($"Input.Email={new string('x', 70_000)}", Encoding.UTF8, "application/x-www-form-urlencoded");
        (await http.PostAsync("/login", huge, Ct)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await http.GetAsync("/health/live?the-last=one", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);

        await signet.Says("the-last=one");
        var log = signet.Output;
        log.ShouldContain("ADMIN LOGIN OK", Case.Sensitive, "the requests are in the log"); // and stand in the middle of a line
        log.ShouldNotContain('\u001b');
        log.Split('\n').ShouldAllBe(line => !line.TrimStart().StartsWith("ADMIN", StringComparison.Ordinal) && !line.TrimEnd('\r').Contains('\r', StringComparison.Ordinal));
        log.ShouldNotContain("unhandled exception", Case.Insensitive);
    }

    [Theory]
    [InlineData("plain text, Zoë and 漢字", "plain text, Zoë and 漢字")]
    [InlineData("a\nb\r\u001b[2Jc\td", "a\\u000ab\\u000d\\u001b[2Jc\\u0009d")]
    [InlineData("a\u2028b\u202Ec\u0085", "a\\u2028b\\u202ec\\u0085")]
    public void The_log_shows_what_cannot_be_seen(string text, string line) => OneLineLog.Escape(text).ShouldBe(line);

    [Fact]
    public async Task A_reason_stays_one_entry_of_the_trail_whatever_is_in_it()
    {
        var (admin, target) = (await SignedIn(await AddUser(isAdmin: true)), await AddUser());
        const string Reason = "=cmd|' /C calc'!A0 <img src=x onerror=alert(1)>\u001b[2J\nADMIN LOGIN OK\u202Edesrever";

        (await Submit(admin, $"/admin/users/{target.Id}/Disable", ("Input.Reason", Reason))).StatusCode.ShouldBe(HttpStatusCode.Redirect);

        var entry = await Site.InDatabase(db => db.AuditEvents.SingleAsync(Ct));
        entry.Reason.ShouldBe("=cmd|' /C calc'!A0 <img src=x onerror=alert(1)>[2JADMIN LOGIN OKdesrever");
        var page = await Page(admin, "/admin/audit");
        page.ShouldNotContain("<img");
        page.ShouldContain("&lt;img src=x onerror=alert(1)&gt;");
    }

    [Fact]
    public async Task A_long_detail_is_cut_and_the_entry_is_not_lost()
    {
        var admin = await SignedIn(await AddUser(isAdmin: true));
        var fields = Enumerable.Range(0, 60).SelectMany(i => new[] { ($"Input.Scopes[{i}].Name", $"notes.{i:00000000}"), ($"Input.Scopes[{i}].Description", "x") });
        await Submit(admin, "/admin/apis/new", ("Input.Name", "Notes"), ("Input.Audience", "https://api.test/notes"), ("Input.Scopes[0].Name", "notes.read"));
        var api = await Site.InDatabase(db => db.Resources.SingleAsync(Ct));

        (await Submit(admin, $"/admin/apis/{api.Id}", [("Input.Name", "Notes \U0001F600"), .. fields])).StatusCode.ShouldBe(HttpStatusCode.Redirect);

        var detail = (await Site.InDatabase(db => db.AuditEvents.SingleAsync(entry => entry.Action == "API changed", Ct))).Detail!;
        detail.Length.ShouldBe(512);
        detail.ShouldStartWith("Notes \U0001F600: notes.00000000 ");
    }

    [Theory]
    [InlineData(20_000)]
    [InlineData(255)]
    public async Task A_browser_that_calls_itself_something_strange_is_a_browser_of_bounded_length(int length)
    {
        var user = await AddUser();
        var browser = Site.Browser();
        browser.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", new string('a', length) + "😀<script>alert(1)</script>");

        (await Login(browser, user.Email!)).StatusCode.ShouldBe(HttpStatusCode.Redirect);

        (await Site.InDatabase(db => db.Sessions.SingleAsync(Ct))).UserAgent!.Length.ShouldBeInRange(255, 256);
        (await Page(browser, "/account/sessions")).ShouldNotContain("<script>alert");
    }
}
