using System.CommandLine;
using System.Diagnostics;

namespace Signet.Features;

internal static partial class IssueInitialToken
{
    /// <summary>The commands about registration tokens, together.</summary>
    public static Command Commands(CommandHost host) => new("registration-tokens", "Tokens with which apps register themselves.") { Add(host), List(host), Revoke(host) };

    private static Command Add(CommandHost host)
    {
        var name = new Option<string>("--name") { Description = "What it is for.", Required = true };
        var scopes = new Option<string[]>("--scope") { Description = "A scope that the apps may ask for, or several with spaces between; may be repeated. Otherwise all but rights over this installation." };
        var uses = new Option<int?>("--uses") { Description = "How many apps may be registered with it; otherwise any number." };
        var days = new Option<int>("--days") { Description = "In how many days it ends.", DefaultValueFactory = _ => 30 };
        var command = new Command("add", "Make a token; it is printed once. The apps that come with it belong to the installation.") { name, scopes, uses, days };
        command.SetAction((parsed, _) => host.Send(parsed, new Request
        {
            Name = parsed.GetValue(name),
            Scopes = CommandHost.Words(parsed.GetValue(scopes)) ?? [],
            Uses = parsed.GetValue(uses),
            Days = parsed.GetValue(days),
            ForInstallation = true,
        }, result => result switch
        {
            Result.Issued issued => new Answer(
                new { issued.Id, Token = issued.Secret.Text, issued.ExpiresAt }, $"Made the token {issued.Secret.Text} (shown this once), id {issued.Id}, good until {issued.ExpiresAt:u}."),
            Result.NotAllowed => Answer.Refused("registering apps is not allowed here."),
            _ => throw new UnreachableException(),
        }));
        return command;
    }

    private static Command List(CommandHost host)
    {
        var command = new Command("list", "List the tokens that have not ended, used up or not.");
        command.SetAction((parsed, _) => host.Send(parsed, new ListInitialTokens.Request(), result => new Answer(
            result.Tokens,
            [
                .. result.Tokens.Select(token => $"{token.Id}  {token.Name}  {token.Uses}{(token.MostUses is { } most ? $" of {most}" : "")} apps{(token.IsUsedUp ? ", used up" : "")}  {token.OwnerEmail ?? "the installation's"}  until {token.ExpiresAt:u}"),
                $"{result.Tokens.Count} {(result.Tokens.Count == 1 ? "token" : "tokens")}",
            ])));
        return command;
    }

    private static Command Revoke(CommandHost host)
    {
        var id = new Argument<Guid>("ID") { Description = "The token's id, as list prints it." };
        var command = new Command("revoke", "End a token. The apps that came with it stay.") { id };
        command.SetAction((parsed, _) => host.Send(parsed, new RevokeInitialToken.Request(parsed.GetValue(id)), result => result is RevokeInitialToken.Result.Revoked
            ? new Answer(new { Id = parsed.GetValue(id) }, "The token is revoked.")
            : Answer.Refused("there is no such token any more.")));
        return command;
    }
}
