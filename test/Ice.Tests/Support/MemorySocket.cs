using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Ice.Net;

namespace Ice.Tests;

/// <summary>A socket of <see cref="MemoryNetwork"/>.</summary>
internal sealed class MemorySocket(MemoryNetwork network, IPEndPoint localEndPoint) : IDatagramSocket
{
    private readonly Channel<(IPEndPoint From, byte[] Datagram, SocketError Error)> _arrived = Channel.CreateUnbounded<(IPEndPoint, byte[], SocketError)>();

    private int _arrivals;
    private int _taken;
    private int _handled;

    public IPEndPoint LocalEndPoint { get; } = localEndPoint;

    /// <summary>What the next sends report in place of sending.</summary>
    public SocketError SendError { get; set; } = SocketError.Success;

    /// <summary>Whether everything that arrived was received and dealt with: its reader is back for more.</summary>
    public bool IsIdle => Volatile.Read(ref _arrivals) == Volatile.Read(ref _handled);

    public void Arrive(IPEndPoint from, byte[] datagram)
    {
        Interlocked.Increment(ref _arrivals);
        _arrived.Writer.TryWrite((from, datagram, SocketError.Success));
    }

    /// <summary>Makes a receive fail.</summary>
    public void Fail(SocketError error)
    {
        Interlocked.Increment(ref _arrivals);
        _arrived.Writer.TryWrite((LocalEndPoint, [], error));
    }

    public async ValueTask<int> ReceiveFromAsync(Memory<byte> buffer, SocketAddress source, CancellationToken cancellationToken)
    {
        Volatile.Write(ref _handled, _taken);
        ObjectDisposedException.ThrowIf(!await _arrived.Reader.WaitToReadAsync(cancellationToken), this);
        (IPEndPoint from, byte[] datagram, SocketError error) = await _arrived.Reader.ReadAsync(cancellationToken);
        _taken++;
        if (error != SocketError.Success)
            throw new SocketException((int)error);
        from.Serialize().Buffer.CopyTo(source.Buffer);
        int length = Math.Min(buffer.Length, datagram.Length);
        datagram.AsSpan(0, length).CopyTo(buffer.Span);
        return length;
    }

    public SocketError TrySendTo(ReadOnlySpan<byte> datagram, SocketAddress destination)
    {
        if (SendError == SocketError.Success)
            network.Deliver(LocalEndPoint, (IPEndPoint)LocalEndPoint.Create(destination), datagram.ToArray());
        return SendError;
    }

    public ValueTask SendToAsync(ReadOnlyMemory<byte> datagram, SocketAddress destination, CancellationToken cancellationToken) =>
        TrySendTo(datagram.Span, destination) is var error && error == SocketError.Success
            ? ValueTask.CompletedTask
            : ValueTask.FromException(new SocketException((int)error));

    public SocketAddress CreateAddress() => new(LocalEndPoint.AddressFamily);

    public void Dispose()
    {
        network.Close(this);
        _arrived.Writer.TryComplete();
    }
}
