using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Signet.Tests;

/// <summary>What a reader may rely on everywhere; each habit first asserts that it found something to check.</summary>
public sealed partial class HabitsTests
{
    private const int LongestFile = 300;
    private static readonly string Root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, ".."));

    [Fact]
    public void Every_page_states_its_own_url()
    {
        var pages = Files("*.cshtml").Where(file => !Path.GetFileName(file).StartsWith('_')).ToArray();

        pages.Length.ShouldBeGreaterThan(30);
        pages.Where(page => !File.ReadLines(page).First().StartsWith("@page \"/", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public void Every_link_to_a_page_leads_somewhere()
    {
        var links = Files("*.cshtml").SelectMany(file => Link().Matches(File.ReadAllText(file)).Select(match => (File: file, Page: match.Groups[1].Value)))
            .Where(link => !link.Page.StartsWith('@')).ToArray();

        links.Length.ShouldBeGreaterThan(30);
        links.Where(link => !File.Exists(link.Page.StartsWith('/')
            ? Path.Combine(Root, link.Page[1..] + ".cshtml")
            : Path.Combine(Path.GetDirectoryName(link.File)!, link.Page + ".cshtml"))).ShouldBeEmpty();
    }

    [Fact]
    public void Infrastructure_knows_no_feature() =>
        Code("Infrastructure").Where(file => file.Text.Contains("Signet.Features", StringComparison.Ordinal)).Select(file => file.Path).ShouldBeEmpty();

    [Fact]
    public void Only_the_doorway_makes_sessions() =>
        Code("Features", "Infrastructure", "Pages").Where(file => file.Text.Contains("SignInAsync(Schemes.Session", StringComparison.Ordinal))
            .Select(file => Path.GetFileName(file.Path)).ShouldBe(["Doorway.cs"]);

    [Fact]
    public void Time_and_chance_come_from_where_tests_can_set_them() =>
        Code("Features", "Infrastructure", "Pages").Where(file => Forbidden().IsMatch(file.Text)).Select(file => Path.GetFileName(file.Path))
            .ShouldBe(["DevelopmentServer.cs"]); // browsers check its certificate against the machine's own time

    [Fact]
    public void No_file_is_too_long_to_read_in_one_sitting() =>
        Code("Features", "Infrastructure", "Pages", "tests").Where(file => file.Text.Count(character => character == '\n') > LongestFile).Select(file => file.Path).ShouldBeEmpty();

    [Fact]
    public void No_pattern_can_be_made_to_take_long()
    {
        var patterns = Code("Features", "Infrastructure", "Pages").SelectMany(file => Pattern().Matches(file.Text).Select(match => match.Value)).ToArray();

        patterns.Length.ShouldBeGreaterThan(4);
        patterns.Where(pattern => !pattern.Contains("RegexOptions.NonBacktracking", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    private static IEnumerable<string> Files(string pattern) =>
        new[] { "Features", "Pages" }.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories));

    private static (string Path, string Text)[] Code(params string[] folders)
    {
        var files = folders.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Contains("Migrations", StringComparison.Ordinal) && !file.Contains("node_modules", StringComparison.Ordinal))
            .Select(file => (file, File.ReadAllText(file))).ToArray();
        files.Length.ShouldBeGreaterThan(20);
        return files;
    }

    private static string Here([CallerFilePath] string path = "") => path;

    [GeneratedRegex("asp-page=\"([^\"]+)\"")]
    private static partial Regex Link();

    [GeneratedRegex(@"\[GeneratedRegex\(.*|new Regex\(.*|\bRegex\.(Is)?(Match|Replace|Split|Count).*|\.Matches\(@?"".*")]
    private static partial Regex Pattern();

    [GeneratedRegex(@"DateTime(Offset)?\.(Utc)?Now\b|new Random\(|Random\.Shared")]
    private static partial Regex Forbidden();
}
