using System.Net;
using System.Text.RegularExpressions;
using Hangfire;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Signet.Infrastructure.Data;

namespace Signet.Tests.Infrastructure.Jobs;

/// <summary>Hangfire's own server at work: what the clock asks for, and mail that is tried again.</summary>
public abstract partial class JobsTests(Site site) : SliceTest(site)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Removes_what_is_over_when_its_recurring_job_is_triggered()
    {
        var (client, _) = await AddClient();
        var now = Site.Clock.GetUtcNow();
        await Site.InDatabase(db =>
        {
            db.AddRange(
                new RevokedToken { Id = "over", ClientId = client.Id, RevokedAt = now.AddDays(-2), ExpiresAt = now.AddDays(-1) },
                new RevokedToken { Id = "alive", ClientId = client.Id, RevokedAt = now, ExpiresAt = now.AddDays(1) });
            return db.SaveChangesAsync(Ct);
        });
        var admin = await SignedIn(await AddUser(isAdmin: true));

        await Press(admin, "/admin/jobs/recurring", "/admin/jobs/recurring/trigger", "remove what is over");

        await Until(async () => await Site.InDatabase(db => db.RevokedTokens.Select(token => token.Id).ToArrayAsync(Ct)) is ["alive"]);
    }

    [Fact]
    public async Task Brings_mail_once_the_mail_server_is_back()
    {
        var address = $"{Guid.NewGuid():N}@example.test";
        var storage = Site.Services.GetRequiredService<JobStorage>().GetMonitoringApi();
        await Site.Mailbox!.Close();

        (await Submit(Site.Browser(), "/signup", ("Input.Email", address))).StatusCode.ShouldBe(HttpStatusCode.OK);
        await Until(() => Task.FromResult(storage.ScheduledCount() > 0)); // it was tried, and waits
        Site.Mailbox.Open();

        (await Site.Mailbox.Next()).To.ShouldBe(address);
        await Until(() => Task.FromResult(storage.ScheduledCount() == 0));
    }

    /// <summary>A button of the dashboard, as its script presses it.</summary>
    private static async Task Press(HttpClient browser, string page, string url, string job)
    {
        var token = CsrfToken().Match(await (await browser.GetAsync(page, Ct)).Content.ReadAsStringAsync(Ct));
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new FormUrlEncodedContent([KeyValuePair.Create("jobs[]", job)]) };
        request.Headers.Add(token.Groups[1].Value, token.Groups[2].Value);
        (await browser.SendAsync(request, Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
    }

    private static async Task Until(Func<Task<bool>> condition)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        patience.CancelAfter(Patience);
        while (!await condition())
            await Task.Delay(TimeSpan.FromMilliseconds(50), patience.Token); // Hangfire tells nobody when it is done
    }

    [GeneratedRegex("csrf-header\" content=\"([^\"]+)\"[^<]*<meta name=\"csrf-token\" content=\"([^\"]+)\"")]
    private static partial Regex CsrfToken();

    public sealed class OnPostgres(PostgresSiteWithMail site) : JobsTests(site), IClassFixture<PostgresSiteWithMail>;

    public sealed class InMemory(SqliteSiteWithMail site) : JobsTests(site), IClassFixture<SqliteSiteWithMail>;
}
