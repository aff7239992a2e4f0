using System.Text;

namespace Signet.Tests.Attacks;

/// <summary>Addresses that look like a good one, or like a path of ours, and lead to <c>evil.test</c>: every trick against every way to write it.</summary>
internal static class Addresses
{
    public const string Evil = "evil.test";

    // How an authority can be made to mean another host than the eye sees.
    private static readonly string[] Hosts =
    [
        Evil, $"www.{Evil}", $"rp.test@{Evil}", $"www.rp.test@{Evil}", $"user:pw@{Evil}", $":@{Evil}", $"rp.test:443@{Evil}", $"rp.test.{Evil}", $"{Evil}%23.rp.test",
        $"rp.test%40{Evil}", $"rp.test%2e{Evil}", $"rp.test%5c@{Evil}", $"rp.test\\@{Evil}", $"rp.test\\.{Evil}", $"rp.test#@{Evil}", $"rp.test?@{Evil}", $"rp.test;@{Evil}",
        $"{Evil}\\@rp.test", $"{Evil}:80#@rp.test", $"{Evil}:80?@rp.test", "evil%00.test", "evil%E3%80%82test", "evil。test", "evil．test", "%65%76%69%6c%2e%74%65%73%74", $"{Evil}.", $"{Evil}:443",
        "xn--pp-6kc.test", "аpp.test", "ｒp.test", "rp.test\u00ad", "r\u0301p.test", $"〱{Evil}", $"ー{Evil}",
        "0x7f.0x0.0x0.0x1", "0x7f000001", "2130706433", "0177.0.0.1", "127.1", "00177.0000.00.01", "[::ffff:127.0.0.1]", "[::127.0.0.1]", "0x7f.1", "x>.7d8T\\205pZM@" + Evil,
    ];

    // What can stand before an authority, and be read as scheme and slashes by one reader and as a path by another.
    private static readonly string[] Starts =
    [
        "https://", "http://", "HTTPS://", "//", "///", "////", "/////", "/\\", "\\\\", "\\/\\/", "/\\/\\/", "\\/", "https:", "https:/", "https:///", "https:\\\\", "https:/\\", "/https://", "/http:/", "//https://", "//https:///",
        "/%09/", "//%09/", "https://%09/", "/\t/", "\t//", "/\n/", "/%0a/", "/%0d%0a/", "/%5c", "//%5c", "///%5c", "https://%5c", "/%2f", "/%2f%2f", "/%2f%5c%2f", "%2f%2f", "/.", "/..//", "/.//", "/;@", "////;@", "///\\;@",
        "<>//", "/<>//", " //", " https://", "\u00a0//", "\u3000//", "\u2028//", "\0//", "h\tttps://", "/〱", "〵", "/ー", "@", "?//", "#//", "https:@", "%68%74%74%70%73%3a%2f%2f", "/%68%74%74%70%3a%2f%2f",
    ];

    private static readonly string[] Ends = ["", "/", "//", "/%2e%2e", "/%2e%2e%2f", "/%2f..", "/%2f%2e%2e", "/cb", "/%0d%0aSet-Cookie:%20a=b"];

    private static readonly string[] Scripts =
    [
        "javascript:alert(1)", "JavaScript:alert(1);", "//javascript:alert(1)", "/javascript:alert(1)", "/%5cjavascript:alert(1)", "/%09/javascript:alert(1)", "java\r\nscript:alert(0)", "java%0d%0ascript%0d%0a:alert(0)",
        "javascript://rp.test?%a0alert%281%29", "javascript://rp.test/%0aalert(1)", "\";alert(0);//", "<>javascript:alert(1);", "\\x6a\\x61vascript:alert(1)", "\\j\\av\\a\\s\\cr\\i\\pt\\:alert(1)", "ja\nva\tscript\r:alert(1)",
        "\u0001javascript:alert(1)", " javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "data:text/html;base64,PHNjcmlwdD4=", "vbscript:msgbox(1)", "file:///etc/passwd", "blob:https://evil.test/x", "about:blank", "view-source:https://rp.test/cb",
    ];

    /// <summary>Everything that leads away, or tries to.</summary>
    public static readonly string[] ThatLeadAway = [.. Hosts.SelectMany(host => Starts.Select((start, i) => start + host + Ends[i % Ends.Length]))
        .Concat(Ends.SelectMany(end => Starts.Select(start => start + Evil + end))).Concat(Scripts)
        .Append($"/?url=//{Evil}&next=//{Evil}&redirect_uri=//{Evil}").Append($"/redirect?url=/\\{Evil}&next=/\\{Evil}").Distinct()];

    /// <summary>What differs from a registered <c>https://rp.test/cb</c> by what some reader overlooks.</summary>
    public static readonly string[] ThatLookLikeRegistered =
    [
        "https://rp.test/cb/", "https://rp.test/CB", "https://rp.test/cb;x", "https://rp.test/cb?", "https://rp.test/cb?x=1", "https://rp.test/cb#", "https://rp.test/cb#x", "https://rp.test/cb%23", "https://rp.test/cb%3f",
        "https://rp.test/cb%20", "https://rp.test/cb+", "https://rp.test/cb ", " https://rp.test/cb", "https://rp.test/cb\t", "https://rp.test/cb\r\n", "https://rp.test/c\0b", "https://rp.test/cb%00", "https://rp.test/cb.", "https://rp.test/%63b",
        "https://rp.test/cb/../x", "https://rp.test/cb/../cb", "https://rp.test/./cb", "https://rp.test//cb", "https://rp.test/x/..%2fcb", "https://rp.test/cb%2f..%2fx", "https://rp.test/cb/..%2f..%2fevil", "https://rp.test/cb%252f..%252fevil",
        "https://rp.test/cb/..;/evil", "https://rp.test/cb\\..\\evil", "https://rp.test/cb/%2e%2e/x", "HTTPS://rp.test/cb", "https://RP.test/cb", "https://rp.test./cb", "https://rp.test:443/cb", "https://rp.test:/cb", "https://rp.test:8443/cb",
        "http://rp.test/cb", "https:rp.test/cb", "https:/rp.test/cb", "//rp.test/cb", "/cb", "rp.test/cb", "https://rp-test/cb", "https://rpxtest/cb", "https://sub.rp.test/cb", "https://rp.test.evil.test/cb", "https://rp.testevil/cb",
        "https://rp.test@evil.test/cb", "https://user@rp.test/cb", "https://ｒp.test/cb", "https://rp。test/cb", "https://rp.test/cｂ", "https://rp.test/cb\u0301", "https://rp.test/cb\u200b", "https://rp.test/cb,https://evil.test/",
        "https://rp.test/cb https://evil.test/", "https://rp.test/cb|https://evil.test/", "https://rp.test/cb&redirect_uri=https://evil.test/", "https://rp.test/cb%26redirect_uri=https://evil.test/", $"https://rp.test/cb{new string('a', 4096)}", "*", "https://*", "https://rp.test/*",
    ];

    /// <summary>
    /// Where a browser goes that is on our host and gets this Location (WHATWG URL): tabs and newlines are dropped, blanks and
    /// controls in front too, and a backslash is a slash. True while it stays on our host.
    /// </summary>
    public static bool StaysWithUs(string location)
    {
        var seen = new StringBuilder();
        foreach (var character in location.TrimStart([.. Enumerable.Range(0, 33).Select(i => (char)i)]).Where(character => character is not ('\t' or '\r' or '\n')))
            seen.Append(character == '\\' ? '/' : character);
        var text = seen.ToString();
        return text.StartsWith($"{Site.Issuer}/", StringComparison.Ordinal) || (text.StartsWith('/') && !text.StartsWith("//", StringComparison.Ordinal));
    }
}
