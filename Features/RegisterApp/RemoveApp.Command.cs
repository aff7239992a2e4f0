using System.CommandLine;
using System.Diagnostics;

namespace Signet.Features;

internal static partial class RemoveApp
{
    public static Command Command(CommandHost host)
    {
        var id = new Argument<string>("ID") { Description = "The client_id." };
        var command = new Command("remove", "Remove an app with everything that was issued to it.") { id };
        command.SetAction((parsed, _) => host.Send(parsed, new Request { Id = parsed.GetValue(id)! }, result => Answer(parsed.GetValue(id)!, result)));
        return command;
    }

    private static Answer Answer(string id, Result result) => result switch
    {
        Result.Removed removed => new(
            new { ClientId = id, removed.Grants, removed.Tokens }, $"Removed {removed.Name} ({id}); {removed.Grants} authorizations and {removed.Tokens} stored tokens ended."),
        Result.NotFound => Infrastructure.Answer.Refused("there is no such app."),
        _ => throw new UnreachableException(),
    };
}
