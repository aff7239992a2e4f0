using System.CommandLine;
using System.Diagnostics;

namespace Signet.Features;

internal static partial class DisableApp
{
    public static Command Command(CommandHost host) => Command(host, "disable", "Shut an app and end everything that was issued to it.", enable: false);

    public static Command EnableCommand(CommandHost host) => Command(host, "enable", "Open a disabled app again; nothing that ended comes back.", enable: true);

    private static Command Command(CommandHost host, string name, string description, bool enable)
    {
        var id = new Argument<string>("ID") { Description = "The client_id." };
        var command = new Command(name, description) { id };
        command.SetAction((parsed, _) => host.Send(
            parsed, new Request { Id = parsed.GetValue(id)!, Enable = enable }, result => Answer(parsed.GetValue(id)!, enable ? "enabled" : "disabled", result)));
        return command;
    }

    private static Answer Answer(string id, string state, Result result) => result switch
    {
        Result.Done => new(new { ClientId = id, State = state }, $"{id} is {state}."),
        Result.Unchanged => new(new { ClientId = id, State = state }, $"{id} was {state} already."),
        Result.NotFound => Infrastructure.Answer.Refused("there is no such app."),
        _ => throw new UnreachableException(),
    };
}
