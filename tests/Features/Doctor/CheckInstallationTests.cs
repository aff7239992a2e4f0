using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Signet.Features;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.Jose;

namespace Signet.Tests.Features.Doctor;

/// <summary>What <c>signet doctor</c> finds.</summary>
public sealed class CheckInstallationTests(PostgresSite site) : SliceTest(site)
{
    [Fact]
    public async Task Looks_for_a_key_of_every_algorithm_that_an_app_can_choose()
    {
        (await Keys()).State.ShouldBe(CheckInstallation.State.Good);

        foreach (var algorithm in SigningAlgorithms.All)
        {
            var taken = await Site.InDatabase(db => db.SigningKeys.AsNoTracking().Where(key => key.Algorithm == algorithm).ToListAsync(Ct));
            await Site.InDatabase(db => db.SigningKeys.Where(key => key.Algorithm == algorithm).ExecuteDeleteAsync(Ct));
            var check = await Keys();
            foreach (var key in taken)
                await Site.InDatabase(async db => { await db.InsertIfAbsent(key, Ct); return 0; });

            check.State.ShouldBe(CheckInstallation.State.Bad, algorithm);
            check.Finding.ShouldStartWith($"no active key for {algorithm};");
        }
    }

    private async Task<CheckInstallation.Check> Keys()
    {
        using var scope = Site.Services.CreateScope();
        return (await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new CheckInstallation.Request(), Ct)).Checks.Single(check => check.Name == "keys");
    }
}
