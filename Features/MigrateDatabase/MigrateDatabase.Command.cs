using System.CommandLine;

namespace Signet.Features;

internal static partial class MigrateDatabase
{
    public static Command Command(CommandHost host)
    {
        var command = new Command("migrate", "Bring the database to this version's schema.");
        command.SetAction((parsed, _) => host.Send(parsed, new Request(), result => new Answer(
            result,
            result.Applied is [] ? "The database is up to date." : $"The database is up to date; applied {string.Join(", ", result.Applied)}."), needsSchema: false));
        return command;
    }
}
