using Stun;

namespace Ice.Simulation;

/// <summary>A UDP socket bound to one address of a host.</summary>
public sealed class SimSocket
{
    private SimDatagramHandler? _handler;
    private bool _closed;

    internal SimSocket(SimInterface owner, TransportAddress address)
    {
        Interface = owner;
        LocalAddress = address;
    }

    /// <summary>The interface.</summary>
    public SimInterface Interface { get; }

    /// <summary>The address and port.</summary>
    public TransportAddress LocalAddress { get; }

    /// <summary>Sets who receives; until then datagrams are lost.</summary>
    public void OnReceive(SimDatagramHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        _handler = handler;
    }

    /// <summary>Sends a copy of the data. Never fails: the network may.</summary>
    public void Send(TransportAddress remote, ReadOnlySpan<byte> datagram)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        if (remote.SameFamily(LocalAddress))
            Interface.Host.Send(Interface, new SimPacket(LocalAddress, remote, datagram.ToArray()));
    }

    /// <summary>Closes the socket: datagrams to it are dropped from now on.</summary>
    public void Close()
    {
        if (_closed)
            return;
        _closed = true;
        Interface.Host.Unbind(this);
    }

    internal void Arrived(in SimPacket packet) => _handler?.Invoke(this, packet.Source, packet.Payload.Span);
}
