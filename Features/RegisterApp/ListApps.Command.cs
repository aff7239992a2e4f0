using System.CommandLine;

namespace Signet.Features;

internal static partial class ListApps
{
    public static Command Command(CommandHost host)
    {
        var find = new Option<string?>("--find") { Description = "A part of the name, the id, or the owner's e-mail address." };
        var page = new Option<int>("--page") { Description = $"Which {Largest} of them.", DefaultValueFactory = _ => 1 };
        var unverified = new Option<bool>("--unverified") { Description = "Those alone that registered themselves and that nobody has verified." };
        var command = new Command("list", "List the apps.") { find, page, unverified };
        command.SetAction((parsed, _) => host.Send(
            parsed, new Request { OfEveryone = true, Find = parsed.GetValue(find), OnlyUnverified = parsed.GetValue(unverified), Page = parsed.GetValue(page), Size = Largest }, Answer));
        return command;
    }

    private static Answer Answer(Result result) => new(
        result.Apps, [.. result.Apps.Select(Line), $"{result.Total} {(result.Total == 1 ? "app" : "apps")}" + (result.Pages > 1 ? $", page {result.Page} of {result.Pages}" : "")]);

    private static string Line(App app) =>
        $"{app.Id}  {app.Name}  {(app.IsPublic ? "public" : "confidential")}  {app.OwnerEmail ?? "the installation's"}" + (app.DisabledAt is null ? "" : "  disabled") + (app.IsUnverified ? "  unverified" : "");
}
