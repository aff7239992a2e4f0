using System.CommandLine;
using System.Diagnostics;

namespace Signet.Features;

internal static partial class AddAppSecret
{
    public static Command Command(CommandHost host)
    {
        var id = new Argument<string>("ID") { Description = "The client_id." };
        var command = new Command("rotate-secret", "Give an app a new secret; the one before goes on working, an older one makes room.") { id };
        command.SetAction((parsed, _) => host.Send(parsed, new Request { AppId = parsed.GetValue(id)!, ReplacesOldest = true }, result => Answer(parsed.GetValue(id)!, result)));
        return command;
    }

    private static Answer Answer(string id, Result result) => result switch
    {
        Result.Added added => new(
            new { ClientId = id, ClientSecret = added.Secret.Text }, $"The new secret of {id} is {added.Secret.Text} (shown this once). The one before goes on working until it is revoked."),
        Result.TooMany => Infrastructure.Answer.Refused("the app has two live secrets; revoke one first."),
        Result.NeedsNone => Infrastructure.Answer.Refused("this app has no secret: it is public, or proves itself with a key or a certificate."),
        Result.NotFound => Infrastructure.Answer.Refused("there is no such app."),
        _ => throw new UnreachableException(),
    };
}
