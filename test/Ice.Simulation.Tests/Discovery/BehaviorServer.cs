using Stun;
using Turn;

namespace Ice.Simulation.Tests.Discovery;

/// <summary>The product's own server machine on two addresses and two ports: what RFC 5780 asks of a server.</summary>
internal sealed class BehaviorServer
{
    private readonly Dictionary<TransportAddress, SimSocket> _sockets = [];
    private readonly TurnServerCore _core;
    private readonly SimNetwork _network;
    private readonly byte[] _buffer = new byte[2000];

    public BehaviorServer(SimNetwork network, Realm realm, string first, string second)
    {
        _network = network;
        Primary = TransportAddress.Parse(first, 3478);
        Alternate = TransportAddress.Parse(second, 3479);
        var host = new SimHost(network, "server");
        _ = host.AddInterface("eth0", realm, null, first, second);
        _core = new TurnServerCore(new TurnServerCoreOptions { Behavior = new BehaviorAddresses(Primary, Alternate) }, new SimEntropy(network.Random.Fork()));
        foreach (TransportAddress address in (TransportAddress[])[Primary, Primary.WithPort(3479), Alternate.WithPort(3478), Alternate])
        {
            SimSocket socket = host.Bind(address);
            _sockets.Add(address, socket);
            socket.OnReceive((own, client, datagram) => OnDatagram(own.LocalAddress, client, datagram));
        }
    }

    public TransportAddress Primary { get; }

    public TransportAddress Alternate { get; }

    /// <summary>Decides which answers are sent, by the address they come from; all are when it is null.</summary>
    public Func<TransportAddress, bool>? Sends { get; set; }

    /// <summary>How long answers from an address are held back.</summary>
    public Func<TransportAddress, TimeSpan>? Delay { get; set; }

    private void OnDatagram(TransportAddress local, TransportAddress client, ReadOnlySpan<byte> datagram)
    {
        _ = _core.HandleClient(new FiveTuple(StunTransport.Udp, client, local), datagram, _network.Now);
        while (_core.TryGetTransmit(_buffer, out TurnServerTransmit transmit))
        {
            FiveTuple path = transmit.Path;
            byte[] answer = _buffer.AsSpan(0, transmit.Length).ToArray();
            if (Sends?.Invoke(path.Server) ?? true)
                _network.Schedule(Delay?.Invoke(path.Server) ?? TimeSpan.Zero, () => _sockets[path.Server].Send(path.Client, answer));
        }
    }
}
