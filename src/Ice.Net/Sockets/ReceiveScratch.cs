using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace Ice.Net;

/// <summary>What a thread receives into, again and again: a buffer and an address of each family. For one thread alone.</summary>
internal sealed unsafe class ReceiveScratch : IDisposable
{
    private readonly SocketAddress _ipv4 = new(AddressFamily.InterNetwork);
    private readonly SocketAddress _ipv6 = new(AddressFamily.InterNetworkV6);
    private readonly MemoryHandle _ipv4Pin;
    private readonly MemoryHandle _ipv6Pin;
    private byte[] _buffer = [];

    public ReceiveScratch()
    {
        _ipv4Pin = _ipv4.Buffer.Pin();
        _ipv6Pin = _ipv6.Buffer.Pin();
    }

    /// <summary>Receives one datagram, or several in one piece.</summary>
    /// <param name="descriptor">The socket; it has to stay open during the call.</param>
    /// <param name="ipv6">Its family.</param>
    /// <param name="limit">How many bytes are taken at most.</param>
    /// <param name="withControl">Whether more is wanted than the datagram and its sender.</param>
    /// <param name="wait">Whether to wait for it, which a descriptor that does not wait does not.</param>
    /// <param name="received">What came, until the next call.</param>
    public SocketError Receive(int descriptor, bool ipv6, int limit, bool withControl, bool wait, out ReceivedPiece received)
    {
        if (_buffer.Length < limit)
            _buffer = GC.AllocateUninitializedArray<byte>(limit, pinned: true);
        SocketAddress source = ipv6 ? _ipv6 : _ipv4;
        // Pinned, as the addresses are.
        fixed (byte* buffer = _buffer)
        {
            byte* name = (byte*)(ipv6 ? _ipv6Pin.Pointer : _ipv4Pin.Pointer);
            int length;
            int segmentSize = 0;
            TrafficClass? trafficClass = null;
            SocketError error = withControl
                ? LinuxMessages.ReceiveWithControl(descriptor, buffer, limit, name, source.Size, wait, out length, out segmentSize, out trafficClass)
                : LinuxMessages.Receive(descriptor, buffer, limit, name, source.Size, wait, out length);
            received = new ReceivedPiece(new ReadOnlySpan<byte>(buffer, length), segmentSize, source, trafficClass);
            return error;
        }
    }

    public void Dispose()
    {
        _ipv4Pin.Dispose();
        _ipv6Pin.Dispose();
    }
}
