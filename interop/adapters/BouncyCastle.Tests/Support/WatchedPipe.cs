using System.Collections.Concurrent;
using Ice.Net;

namespace Ice.BouncyCastle.Tests;

/// <summary>A pipe that notes what is sent, and loses some of it.</summary>
internal sealed class WatchedPipe(IDatagramPipe pipe, Predicate<int>? losesSent = null, Predicate<int>? losesReceived = null) : IDatagramPipe
{
    private int _sends;
    private int _receives;

    public ConcurrentQueue<int> SentSizes { get; } = [];

    public bool Disposed { get; private set; }

    public bool TrySend(ReadOnlySpan<byte> datagram)
    {
        SentSizes.Enqueue(datagram.Length);
        return losesSent?.Invoke(_sends++) == true || pipe.TrySend(datagram);
    }

    public async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            int length = await pipe.ReceiveAsync(buffer, cancellationToken);
            if (length == 0 || losesReceived?.Invoke(_receives++) != true)
                return length;
        }
    }

    public ValueTask DisposeAsync()
    {
        Disposed = true;
        return pipe.DisposeAsync();
    }
}
