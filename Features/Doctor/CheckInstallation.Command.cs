using System.CommandLine;

namespace Signet.Features;

internal static partial class CheckInstallation
{
    public static Command Command(CommandHost host)
    {
        var command = new Command("doctor", "Check this installation; fails if something is bad.");
        command.SetAction((parsed, _) => host.Send(parsed, new Request(), Answer, needsSchema: false));
        return command;
    }

    private static Answer Answer(Result result) => new(
        result.Checks.Select(check => new { check.Name, State = Word(check.State), check.Finding }),
        [.. result.Checks.Select(check => $"{Word(check.State),-7} {check.Name,-13} {check.Finding}")])
    {
        HasFailed = result.Checks.Any(check => check.State == State.Bad),
    };

    private static string Word(State state) => state switch { State.Good => "ok", State.Bad => "BAD", _ => "advice" };
}
