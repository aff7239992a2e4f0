using System.CommandLine;
using System.Diagnostics;

namespace Signet.Features;

internal static partial class AddUser
{
    public static Command Command(CommandHost host)
    {
        var email = new Option<string>("--email") { Description = "The e-mail address to sign in with.", Required = true };
        var name = new Option<string?>("--name") { Description = "What the person is called; otherwise what stands before the @." };
        var password = new Option<string?>("--password") { Description = "The password, 12 characters or more; otherwise one is made and printed once." };
        var role = new Option<string?>("--role") { Description = "admin makes an administrator." };
        role.AcceptOnlyFromAmong(Roles.Admin);
        var command = new Command("add", "Add a user.") { email, name, password, role };
        command.SetAction((parsed, _) => host.Send(parsed, new Request
        {
            Email = parsed.GetValue(email),
            Name = parsed.GetValue(name),
            Password = parsed.GetValue(password) is { } given ? new Secret(given) : null,
            IsAdmin = parsed.GetValue(role) is not null,
        }, Answer));
        return command;
    }

    private static Answer Answer(Result result) => result switch
    {
        Result.Added { Made: { } made } added => new(
            new { added.Id, added.Email, Password = made.Text }, $"Added {added.Email} with the password {made.Text} (shown this once)."),
        Result.Added added => new(new { added.Id, added.Email }, $"Added {added.Email}."),
        Result.Taken => Infrastructure.Answer.Refused("there is a user with this e-mail address already."),
        _ => throw new UnreachableException(),
    };
}
