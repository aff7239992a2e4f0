using System.Net;
using System.Net.Sockets;

namespace Signet.Infrastructure;

/// <summary>Whom limits are counted by: an IPv4 address, or the /64 that even the smallest IPv6 subscriber has to itself.</summary>
internal static class Subscriber
{
    private const int NetworkBytes = 8;

    public static string Of(IPAddress? address) => address switch
    {
        null => "",
        { IsIPv4MappedToIPv6: true } => address.MapToIPv4().ToString(),
        { AddressFamily: AddressFamily.InterNetworkV6 } => Convert.ToHexString(address.GetAddressBytes().AsSpan(0, NetworkBytes)),
        _ => address.ToString(),
    };
}
