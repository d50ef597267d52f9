namespace Ice.Net;

/// <summary>An ICMP message about a datagram that a socket sent.</summary>
/// <param name="Type">The ICMP type; its meaning depends on the address family.</param>
/// <param name="Code">The ICMP code.</param>
/// <param name="Mtu">The MTU of the next hop for "fragmentation needed" and "packet too big"; 0 otherwise.</param>
public readonly record struct IcmpError(byte Type, byte Code, uint Mtu);
