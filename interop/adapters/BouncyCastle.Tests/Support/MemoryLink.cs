using System.Collections.Concurrent;
using System.Threading.Channels;
using Ice.Net;
using Org.BouncyCastle.Tls;

namespace Ice.BouncyCastle.Tests;

/// <summary>A way between a pipe and BouncyCastle that loses nothing.</summary>
internal sealed class MemoryLink
{
    private readonly Channel<byte[]> _toClient = Channel.CreateUnbounded<byte[]>();
    private readonly BlockingCollection<byte[]> _toServer = [];

    public MemoryLink()
    {
        Client = new ClientEnd(this);
        Server = new ServerEnd(this);
    }

    public IDatagramPipe Client { get; }

    public DatagramTransport Server { get; }

    private sealed class ClientEnd(MemoryLink link) : IDatagramPipe
    {
        public bool TrySend(ReadOnlySpan<byte> datagram) => link._toServer.TryAdd(datagram.ToArray());

        public async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            byte[] datagram = await link._toClient.Reader.ReadAsync(cancellationToken);
            datagram.CopyTo(buffer);
            return datagram.Length;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class ServerEnd(MemoryLink link) : DatagramTransport
    {
        public int GetReceiveLimit() => 2048;

        public int GetSendLimit() => 1200;

        public int Receive(byte[] buf, int off, int len, int waitMillis) => Receive(buf.AsSpan(off, len), waitMillis);

        public int Receive(Span<byte> buffer, int waitMillis)
        {
            if (!link._toServer.TryTake(out byte[]? datagram, waitMillis == 0 ? Timeout.Infinite : waitMillis))
                return -1;
            datagram.CopyTo(buffer);
            return datagram.Length;
        }

        public void Send(byte[] buf, int off, int len) => Send(buf.AsSpan(off, len));

        public void Send(ReadOnlySpan<byte> buffer) => link._toClient.Writer.TryWrite(buffer.ToArray());

        public void Close()
        {
        }
    }
}
