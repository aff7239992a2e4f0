using Signet.Infrastructure;

namespace Signet.Tests.Infrastructure;

public sealed class DisplayNameTests
{
    [Theory]
    [InlineData("Notes", "Notes")]
    [InlineData("  Notes \t for\r\nall ", "Notes for all")]
    [InlineData("Google\u202Emoc.live", "Googlemoc.live")]
    [InlineData("A\u200B\u2066B\u2069\uFEFF", "AB")]
    [InlineData("a\u0000\u001B[31mb", "a[31mb")]
    [InlineData("Ünïcødé 日本 🎉", "Ünïcødé 日本 🎉")]
    [InlineData("\uD800x", "x")]
    [InlineData("", "")]
    [InlineData(null, null)]
    public void Keeps_what_can_be_seen(string? given, string? kept) => DisplayName.Clean(given).ShouldBe(kept);
}
