using System.CommandLine;

namespace Signet.Features;

/// <summary>Every command of the executable.</summary>
internal static class Commands
{
    public static IEnumerable<Command> All(CommandHost host) =>
    [
        new("users", "People who can sign in.") { AddUser.Command(host) },
        new("apps", "Registered apps.")
        {
            RegisterApp.Command(host), ListApps.Command(host), ShowApp.Command(host), AddAppSecret.Command(host),
            DisableApp.Command(host), DisableApp.EnableCommand(host), VerifyApp.Command(host), RemoveApp.Command(host),
        },
        IssueInitialToken.Commands(host),
        new("apis", "APIs that tokens are for.") { AddApi.Command(host) },
        new("tokens", "What was issued.") { RevokeTokens.Command(host) },
        new("keys", "The keys that sign tokens.") { ListKeys.Command(host), RotateKeys.Command(host) },
        new("db", "The database.") { MigrateDatabase.Command(host) },
        CheckInstallation.Command(host),
    ];
}
