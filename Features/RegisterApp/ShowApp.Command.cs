using System.CommandLine;
using System.Diagnostics;

namespace Signet.Features;

internal static partial class ShowApp
{
    public static Command Command(CommandHost host)
    {
        var id = new Argument<string>("ID") { Description = "The client_id." };
        var command = new Command("show", "Show everything about an app but its secrets.") { id };
        command.SetAction((parsed, _) => host.Send(parsed, new Request(parsed.GetValue(id)!), Answer));
        return command;
    }

    private static Answer Answer(Result result) => result switch
    {
        Result.Found { App: var app } => new(
            app,
            [
                $"{app.Name}  {app.Id}" + (app.DisabledAt is { } since ? $"  disabled since {since:u}" : ""),
                $"kind           {app.Kind}, {(app.IsPublic ? "public" : "confidential")}",
                $"owner          {app.OwnerEmail ?? "the installation"}",
                .. app.Origin == ClientOrigin.Managed ? Array.Empty<string>() : [$"origin         {app.Came().TrimEnd(',')}; {(app.VerifiedAt is { } verified ? $"verified {verified:u}" : "unverified")}"],
                $"grants         {string.Join(' ', app.GrantTypes)}",
                $"redirect URIs  {string.Join(' ', app.RedirectUris)}",
                $"scopes         {string.Join(' ', app.Scopes)}",
                $"token format   {app.TokenFormat}",
                $"consent        {(app.SkipsConsent ? "not asked for" : "asked for")}",
                $"secrets        {string.Join(", ", app.Secrets.Select(secret => $"…{secret.Hint} of {secret.CreatedAt:u}{(secret.IsExpired ? " expired" : "")}"))}",
                $"in use by      {app.LivePeople} people, {app.LiveGrants} authorizations, {app.LiveTokens} stored tokens",
            ]),
        Result.NotFound => Infrastructure.Answer.Refused("there is no such app."),
        _ => throw new UnreachableException(),
    };
}
