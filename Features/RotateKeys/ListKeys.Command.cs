using System.CommandLine;

namespace Signet.Features;

internal static partial class ListKeys
{
    public static Command Command(CommandHost host)
    {
        var command = new Command("list", "Show the keys and where each stands in its life.");
        command.SetAction((parsed, _) => host.Send(parsed, new Request(), result => new Answer(result.Keys.Select(key => new { Kid = key.Id, key.Algorithm, key.State, Source = key.IsFromFile ? "file" : "database", key.CreatedAt, key.ActiveFrom, key.RetiredFrom, key.GoneFrom }), [.. result.Keys.Select(Line)])));
        return command;
    }

    private static string Line(Key key) => $"{key.Id}  {key.Algorithm}  {key.State,-7}  {(key.IsFromFile ? "file    " : "database")}  " + key switch
    {
        { WillSign: false } => $"does not sign, published until {key.GoneFrom:u}",
        { RetiredFrom: { } retired } => $"signs from {key.ActiveFrom:u} to {retired:u}, published until {key.GoneFrom:u}",
        _ => $"signs from {key.ActiveFrom:u}",
    };
}
