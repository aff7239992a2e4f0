using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Signet.Infrastructure.Data;

namespace Signet.Tests.Features.MigrateDatabase;

/// <summary>What an older database holds is after <c>signet db migrate</c> what it was before.</summary>
public sealed class UpgradeTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_app_stays_what_it_was(bool onPostgres)
    {
        await using var installation = await EmptyInstallation.Make(onPostgres);
        await InAnOlderDatabase(installation, onPostgres
            ? "INSERT INTO clients (id, name, kind, authentication_methods, grant_types, redirect_uris, post_logout_redirect_uris, scopes, token_format, refresh_rotation, requires_pkce, skips_consent, created_at, updated_at, token_epoch) VALUES ('older', 'Older', 0, '{client_secret_basic}', '{authorization_code}', '{https://app.test/cb}', '{}', '{openid}', 0, 0, true, true, now(), now(), 7)"
            : "INSERT INTO clients (id, name, kind, authentication_methods, grant_types, redirect_uris, post_logout_redirect_uris, scopes, token_format, refresh_rotation, requires_pkce, skips_consent, created_at, updated_at, token_epoch) VALUES ('older', 'Older', 0, '[\"client_secret_basic\"]', '[\"authorization_code\"]', '[\"https://app.test/cb\"]', '[]', '[\"openid\"]', 0, 0, 1, 1, 1795000000000, 1795000000000, 7)");

        (await SignetProcess.Run(installation.Settings, "db", "migrate")).Code.ShouldBe(0);

        var app = (await SignetProcess.Run(installation.Settings, "apps", "show", "older")).Output;
        app.ShouldContain("kind           Web, confidential");
        app.ShouldContain("grants         authorization_code\n");
        app.ShouldContain("redirect URIs  https://app.test/cb\n");
        app.ShouldContain("consent        not asked for");
        app.ShouldNotContain("origin", Case.Sensitive, "it was registered by hand, and nobody doubts it");
    }

    // As the second migration left it: the first that anybody can have run.
    private static async Task InAnOlderDatabase(EmptyInstallation installation, string sql)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(installation.Settings!).Build();
        await using var services = new ServiceCollection().AddLogging().AddDatabase(configuration, "/").BuildServiceProvider();
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AppDbContext>();
        await db.GetService<IMigrator>().MigrateAsync("WarnedSecrets", Ct);
        await db.Database.ExecuteSqlRawAsync(sql.Replace("{", "{{").Replace("}", "}}"), Ct);
    }
}
