using Stun;

namespace Turn;

/// <summary>The two addresses and two ports on which a server of RFC 5780 listens, all four combinations of them.</summary>
public sealed record BehaviorAddresses
{
    /// <summary>Makes the set.</summary>
    /// <param name="primary">A1:P1.</param>
    /// <param name="alternate">A2:P2, another address and another port of the same family.</param>
    public BehaviorAddresses(TransportAddress primary, TransportAddress alternate)
    {
        if (primary.IsNone || !primary.SameFamily(alternate) || primary.SameAddress(alternate) || primary.Port == alternate.Port)
            throw new ArgumentException($"NAT behavior discovery needs two addresses of one family and two ports (RFC 5780 §6), not {primary} and {alternate}.", nameof(alternate));
        Primary = primary;
        Alternate = alternate;
    }

    /// <summary>A1:P1.</summary>
    public TransportAddress Primary { get; }

    /// <summary>A2:P2.</summary>
    public TransportAddress Alternate { get; }

    /// <summary>Whether an address is one of the four.</summary>
    public bool Contains(TransportAddress local) =>
        (local.SameAddress(Primary) || local.SameAddress(Alternate)) && (local.Port == Primary.Port || local.Port == Alternate.Port);

    /// <summary>The one of the four that differs from <paramref name="local"/> in what was asked for (RFC 5780 §6.1, table 1).</summary>
    public TransportAddress Change(TransportAddress local, bool address, bool port)
    {
        bool first = local.SameAddress(Primary) != address;
        int firstPort = local.Port == Primary.Port ? Primary.Port : Alternate.Port;
        int otherPort = local.Port == Primary.Port ? Alternate.Port : Primary.Port;
        return (first ? Primary : Alternate).WithPort(port ? otherPort : firstPort);
    }
}
