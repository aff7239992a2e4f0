using System.Net;
using Signet.Infrastructure;

namespace Signet.Tests.Infrastructure;

/// <summary>Whom limits are counted by.</summary>
public sealed class SubscriberTests
{
    [Theory]
    [InlineData("198.51.100.7", "198.51.100.7", true)]
    [InlineData("198.51.100.7", "198.51.100.8", false)]
    [InlineData("198.51.100.7", "::ffff:198.51.100.7", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    public void Is_an_IPv4_address_or_a_network_of_IPv6(string one, string other, bool isOne) =>
        (Subscriber.Of(IPAddress.Parse(one)) == Subscriber.Of(IPAddress.Parse(other))).ShouldBe(isOne);
}
