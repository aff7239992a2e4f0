using Hangfire;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Signet.Features;
using Signet.Infrastructure.Data;

namespace Signet.Tests.Features.ExpireTokens;

/// <summary>What the clock removes, what it keeps as evidence, and whom it warns.</summary>
public abstract class ExpireTokensTests(Site site) : SliceTest(site)
{
    [Fact]
    public async Task Removes_what_is_over_and_nothing_that_lives()
    {
        var (client, secret) = await AddClient();
        var user = await AddUser();
        var (grant, refresh) = await AddGrant(user, client, isOffline: true);
        var live = await IssueOpaque(client, grant, lifetime: TimeSpan.FromDays(20));
        await IssueOpaque(client);
        await Site.InDatabase(async db =>
        {
            db.Add(new PushedRequest { Hash = new byte[32], ClientId = client.Id, Parameters = "{}", ExpiresAt = Site.Clock.GetUtcNow() });
            db.Add(new SetupCode { Hash = new byte[32], ExpiresAt = Site.Clock.GetUtcNow().AddHours(1) });
            return await db.SaveChangesAsync(Ct);
        });
        await Site.InDatabase(db => db.Grants.ExecuteUpdateAsync(set => set.SetProperty(g => g.RefreshExpiresAt, Site.Clock.GetUtcNow().AddDays(80)), Ct));
        Site.Clock.Advance(TimeSpan.FromDays(15));

        var removed = await Send(new Signet.Features.ExpireTokens.Request());

        removed.Rows.Where(rows => rows.Key != "SigningKeys").Select(rows => (rows.Key, rows.Value)).ShouldBe([("Tokens", 1), ("PushedRequests", 1), ("Sessions", 1), ("SetupCodes", 1)], ignoreOrder: true);
        (await Introspect(Site.Browser(), client, secret, live)).ShouldContain("\"active\":true");
        (await Introspect(Site.Browser(), client, secret, refresh)).ShouldContain("\"active\":true");

        Site.Clock.Advance(TimeSpan.FromDays(90));
        (await Send(new Signet.Features.ExpireTokens.Request())).Rows["Grants"].ShouldBe(1);
        (await Send(new Signet.Features.ExpireTokens.Request())).Rows.ShouldNotContainKey("Grants");
    }

    [Fact] // R35
    public async Task Keeps_the_evidence_until_the_token_would_have_expired()
    {
        var (client, secret) = await AddClient();
        var (grant, _) = await AddGrant(await AddUser(), client);
        var revoked = await IssueJwt(client, lifetime: TimeSpan.FromDays(2));
        var ofGrant = await IssueJwt(client, grant, lifetime: TimeSpan.FromDays(2));
        await PostAs(Site.Browser(), client.Id, secret, "/oauth/revoke", ("token", revoked));
        await Site.InDatabase(db => db.Grants.ExecuteUpdateAsync(set => set.SetProperty(g => g.RevokedAt, Site.Clock.GetUtcNow()), Ct));
        Site.Clock.Advance(TimeSpan.FromDays(1));

        await Send(new Signet.Features.ExpireTokens.Request());

        (await Introspect(Site.Browser(), client, secret, revoked)).ShouldBe(Inactive);
        (await Introspect(Site.Browser(), client, secret, ofGrant)).ShouldBe(Inactive);
        Site.Clock.Advance(TimeSpan.FromDays(2));
        (await Send(new Signet.Features.ExpireTokens.Request())).Rows["RevokedTokens"].ShouldBe(1);
    }

    [Fact] // R31
    public async Task Ends_the_same_when_two_nodes_run_it_at_once()
    {
        var (client, _) = await AddClient();
        var now = Site.Clock.GetUtcNow();
        await Site.InDatabase(db =>
        {
            db.AddRange(Enumerable.Range(0, 2500).Select(i => new RevokedToken { Id = $"jti-{i}", ClientId = client.Id, RevokedAt = now, ExpiresAt = now.AddMinutes(1) }));
            return db.SaveChangesAsync(Ct);
        });
        Site.Clock.Advance(TimeSpan.FromHours(2));

        var runs = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Send(new Signet.Features.ExpireTokens.Request())));

        runs.Sum(run => run.Rows.GetValueOrDefault("RevokedTokens")).ShouldBe(2500);
        (await Site.InDatabase(db => db.RevokedTokens.CountAsync(Ct))).ShouldBe(0);
    }

    [Fact]
    public async Task Warns_each_owner_once_of_what_expires_within_seven_days()
    {
        var owner = await AddUser("owner@example.test");
        await AddPersonalToken(owner, lifetime: TimeSpan.FromDays(6));
        await AddPersonalToken(owner, lifetime: TimeSpan.FromDays(8));
        await AddClient(ownerId: owner.Id, change: client => client.Secrets[0].ExpiresAt = Site.Clock.GetUtcNow().AddDays(6));
        await AddClient(ownerId: owner.Id, change: client => client.Secrets[0].ExpiresAt = Site.Clock.GetUtcNow().AddDays(9));

        (await Send(new WarnOfExpiry.Request())).ShouldBe(new WarnOfExpiry.Result(Secrets: 1, Tokens: 1));
        (await Send(new WarnOfExpiry.Request())).ShouldBe(new WarnOfExpiry.Result(0, 0));
    }

    [Fact]
    public async Task Its_jobs_are_on_the_timetable_and_the_dashboard_keeps_the_policy()
    {
        var jobs = Site.Services.GetRequiredService<IRecurringJobManager>();
        Signet.Features.ExpireTokens.Schedule(jobs);
        WarnOfExpiry.Schedule(jobs);
        RotateKeys.Schedule(jobs);
        var browser = await SignedIn(await AddUser(isAdmin: true));

        var response = await browser.GetAsync("/admin/jobs/recurring", Ct);
        var page = await response.Content.ReadAsStringAsync(Ct);

        page.ShouldContain("remove what is over");
        page.ShouldContain("rotate keys");
        page.ShouldContain("warn of expiry");
        System.Text.RegularExpressions.Regex.Matches(page, "<script(?![^>]*src=)[^>]*>|<style[^>]*>| style=\"[^\"]*\"| on[a-z]+=\"").Select(match => match.Value).ShouldBeEmpty();
        response.Headers.GetValues("Content-Security-Policy").Single().ShouldNotContain("unsafe");
    }

    private async Task<T> Send<T>(IRequest<T> request)
    {
        using var scope = Site.Services.CreateScope();
        return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(request, Ct);
    }

    public sealed class OnPostgres(PostgresSite site) : ExpireTokensTests(site);

    public sealed class OnSqlite(SqliteSite site) : ExpireTokensTests(site);
}
