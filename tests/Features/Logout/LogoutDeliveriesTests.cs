using System.Net;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.OAuth;
using Signet.Infrastructure.Tokens;
using Signet.Tests.Features.RegisterApp;

namespace Signet.Tests.Features.SignOut;

/// <summary>What is kept of notices to apps, who sees it, and for how long; and what an app may register (T134 among the usual attacks).</summary>
public abstract class LogoutDeliveriesTests(Site site) : AppsTest(site)
{
    [Fact] // T134
    public async Task An_address_inside_is_not_touched_and_given_up_in_the_end()
    {
        await using var inside = await OutsideServer.Start();
        inside.AnswerJson("/logout", "{}");
        var delivery = await Delivery(inside.Url("/logout"));

        for (var tries = 0; tries < 8; tries++)
        {
            using var scope = Site.Services.CreateScope();
            await scope.ServiceProvider.GetRequiredService<LogoutNotices>().Deliver(delivery.Id, tries, Ct);
        }

        inside.Requests.ShouldBeEmpty();
        var row = await Site.InDatabase(db => db.LogoutDeliveries.SingleAsync(Ct));
        (row.Status, row.Tries, row.EndedAt is null).ShouldBe((LogoutStatus.Failed, 5, false));
        var admin = await SignedIn(await AddUser(isAdmin: true));
        var page = await admin.GetStringAsync($"/admin/apps/{delivery.ClientId}/logouts", Ct);
        page.ShouldContain("Given up");
        page.ShouldContain("the name leads to no public address");
        page.ShouldContain(delivery.SessionId.ToString());
    }

    [Fact]
    public async Task A_try_that_somebody_else_began_is_not_begun_again()
    {
        var delivery = await Delivery("https://localhost:1/");

        await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
        {
            using var scope = Site.Services.CreateScope();
            await scope.ServiceProvider.GetRequiredService<LogoutNotices>().Deliver(delivery.Id, 0, Ct);
        }));

        (await Site.InDatabase(db => db.LogoutDeliveries.SingleAsync(Ct))).Tries.ShouldBe(1);
    }

    [Fact]
    public async Task An_app_that_has_lost_its_address_is_given_up_at_once()
    {
        var delivery = await Delivery("https://localhost:1/");
        await Site.InDatabase(db => db.Clients.ExecuteDeleteAsync(Ct));
        Site.Services.GetRequiredService<ClientDirectory>().Forget();

        using var scope = Site.Services.CreateScope();
        await scope.ServiceProvider.GetRequiredService<LogoutNotices>().Deliver(delivery.Id, 0, Ct);

        (await Site.InDatabase(db => db.LogoutDeliveries.SingleAsync(Ct))).Status.ShouldBe(LogoutStatus.Failed);
    }

    [Fact]
    public async Task Only_administrators_see_them()
    {
        var delivery = await Delivery("https://localhost:1/");

        (await (await SignedIn(await AddUser())).GetAsync($"/admin/apps/{delivery.ClientId}/logouts", Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await (await SignedIn(await AddUser(isAdmin: true))).GetAsync("/admin/apps/nobody/logouts", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task They_go_after_a_month()
    {
        await Delivery("https://localhost:1/");

        Site.Clock.Advance(TimeSpan.FromDays(29));
        (await Expire()).Rows.ShouldNotContainKey("LogoutDeliveries");
        Site.Clock.Advance(TimeSpan.FromDays(2));
        (await Expire()).Rows["LogoutDeliveries"].ShouldBe(1);
    }

    [Fact] // who has an ID token of the session is told of its end, however long ago the access token was over
    public async Task The_last_grant_of_an_app_stays_while_its_session_lives()
    {
        var (client, _) = await AddClient();
        var user = await AddUser();
        var browser = await SignedIn(user);
        var session = await Site.InDatabase(db => db.Sessions.Select(row => row.Id).SingleAsync(Ct));
        var now = Site.Clock.GetUtcNow();
        await Site.InDatabase(db =>
        {
            foreach (var age in (int[])[41, 40])
            {
                db.Add(new Grant
                {
                    Id = Guid.CreateVersion7(),
                    CodeHash = [(byte)age],
                    ClientId = client.Id,
                    UserId = user.Id,
                    SessionId = session,
                    IsOffline = false,
                    Scopes = ["openid"],
                    Audiences = [],
                    AuthenticatedAt = now,
                    Methods = ["pwd"],
                    Epoch = 0,
                    CreatedAt = now.AddDays(-age),
                    ExpiresAt = now.AddDays(1 - age),
                });
            }

            return db.SaveChangesAsync(Ct);
        });

        (await Expire()).Rows["Grants"].ShouldBe(1);
        await Submit(browser, "/logout");
        (await Expire()).Rows["Grants"].ShouldBe(1);
    }

    [Theory]
    [InlineData("backchannel_logout_uri", "http://app.test/bye", false)]
    [InlineData("backchannel_logout_uri", "https://app.test/bye#x", false)]
    [InlineData("backchannel_logout_uri", "https://user@app.test/bye", false)]
    [InlineData("backchannel_logout_uri", "https://elsewhere.test/bye", true)]
    [InlineData("frontchannel_logout_uri", "https://app.test/bye?x=1", true)]
    [InlineData("frontchannel_logout_uri", "https://elsewhere.test/bye", false)]
    [InlineData("frontchannel_logout_uri", "https://app.test:444/bye", false)]
    [InlineData("frontchannel_logout_uri", "https://app.test.evil.test/bye", false)]
    [InlineData("frontchannel_logout_uri", "https://app.test/bye#x", false)]
    [InlineData("frontchannel_logout_uri", "javascript:alert(1)", false)]
    [InlineData("post_logout_redirect_uris", "http://app.test/bye", false)]
    [InlineData("post_logout_redirect_uris", "https://app.test/*", false)]
    public async Task An_app_registers_addresses_that_are_safe_to_use(string member, string uri, bool isGood)
    {
        using var http = await Program(await AddUser(), "apps.write");
        var body = new Dictionary<string, object>
        {
            ["client_name"] = "A",
            ["redirect_uris"] = (string[])["https://app.test/cb"],
            [member] = member.EndsWith('s') ? (string[])[uri] : uri,
        };

        var answer = await PostJson(http, "/api/v1/apps", body);

        answer.StatusCode.ShouldBe(isGood ? HttpStatusCode.Created : HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync(Ct)).ShouldContain(member);
    }

    private async Task<LogoutDelivery> Delivery(string uri)
    {
        var (client, _) = await AddClient(change: app => app.Settings = new ClientSettings { BackchannelLogoutUri = uri });
        var delivery = new LogoutDelivery
        {
            Id = Guid.CreateVersion7(),
            ClientId = client.Id,
            SessionId = Guid.NewGuid(),
            UserId = (await AddUser()).Id,
            CreatedAt = Site.Clock.GetUtcNow(),
            NextTryAt = Site.Clock.GetUtcNow(),
        };
        await Site.InDatabase(db =>
        {
            db.Add(delivery);
            return db.SaveChangesAsync(Ct);
        });
        return delivery;
    }

    private async Task<Signet.Features.ExpireTokens.Result> Expire()
    {
        using var scope = Site.Services.CreateScope();
        return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new Signet.Features.ExpireTokens.Request(), Ct);
    }

    public sealed class OnPostgres(PostgresSite site) : LogoutDeliveriesTests(site);

    public sealed class OnSqlite(SqliteSite site) : LogoutDeliveriesTests(site);
}
