using Stun;

namespace Ice.Core;

/// <summary>A STUN or TURN server, resolved to one address.</summary>
/// <param name="Id">The driver's number; one server with two addresses has two.</param>
/// <param name="Address">The server's address.</param>
/// <param name="Url">The URL it came from, for events and display.</param>
public sealed record GatheringServer(int Id, TransportAddress Address, string Url)
{
    /// <summary>How to have it relay; null for a STUN server.</summary>
    public RelaySettings? Relay { get; init; }
}
