using Ice.Core;
using Stun;

namespace Ice.Simulation;

/// <summary>A TURN server that a simulated agent uses.</summary>
/// <param name="Server">Its address.</param>
/// <param name="Username">The user name.</param>
/// <param name="Password">The password; simulations have no secrets.</param>
public sealed record SimRelay(TransportAddress Server, string Username, string Password)
{
    /// <summary>How it is reached: <see cref="RelayTransport.Udp"/> or <see cref="RelayTransport.Tcp"/>. The simulation has no TLS.</summary>
    public RelayTransport Transport { get; init; }
}
