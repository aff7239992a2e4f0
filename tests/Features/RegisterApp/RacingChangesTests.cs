using System.Reflection;
using MediatR;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Signet.Features;

namespace Signet.Tests.Features.RegisterApp;

/// <summary>What happens to an app between the moment in which a change reads it and the one in which it writes.</summary>
public sealed class RacingChangesTests(PostgresSite site) : AppsTest(site)
{
    [Fact]
    public async Task An_app_that_is_disabled_during_a_change_does_not_get_its_registration_token_back()
    {
        var (client, _) = await AddClient(change: client => client.RegistrationTokenHash = [1, 2, 3]);
        using var scope = Site.Services.CreateScope();
        var app = ((ShowApp.Result.Found)await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new ShowApp.Request(client.Id), Ct)).App;
        var meanwhile = new Meanwhile(() => Site.InDatabase(async db => await db.Clients.Where(row => row.Id == client.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.DisabledAt, Site.Clock.GetUtcNow()).SetProperty(row => row.RegistrationTokenHash, (byte[]?)null))));
        var handler = ActivatorUtilities.CreateInstance<EditApp.Handler>(scope.ServiceProvider, meanwhile);

        (await handler.Handle(EditApp.Request.Of(app) with { Name = "Renamed" }, Ct)).ShouldBeOfType<EditApp.Result.Changed>();

        var stored = await Site.InDatabase(db => db.Clients.AsNoTracking().SingleAsync(row => row.Id == client.Id, Ct));
        stored.Name.ShouldBe("Renamed");
        stored.DisabledAt.ShouldNotBeNull();
        stored.RegistrationTokenHash.ShouldBeNull();
    }

    [Fact]
    public async Task An_app_that_is_removed_while_it_is_being_verified_is_not_found()
    {
        var page = new VerifyApp.Page(DispatchProxy.Create<IMediator, Removed>());

        (await page.OnPostVerifyAsync("removed", Ct)).ShouldBeOfType<NotFoundResult>();
    }

    // A handler asks for the time after it has read.
    private sealed class Meanwhile(Func<Task<int>> change) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow()
        {
            Task.Run(change).GetAwaiter().GetResult().ShouldBe(1);
            return System.GetUtcNow();
        }
    }

    public class Removed : DispatchProxy
    {
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => args![0] switch
        {
            VerifyApp.Request => Task.FromResult<VerifyApp.Result>(new VerifyApp.Result.Conflict()),
            _ => Task.FromResult<ShowApp.Result>(new ShowApp.Result.NotFound()),
        };
    }
}
