using Stun;

namespace Ice.Simulation;

/// <summary>An address and port as the oracle thinks of them: the IP address leads the way, the numbers tell ports, and the choices of pools, apart.</summary>
/// <param name="Ip">The IP address, with port 0.</param>
/// <param name="Address">Tells addresses apart for filters: a pool without pairing is taken to give a new one to every mapping, the worst case.</param>
/// <param name="Port">Tells ports apart; it is no number on the wire.</param>
internal readonly record struct Spot(TransportAddress Ip, int Address, int Port);
