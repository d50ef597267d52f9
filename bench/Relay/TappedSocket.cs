using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Ice.Net;

namespace Bench;

/// <summary>An agent's socket that the benchmark sends ready-made frames from, and counts frames at, before the agent sees them.</summary>
internal sealed class TappedSocket : IPushDatagramSocket, IMarkedDatagramSocket, IDatagramReceiver
{
    private readonly IPushDatagramSocket _push;
    private readonly IMarkedDatagramSocket _marked;
    private IDatagramReceiver? _receiver;
    private int _channel;
    private long _taken;
    private volatile bool _takes;

    public TappedSocket(IPEndPoint local)
    {
        IDatagramSocket socket = UdpSocket.Bind(local);
        if (socket is not IPushDatagramSocket push || socket is not IMarkedDatagramSocket marked)
        {
            socket.Dispose();
            throw new BenchException("This benchmark needs the sockets that the library has for Linux.");
        }

        (_push, _marked) = (push, marked);
    }

    /// <summary>The channel of the last ChannelData message that came; 0 before.</summary>
    public ushort Channel => (ushort)Volatile.Read(ref _channel);

    /// <summary>Whether ChannelData is counted here and goes no further.</summary>
    public bool Takes
    {
        get => _takes;
        set => _takes = value;
    }

    /// <summary>How many messages were.</summary>
    public long Taken => Volatile.Read(ref _taken);

    public Task Completion => _push.Completion;

    public IPEndPoint LocalEndPoint => _push.LocalEndPoint;

    public DatagramMarking Marking => _marked.Marking;

    public void Start(IDatagramReceiver receiver, int maxDatagramSize, bool trafficClass)
    {
        _receiver = receiver;
        _push.Start(this, maxDatagramSize, trafficClass);
    }

    public void OnDatagram(ReadOnlySpan<byte> datagram, SocketAddress source, TrafficClass? trafficClass)
    {
        // RFC 8656 §12: channel numbers are 0x4000 to 0x4FFF, and no STUN message begins so.
        if (datagram.Length > 4 && (datagram[0] & 0xF0) == 0x40)
        {
            if (_takes)
            {
                Volatile.Write(ref _taken, _taken + 1);
                return;
            }

            Volatile.Write(ref _channel, BinaryPrimitives.ReadUInt16BigEndian(datagram));
        }

        _receiver!.OnDatagram(datagram, source, trafficClass);
    }

    public void OnReceiveError(SocketError error) => _receiver!.OnReceiveError(error);

    public ValueTask<int> ReceiveFromAsync(Memory<byte> buffer, SocketAddress source, CancellationToken cancellationToken) => _push.ReceiveFromAsync(buffer, source, cancellationToken);

    public ValueTask<ReceivedDatagram> ReceiveMarkedFromAsync(Memory<byte> buffer, SocketAddress source, CancellationToken cancellationToken) =>
        _marked.ReceiveMarkedFromAsync(buffer, source, cancellationToken);

    public SocketError TrySendTo(ReadOnlySpan<byte> datagram, SocketAddress destination) => _push.TrySendTo(datagram, destination);

    public SocketError TrySendTo(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, SocketAddress destination, TrafficClass? trafficClass) =>
        _marked.TrySendTo(header, payload, destination, trafficClass);

    public ValueTask SendToAsync(ReadOnlyMemory<byte> datagram, SocketAddress destination, CancellationToken cancellationToken) => _push.SendToAsync(datagram, destination, cancellationToken);

    public ValueTask SendToAsync(ReadOnlyMemory<byte> datagram, SocketAddress destination, TrafficClass? trafficClass, CancellationToken cancellationToken) =>
        _marked.SendToAsync(datagram, destination, trafficClass, cancellationToken);

    public bool TrySetTrafficClass(TrafficClass trafficClass) => _push.TrySetTrafficClass(trafficClass);

    public SocketAddress CreateAddress() => _push.CreateAddress();

    public void Dispose() => _push.Dispose();
}
