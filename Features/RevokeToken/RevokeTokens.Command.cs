using System.CommandLine;
using System.Diagnostics;

namespace Signet.Features;

internal static partial class RevokeTokens
{
    public static Command Command(CommandHost host)
    {
        var token = new Option<string?>("--token") { Description = "One token, in full." };
        var user = new Option<string?>("--user") { Description = "Everything of the user with this e-mail address." };
        var app = new Option<string?>("--app") { Description = "Everything that was issued to the app with this client_id." };
        var all = new Option<bool>("--all") { Description = "Everything that was ever issued." };
        var reason = new Option<string>("--reason") { Description = "Kept in the audit trail.", DefaultValueFactory = _ => "revoked on the console" };
        var command = new Command("revoke", "End one token, all of a user, all of an app, or everything.") { token, user, app, all, reason };
        command.SetAction((parsed, _) => host.Send(parsed, new Request
        {
            Token = parsed.GetValue(token) is { } given ? new Secret(given) : null,
            User = parsed.GetValue(user),
            App = parsed.GetValue(app),
            All = parsed.GetValue(all),
            Reason = parsed.GetValue(reason),
        }, Answer));
        return command;
    }

    private static Answer Answer(Result result) => result switch
    {
        Result.Revoked revoked => new(
            new { revoked.Subject, revoked.Impact.Grants, revoked.Impact.Tokens, revoked.Impact.Sessions }, $"Ended for {revoked.Subject}: {revoked.Impact}."),
        Result.NotFound => Infrastructure.Answer.Refused("there is no such user, app or live token."),
        _ => throw new UnreachableException(),
    };
}
