using Stun;

namespace Ice.Simulation;

/// <summary>Joins a realm to the one outside of it, and decides what passes.</summary>
public abstract class Gateway : SimNode
{
    private protected Gateway(SimNetwork network, string name, Realm inside, Realm outside, Link uplink, ReadOnlySpan<TransportAddress> externalAddresses)
        : base(network, name)
    {
        ArgumentNullException.ThrowIfNull(inside);
        ArgumentNullException.ThrowIfNull(outside);
        ArgumentNullException.ThrowIfNull(uplink);
        if (inside == outside)
            throw new ArgumentException($"{name} needs two realms: what is inside of it cannot be outside too.", nameof(outside));
        Inside = inside.Attach(this, name + " inside", new Link(network), []);
        Outside = outside.Attach(this, name + " outside", uplink, externalAddresses);
    }

    /// <summary>Where it meets the realm that it serves.</summary>
    public Attachment Inside { get; }

    /// <summary>Where it meets the realm beyond.</summary>
    public Attachment Outside { get; }

    /// <summary>When an external address is reused; a firewall that translates nothing is endpoint-independent.</summary>
    public abstract NatMapping Mapping { get; }

    /// <summary>Who may send in.</summary>
    public abstract NatFiltering Filtering { get; }

    /// <summary>Whether addresses are translated: then nobody outside can know one without asking a STUN server.</summary>
    public abstract bool Translates { get; }

    /// <summary>Whether packets of a protocol to a port are let out at all.</summary>
    /// <param name="protocol">UDP or TCP.</param>
    /// <param name="port">The port that they go to.</param>
    public virtual bool LetsOut(SimProtocol protocol, int port) => true;

    internal abstract void OnInsideAddress(TransportAddress address);

    internal override void Receive(in SimPacket packet, Attachment via)
    {
        if (packet.HopLimit <= 1)
            via.Drop(packet, PacketDropCause.HopLimit);
        else if (via == Inside)
            Outbound(packet with { HopLimit = packet.HopLimit - 1 });
        else
            Inbound(packet with { HopLimit = packet.HopLimit - 1 });
    }

    private protected abstract void Outbound(in SimPacket packet);

    private protected abstract void Inbound(in SimPacket packet);
}
