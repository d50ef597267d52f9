using Stun;

namespace Ice.Simulation;

/// <summary>One mapping of a NAT.</summary>
internal sealed class NatEntry(NatKey key, TransportAddress external)
{
    public NatKey Key { get; } = key;

    public TransportAddress External { get; } = external;

    public Instant Until { get; set; }

    public Permissions Permissions { get; } = new();
}
