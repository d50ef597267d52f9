namespace Ice.Simulation;

/// <summary>Where a node meets a realm, over a link of its own: what a network interface card and its cable are.</summary>
public sealed class Attachment
{
    private readonly Action<SimPacket> _arriveInRealm;
    private readonly Action<SimPacket> _arriveAtNode;

    internal Attachment(SimNode node, Realm realm, string name, Link link)
    {
        Node = node;
        Realm = realm;
        Name = name;
        Link = link;
        Index = node.Network.NextAttachmentIndex();
        _arriveInRealm = packet => Realm.Route(packet, this);
        _arriveAtNode = Arrive;
    }

    /// <summary>The node.</summary>
    public SimNode Node { get; }

    /// <summary>The realm.</summary>
    public Realm Realm { get; }

    /// <summary>The name: node and interface.</summary>
    public string Name { get; }

    /// <summary>The link between the two.</summary>
    public Link Link { get; }

    /// <summary>The number of the attachment in its network, from 0.</summary>
    public int Index { get; }

    internal void Send(in SimPacket packet)
    {
        Node.Network.Report(this, PacketFate.Sent, PacketDropCause.None, packet);
        Link.Up.Carry(packet, _arriveInRealm, this);
    }

    internal void Deliver(in SimPacket packet) => Link.Down.Carry(packet, _arriveAtNode, this);

    internal void Drop(in SimPacket packet, PacketDropCause cause) => Node.Network.Report(this, PacketFate.Dropped, cause, packet);

    private void Arrive(SimPacket packet)
    {
        Node.Network.Report(this, PacketFate.Received, PacketDropCause.None, packet);
        Node.Receive(packet, this);
    }
}
