namespace Stun;

/// <summary>A mapping that a NAT made: where a packet came from and went to, and what the server saw as its source.</summary>
/// <param name="Local">The local address and port.</param>
/// <param name="Server">Where the packet went.</param>
/// <param name="Mapped">The external address and port.</param>
public readonly record struct NatPortSample(TransportAddress Local, TransportAddress Server, TransportAddress Mapped);
