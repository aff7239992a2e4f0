using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Signet.Features;
using Signet.Infrastructure;

namespace Signet.Tests.Features.SetUp;

/// <summary>The one-time link that makes the first administrator.</summary>
public abstract class FirstStartTests(Site site) : SliceTest(site)
{
    [Fact] // T107: no default password, and a code that is dead after an hour
    public async Task Makes_a_code_for_an_hour_while_there_is_no_administrator()
    {
        var needed = (await Send(new FirstStart.Request())).ShouldBeOfType<FirstStart.Result.NeedsAdministrator>();

        var rows = await Site.InDatabase(db => db.SetupCodes.AsNoTracking().ToArrayAsync(Ct));
        rows.Single().Hash.ShouldBe(needed.Code.Hash());
        rows.Single().ExpiresAt.ShouldBe(needed.Until, TimeSpan.FromSeconds(1));
        (needed.Until - Site.Clock.GetUtcNow()).ShouldBeLessThanOrEqualTo(TimeSpan.FromHours(1));
        needed.ToString().ShouldNotContain(needed.Code.Text);
        (await Site.InDatabase(db => db.Users.CountAsync(Ct))).ShouldBe(0);
    }

    [Fact]
    public async Task Forgets_codes_that_have_expired()
    {
        await Send(new FirstStart.Request());
        Site.Clock.Advance(TimeSpan.FromMinutes(61));

        await Send(new FirstStart.Request());

        (await Site.InDatabase(db => db.SetupCodes.CountAsync(Ct))).ShouldBe(1);
    }

    [Fact]
    public async Task Is_over_once_an_operator_has_added_an_administrator()
    {
        await Send(new FirstStart.Request());

        (await Send(new AddUser.Request { Email = "ada@example.com", Password = new Secret(Password), IsAdmin = true })).ShouldBeOfType<AddUser.Result.Added>();

        (await Site.InDatabase(db => db.SetupCodes.CountAsync(Ct))).ShouldBe(0);
        (await Site.InDatabase(db => db.Installations.Select(installation => installation.SetUpAt).SingleAsync(Ct))).ShouldNotBeNull();
        (await Send(new FirstStart.Request())).ShouldBeOfType<FirstStart.Result.SetUp>();
    }

    [Fact]
    public async Task Makes_no_demo_outside_Development()
    {
        (await Send(new MakeDemo.Request())).ShouldBeNull();

        (await Site.InDatabase(db => db.Clients.CountAsync(Ct))).ShouldBe(0);
    }

    private async Task<T> Send<T>(IRequest<T> request)
    {
        using var scope = Site.Services.CreateScope();
        return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(request, Ct);
    }

    public sealed class OnPostgres(PostgresSite site) : FirstStartTests(site);

    public sealed class OnSqlite(SqliteSite site) : FirstStartTests(site);
}
