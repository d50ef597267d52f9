using System.Net;
using Stun;

namespace CoturnInterop;

/// <summary>Between the framework's addresses and the library's.</summary>
internal static class Addresses
{
    public static TransportAddress Of(IPEndPoint endPoint) => TransportAddress.FromIPAddress(endPoint.Address, endPoint.Port);

    public static IPEndPoint Of(TransportAddress address) => address.ToIPEndPoint();
}
