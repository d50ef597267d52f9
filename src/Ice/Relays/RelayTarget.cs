using System.Net;
using Ice.Core;
using Stun;

namespace Ice;

/// <summary>A TURN server that is reached over a stream or an association of its own.</summary>
/// <param name="Server">What the application says of it, its trust included.</param>
/// <param name="Uri">The URL.</param>
/// <param name="Addresses">The addresses of its name.</param>
/// <param name="Port">Its port.</param>
/// <param name="Transport">How it is reached.</param>
internal sealed record RelayTarget(IceServer Server, StunUri Uri, IReadOnlyList<IPAddress> Addresses, int Port, RelayTransport Transport)
{
    /// <summary>The addresses that a local one can reach, in order.</summary>
    public IPEndPoint[] EndPointsFor(IPAddress local) =>
        [.. Addresses.Where(address => address.AddressFamily == local.AddressFamily).Select(address => new IPEndPoint(address, Port))];
}
