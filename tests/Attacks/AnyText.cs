using System.Buffers.Text;
using System.Text;
using CsCheck;

namespace Signet.Tests.Attacks;

/// <summary>Input of every shape, near to good input and far from it.</summary>
internal static class AnyText
{
    private static readonly string[] Odd =
    [
        "", " ", "\0", "é", "\ud83d\ude00", "\ud800", "%", "%00", "%zz", "&=", "null", "[]", "{}", "[null]", "-1", "1e999", "99999999999999999999", "..", "a.b.c", "a.b.c.d.e", "e30.e30.e30", "eyJhbGciOiJFUzI1NiJ9.e30.AAAA",
        "urn:ietf:params:oauth:request_uri:x", "https://app.test/cb", "https://[::1", "https://a@b", "javascript:1", "CN=a\\", "CN=#zz", "CN=\"", "BCDF-GHJK", "bcdfghjk", "sgr_", "sgt_AAAA", "openid openid", "openid",
    ];

    private static readonly string[] Scalars =
    [
        "null", "true", "false", "0", "-1", "1.5", "1e999", "99999999999999999999", "\"\"", "\"x\"", "\" \"", "\"\\u0000\"", "\"\\ud800\"", "\"é\"", "\"AAAA\"", "\"P-256\"", "\"Ed25519\"", "\"RSA\"", "\"EC\"", "\"OKP\"", "\"ES256\"", "\"none\"",
        "\"https://id.test\"", "\"https://[\"", "\"http://a\"", "\"payment\"", "\"sig\"", "\"openid\"", "\"web\"", "\"authorization_code\"",
    ];

    /// <summary>How often to try, where this often is usual: that many times more with <c>SIGNET_TEST_EFFORT</c>.</summary>
    public static int Tries(int usual) => usual * int.Parse(Environment.GetEnvironmentVariable("SIGNET_TEST_EFFORT") ?? "1", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Text without a plan.</summary>
    public static readonly Gen<string> Any = Gen.OneOf<string>(
        Gen.OneOf(Odd), Gen.String[0, 60], Gen.Int[33, 126].Array[0, 120].Select(codes => string.Concat(codes.Select(code => (char)code))));

    /// <summary>What a header can carry.</summary>
    public static Gen<string> Header(Gen<string> text) => text.Select(value => string.Concat(value.Where(character => character is >= ' ' and <= '~')));

    public static readonly Gen<byte[]> Bytes = Gen.Byte.Array[0, 300];

    /// <summary>Good input of which a few characters were changed, taken away, doubled or cut off.</summary>
    public static Gen<string> Near(params string[] good) => Gen.Select(Gen.OneOf(good), Gen.Select(Gen.Int[0, 1 << 20], Gen.Int[0, 4], Gen.Char).Array[0, 4]).Select((text, changes) =>
    {
        foreach (var (place, kind, character) in changes)
        {
            var at = text.Length == 0 ? 0 : place % text.Length;
            text = kind switch
            {
                0 => text[..at],
                1 => text.Insert(at, character.ToString()),
                2 when text.Length > 0 => text.Remove(at, 1),
                3 when text.Length is > 0 and < 10_000 => text + text[at..],
                _ => text[..at] + character + text[Math.Min(at + 1, text.Length)..],
            };
        }

        return text;
    });

    /// <summary>A JSON value with members of these names.</summary>
    public static Gen<string> Json(string[] names, int depth = 3) => depth == 0
        ? Gen.OneOf(Scalars)
        : Gen.OneOf<string>(
            Gen.OneOf(Scalars),
            Json(names, depth - 1).Array[0, 3].Select(values => $"[{string.Join(',', values)}]"),
            Object(names, depth));

    public static Gen<string> Object(string[] names, int depth = 3) => Gen.Select(Gen.OneOf(names), Json(names, depth - 1)).Array[0, 6]
        .Select(members => $"{{{string.Join(',', members.Select(member => $"\"{member.Item1}\":{member.Item2}"))}}}");

    /// <summary>The members of a good object, some of them changed to something else.</summary>
    public static Gen<string> Changed(Func<IEnumerable<(string Name, string Json)>> good, string[] names) => Gen.Select(Gen.OneOf(names), Json(names, 2)).Array[1, 3].Select(changes =>
    {
        var all = good().Where(member => changes.All(change => change.Item1 != member.Name)).Concat(changes.DistinctBy(change => change.Item1).Select(change => (change.Item1, change.Item2)));
        return $"{{{string.Join(',', all.Select(member => $"\"{member.Item1}\":{member.Item2}"))}}}";
    });

    /// <summary>Compact form of these parts, whatever they are.</summary>
    public static Gen<string> Compact(params Gen<string>[] parts) => Gen.Select(parts[0], parts[1], Bytes).Select((header, payload, signature) =>
        $"{Encode(header)}.{Encode(payload)}.{Base64Url.EncodeToString(signature)}");

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
