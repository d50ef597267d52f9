using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Stun;

namespace PeersInterop;

/// <summary>
/// A witness that neither side can talk out of what happened: it reads every datagram that crosses the segment. The segment's bridge is in the
/// namespace of this process, so that one packet socket sees the ports of all hosts.
/// </summary>
internal sealed class Wire : IDisposable
{
    // linux/if_packet.h: the kind of packet in a sockaddr_ll, and the kind that leaves. Each frame comes in at one port and leaves at another.
    private const int PacketTypeOffset = 10;
    private const byte Outgoing = 4;

    // linux/if_ether.h, in network order.
    private const int EveryProtocol = 0x0300;
    private const int EthernetHeader = 14;
    private const int UdpHeader = 8;
    private const byte Udp = 17;

    private readonly Lock _gate = new();
    private readonly List<WireDatagram> _datagrams = [];
    private readonly Socket _socket = new(AddressFamily.Packet, SocketType.Raw, (ProtocolType)EveryProtocol);
    private readonly Thread _thread;

    public Wire()
    {
        _socket.ReceiveBufferSize = 1 << 22;
        _thread = new Thread(Read) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>The datagrams that match, in order.</summary>
    public IReadOnlyList<WireDatagram> Find(Func<WireDatagram, bool> matches)
    {
        lock (_gate)
            return [.. _datagrams.Where(matches)];
    }

    /// <summary>The connectivity checks that one side of a call has sent.</summary>
    public IReadOnlyList<WireDatagram> ChecksOf(string sender, string receiver) =>
        Find(d => d.Stun is { Class: StunClass.Request } stun && stun.Username == $"{receiver}:{sender}");

    /// <summary>The answers to these checks.</summary>
    public IReadOnlyList<WireDatagram> AnswersTo(IReadOnlyList<WireDatagram> checks)
    {
        var transactions = checks.Select(c => c.Stun!.Transaction).ToHashSet();
        return Find(d => d.Stun is { Class: not StunClass.Request } stun && transactions.Contains(stun.Transaction));
    }

    public void Dispose()
    {
        _socket.Dispose();
        _thread.Join();
    }

    private void Read()
    {
        byte[] frame = new byte[65536];
        int addressSize = SocketAddress.GetMaximumAddressSize(AddressFamily.Packet);
        var from = new SocketAddress(AddressFamily.Packet, addressSize);
        try
        {
            while (true)
            {
                from.Size = addressSize;
                int length = _socket.ReceiveFrom(frame, SocketFlags.None, from);
                if (from.Buffer.Span[PacketTypeOffset] != Outgoing && ReadFrame(frame.AsSpan(0, length)) is { } datagram)
                {
                    lock (_gate)
                        _datagrams.Add(datagram);
                    if (PeerProcess.Trace && datagram.Stun is { } stun)
                        Console.Error.WriteLine($"{datagram.At.TotalSeconds,8:0.000} wire {datagram.From} > {datagram.To} {stun}");
                }
            }
        }
        catch (SocketException)
        {
            // Disposed.
        }
        catch (ObjectDisposedException)
        {
            // Likewise.
        }
    }

    private static WireDatagram? ReadFrame(ReadOnlySpan<byte> frame)
    {
        if (frame.Length < EthernetHeader)
            return null;
        ReadOnlySpan<byte> packet = frame[EthernetHeader..];
        return BinaryPrimitives.ReadUInt16BigEndian(frame[12..]) switch
        {
            0x0800 when packet.Length >= 20 && packet[9] == Udp => ReadUdp(packet[((packet[0] & 15) * 4)..], packet.Slice(12, 4), packet.Slice(16, 4)),
            0x86DD when packet.Length >= 40 && packet[6] == Udp => ReadUdp(packet[40..], packet.Slice(8, 16), packet.Slice(24, 16)),
            _ => null,
        };
    }

    private static WireDatagram? ReadUdp(ReadOnlySpan<byte> udp, ReadOnlySpan<byte> source, ReadOnlySpan<byte> destination)
    {
        if (udp.Length < UdpHeader)
            return null;
        var from = TransportAddress.FromBytes(source, BinaryPrimitives.ReadUInt16BigEndian(udp));
        var to = TransportAddress.FromBytes(destination, BinaryPrimitives.ReadUInt16BigEndian(udp[2..]));
        return new WireDatagram(PeerProcess.Now, from, to, WireStun.Read(udp[UdpHeader..]));
    }
}
