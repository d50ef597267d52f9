using System.Net;
using System.Net.Sockets;
using Stun;

namespace Bench;

/// <summary>A socket of the delay proxy: what comes to it leaves from another one some time later, or is answered.</summary>
internal sealed class DelayPort : IDisposable
{
    private readonly SocketAddress _source = new(AddressFamily.InterNetwork);

    public DelayPort()
    {
        Socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
        Socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        EndPoint = (IPEndPoint)Socket.LocalEndPoint!;
    }

    public Socket Socket { get; }

    public IPEndPoint EndPoint { get; }

    /// <summary>Where what leaves from here goes: who sent to here last, unless it was set before.</summary>
    public SocketAddress? Peer { get; private set; }

    /// <summary>The port from which leaves what comes to this one; null for one that answers.</summary>
    public DelayPort? Other { get; set; }

    /// <summary>For a STUN server, the port whose address its client is told: what comes to that one reaches the client. Null for a port that forwards.</summary>
    public DelayPort? Mapping { get; set; }

    public void SetPeer(IPEndPoint peer) => Peer = peer.Serialize();

    /// <summary>Takes a datagram, and notes who sent it.</summary>
    /// <returns>Its length, or -1 when there is none.</returns>
    public int Receive(byte[] buffer)
    {
        try
        {
            int length = Socket.ReceiveFrom(buffer, SocketFlags.None, _source);
            SocketAddress source = Peer is { } known && known.Equals(_source) ? known : Copy(_source);
            Peer = source;
            // A NAT: what comes to the mapping leaves towards who asked.
            if (Mapping?.Other is { } towardsClient)
                towardsClient.Peer = source;
            return length;
        }
        catch (SocketException)
        {
            // Nothing there, or the echo of something sent to an agent that has closed.
            return -1;
        }
    }

    /// <summary>The answer to a Binding request, in place of it.</summary>
    /// <returns>Its length, or -1 when it was none.</returns>
    public int Answer(byte[] buffer, int length)
    {
        if (Mapping is not { } mapping || !StunMessage.TryParse(buffer.AsSpan(0, length), out StunMessage request, out _)
            || request.Method != StunMethod.Binding || request.Class != StunClass.Request)
            return -1;
        byte[] answer = new byte[128];
        StunWriter writer = StunWriter.Respond(answer, request, StunClass.SuccessResponse);
        writer.AddXorAddress(StunAttributeType.XorMappedAddress, TransportAddress.FromIPAddress(mapping.EndPoint.Address, mapping.EndPoint.Port));
        writer.AddFingerprint();
        writer.Written.CopyTo(buffer);
        return writer.Length;
    }

    public void Send(ReadOnlySpan<byte> datagram)
    {
        if (Peer is not { } peer)
            return;
        try
        {
            _ = Socket.SendTo(datagram, SocketFlags.None, peer);
        }
        catch (SocketException)
        {
            // The other end has closed; a network would not tell either.
        }
    }

    public void Dispose() => Socket.Dispose();

    private static SocketAddress Copy(SocketAddress address)
    {
        SocketAddress copy = new(address.Family, address.Size);
        address.Buffer.CopyTo(copy.Buffer);
        return copy;
    }
}
