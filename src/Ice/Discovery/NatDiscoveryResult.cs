using Stun;

namespace Ice;

/// <summary>What <see cref="NatDiscovery"/> found out about the NATs around this host.</summary>
public sealed record NatDiscoveryResult
{
    /// <summary>One entry for each local address, IPv4 first; those that nothing could be learned from included, with the reason.</summary>
    public required IReadOnlyList<NatInterfaceBehavior> Interfaces { get; init; }

    /// <summary>Whether a server answered over IPv6.</summary>
    public required NatFinding<bool> IPv6 { get; init; }

    /// <summary>Whether no server answered over UDP from any address.</summary>
    public required bool UdpBlocked { get; init; }

    /// <summary>
    /// Where no server answered over UDP: whether one took a TCP connection on the same port, so that UDP is blocked on the way and not the server
    /// down. Null where that was not tried.
    /// </summary>
    public bool? ReachedOverTcp { get; init; }

    /// <summary>Servers that could not be asked: names without addresses, URLs of other transports. One sentence each.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    /// <summary>The entry that matters most: the first from which a server was reached, else the first; null when there is none.</summary>
    public NatInterfaceBehavior? Main => Interfaces.FirstOrDefault(static i => i.Behavior.Servers.Any(static s => s.Answered)) ?? (Interfaces.Count > 0 ? Interfaces[0] : null);
}
