using Signet.Infrastructure.OAuth;

namespace Signet.Tests.Infrastructure.OAuth;

public sealed class OpaqueValueTests
{
    [Fact]
    public void Opens_what_it_made()
    {
        var value = OpaqueValue.New(OpaqueValue.ClientSecret);

        value.Text.ShouldStartWith("sgs_");
        OpaqueValue.Open(OpaqueValue.ClientSecret, value.Text)!.Length.ShouldBe(OpaqueValue.SecretLength);
        value.ToString().ShouldBe("***");
    }

    [Fact]
    public void Refuses_another_type_a_changed_character_and_another_length()
    {
        var value = OpaqueValue.New(OpaqueValue.ClientSecret).Text;
        var changed = value[..10] + (value[10] == 'a' ? 'b' : 'a') + value[11..];

        OpaqueValue.Open(OpaqueValue.AccessToken, value).ShouldBeNull();
        OpaqueValue.Open(OpaqueValue.ClientSecret, changed).ShouldBeNull();
        OpaqueValue.Open(OpaqueValue.ClientSecret, value + "a").ShouldBeNull();
        OpaqueValue.Open(OpaqueValue.ClientSecret, value[..^1]).ShouldBeNull();
        OpaqueValue.Open(OpaqueValue.ClientSecret, "").ShouldBeNull();
    }

    [Fact]
    public void Never_makes_the_same_twice() =>
        Enumerable.Range(0, 1000).Select(_ => OpaqueValue.New(OpaqueValue.RefreshToken).Text).ShouldBeUnique();
}
