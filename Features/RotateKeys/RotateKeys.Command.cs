using System.CommandLine;

namespace Signet.Features;

internal static partial class RotateKeys
{
    public static Command Command(CommandHost host)
    {
        var command = new Command("rotate", "Let the next keys take over as soon as everyone has had the time to learn them.");
        command.SetAction((parsed, _) => host.Send(parsed, new Request(), result => new Answer(result, [.. Lines(result)])));
        return command;
    }

    private static IEnumerable<string> Lines(Result result)
    {
        if (result.From is { } from)
            yield return $"The next keys sign from {from:u}; the present ones verify until what they signed has expired.";
        if (result.Advice is { } advice)
            yield return advice;
    }
}
