using System.Net;
using System.Net.Sockets;
using IceTool.Turn;
using Stun;

namespace CoturnInterop;

/// <summary>A peer that knows nothing of TURN: a UDP socket.</summary>
internal sealed class PeerSocket : IDisposable
{
    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[2048];

    public PeerSocket(IPAddress address)
    {
        _socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        _socket.Bind(new IPEndPoint(address, 0));
        Address = Addresses.Of((IPEndPoint)_socket.LocalEndPoint!);
    }

    public TransportAddress Address { get; }

    public async Task SendAsync(TransportAddress destination, byte[] data, CancellationToken cancellationToken) =>
        _ = await _socket.SendToAsync(data, Addresses.Of(destination), cancellationToken);

    /// <summary>Data goes from the client through the relay to this peer, and back.</summary>
    public async Task TalkAsync(TurnSession session, string text, CancellationToken cancellationToken)
    {
        byte[] there = System.Text.Encoding.UTF8.GetBytes($"{text}, to the peer");
        byte[] back = System.Text.Encoding.UTF8.GetBytes($"{text}, to the client");
        await session.SendAsync(Address, there, cancellationToken);
        SocketReceiveFromResult came = await _socket.ReceiveFromAsync(_buffer, Addresses.Of(Address), cancellationToken);
        Check.Equal(session.Relayed, Addresses.Of((IPEndPoint)came.RemoteEndPoint), $"the source of what the relay sends ({text})");
        Check.SameBytes(there, _buffer.AsMemory(0, came.ReceivedBytes), $"what the peer received ({text})");
        await SendAsync(session.Relayed, back, cancellationToken);
        TurnDatagram datagram = await session.ReceiveAsync(cancellationToken);
        Check.Equal(Address, datagram.Peer, $"the peer of what the client received ({text})");
        Check.SameBytes(back, datagram.Data, $"what the client received ({text})");
    }

    public void Dispose() => _socket.Dispose();
}
