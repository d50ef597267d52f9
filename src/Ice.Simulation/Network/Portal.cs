using Stun;

namespace Ice.Simulation;

/// <summary>
/// Where a realm meets a network that is not simulated: packets of that one are sent in here, and those for its addresses come out. Whoever joins
/// the two runs the <see cref="SimNetwork"/> along with the time of the other network.
/// </summary>
public sealed class Portal : SimNode
{
    private readonly Attachment _attachment;
    private readonly HashSet<TransportAddress> _served = [];
    private readonly Action<SimPacket> _leave;

    /// <summary>Creates a portal that serves no address yet.</summary>
    /// <param name="network">The network.</param>
    /// <param name="name">A name for captures and messages.</param>
    /// <param name="realm">The realm.</param>
    /// <param name="leave">Takes the packets that leave the simulation.</param>
    public Portal(SimNetwork network, string name, Realm realm, Action<SimPacket> leave)
        : base(network, name)
    {
        ArgumentNullException.ThrowIfNull(realm);
        ArgumentNullException.ThrowIfNull(leave);
        _leave = leave;
        _attachment = realm.Attach(this, name, new Link(network), []);
    }

    /// <summary>Has the realm bring packets for an address here; once is enough.</summary>
    /// <param name="address">An address of the other network; its port does not count.</param>
    /// <exception cref="ArgumentException">The realm has the address elsewhere.</exception>
    public void Serve(TransportAddress address)
    {
        if (_served.Add(address.WithPort(0)))
            _attachment.Realm.AddRoute(address, _attachment);
    }

    /// <summary>Sends a packet of the other network into the realm, at the time that the simulated network has.</summary>
    public void Send(SimPacket packet) => _attachment.Send(packet);

    internal override void Receive(in SimPacket packet, Attachment via) => _leave(packet);
}
