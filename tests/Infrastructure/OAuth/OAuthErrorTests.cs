using System.Reflection;
using System.Text.RegularExpressions;
using Signet.Infrastructure.OAuth;

namespace Signet.Tests.Infrastructure.OAuth;

/// <summary>What refusals say, RFC 6749 §5.2: printable ASCII without quote and backslash, and a code of the same.</summary>
public sealed partial class OAuthErrorTests
{
    [Fact]
    public void Every_error_is_written_in_the_characters_that_the_specification_allows()
    {
        var errors = typeof(OAuthError).GetFields(BindingFlags.Static | BindingFlags.Public).Select(field => field.GetValue(null)).OfType<OAuthError>().ToArray();

        errors.Length.ShouldBeGreaterThan(20);
        errors.ShouldAllBe(error => Regex.IsMatch(error.Code, "^[a-z_]+$") && IsAllowed(error.Description));
    }

    [Fact]
    public void So_is_every_sentence_that_is_said_instead()
    {
        var root = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../.."));
        string[] folders = ["Features", "Infrastructure"];
        var sentences = folders.SelectMany(folder => Directory.GetFiles(Path.Combine(root, folder), "*.cs", SearchOption.AllDirectories))
            .SelectMany(file => Saying().Matches(File.ReadAllText(file))).Select(match => match.Groups[1].Value).ToArray();

        sentences.Length.ShouldBeGreaterThan(50);
        sentences.ShouldAllBe(sentence => IsAllowed(sentence));
    }

    private static bool IsAllowed(string text) => text.All(character => character is >= ' ' and <= '~' and not ('"' or '\\'));

    [GeneratedRegex("\\.Saying\\(\\$?\"([^\"]*)\"")]
    private static partial Regex Saying();
}
