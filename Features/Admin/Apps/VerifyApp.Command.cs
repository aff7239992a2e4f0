using System.CommandLine;
using System.Diagnostics;

namespace Signet.Features;

internal static partial class VerifyApp
{
    public static Command Command(CommandHost host)
    {
        var id = new Argument<string>("ID") { Description = "The client_id." };
        var withdraw = new Option<bool>("--withdraw") { Description = "Take it back." };
        var command = new Command("verify", "Vouch for an app that registered itself; refuse one with disable.") { id, withdraw };
        command.SetAction((parsed, _) => host.Send(parsed, new Request { Id = parsed.GetValue(id)!, Withdraw = parsed.GetValue(withdraw) }, result => result switch
        {
            Result.Done done => new Answer(new { ClientId = parsed.GetValue(id), Verified = !parsed.GetValue(withdraw) }, $"{done.Name} counts as {(parsed.GetValue(withdraw) ? "unverified" : "verified")} now."),
            Result.Unchanged => new Answer(new { ClientId = parsed.GetValue(id), Verified = !parsed.GetValue(withdraw) }, "Nothing to do: it is so already, or somebody here registered it."),
            Result.Conflict => Answer.Refused("the app is being changed by others at the same time; look at it again."),
            Result.NotFound => Answer.Refused("there is no such app."),
            _ => throw new UnreachableException(),
        }));
        return command;
    }
}
