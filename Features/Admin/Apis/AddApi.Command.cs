using System.CommandLine;
using System.Diagnostics;

namespace Signet.Features;

internal static partial class AddApi
{
    public static Command Command(CommandHost host)
    {
        var name = new Option<string>("--name") { Description = "What people see.", Required = true };
        var audience = new Option<string>("--audience") { Description = "The absolute URI that stands in aud.", Required = true };
        var scopes = new Option<string[]>("--scope") { Description = "A scope, or several with spaces between; may be repeated." };
        var types = new Option<string[]>("--details-type") { Description = "A type of authorization_details that it understands; may be repeated." };
        var command = new Command("add", "Add an API; the credentials with which it asks about tokens are printed once.") { name, audience, scopes, types };
        command.SetAction((parsed, _) => host.Send(parsed, new Request
        {
            Name = parsed.GetValue(name),
            Audience = parsed.GetValue(audience),
            Scopes = [.. (CommandHost.Words(parsed.GetValue(scopes)) ?? []).Select(scope => new ApiScope { Name = scope })],
            DetailsTypes = [.. (CommandHost.Words(parsed.GetValue(types)) ?? []).Select(type => new ApiDetailsType { Name = type })],
        }, Answer));
        return command;
    }

    private static Answer Answer(Result result) => result switch
    {
        Result.Added api => new(
            new { api.Audience, api.ClientId, ClientSecret = api.Secret.Text, ResourceMetadata = api.MetadataUrl },
            $"Added {api.Audience}: it introspects tokens as {api.ClientId} with {api.Secret.Text} (shown this once). In its 401 it tells apps where to learn how to get a token: resource_metadata=\"{api.MetadataUrl}\""),
        Result.AudienceTaken => Infrastructure.Answer.Refused("there is an API with this audience already."),
        Result.NotAllowed => Infrastructure.Answer.Refused("APIs are for administrators."),
        _ => throw new UnreachableException(),
    };
}
