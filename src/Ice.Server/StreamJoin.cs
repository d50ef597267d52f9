using System.Buffers;
using System.Net.Security;
using System.Net.Sockets;
using Ice.Net;

namespace Ice.Server;

/// <summary>Copies bytes between a client's data connection and the connection with a peer, both ways (RFC 6062 §3).</summary>
/// <remarks>What one side does not take is not read from the other: the system's flow control reaches from end to end.</remarks>
internal static class StreamJoin
{
    private const int BufferSize = 16 * 1024;

    public static async Task CopyAsync(FramedStream client, Socket peer, CancellationToken cancellationToken)
    {
        var peerStream = new NetworkStream(peer, ownsSocket: true);
        await using (peerStream.ConfigureAwait(false))
        {
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
#pragma warning disable CA2025 // both tasks have ended before anything is disposed: WhenAll waits for them, also when one fails
            Task toPeer = CopyOneWayAsync(client.Stream, peerStream, client.Remaining, () => EndSending(peer), ending);
            Task toClient = CopyOneWayAsync(peerStream, client.Stream, default, () => EndSendingAsync(client.Stream), ending);
#pragma warning restore CA2025
            await Task.WhenAll(toPeer, toClient).ConfigureAwait(false);
        }
    }

    private static async Task CopyOneWayAsync(Stream from, Stream to, ReadOnlyMemory<byte> first, Func<Task> end, CancellationTokenSource ending)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            if (!first.IsEmpty)
                await to.WriteAsync(first, ending.Token).ConfigureAwait(false);
            int count;
            while ((count = await from.ReadAsync(buffer, ending.Token).ConfigureAwait(false)) > 0)
                await to.WriteAsync(buffer.AsMemory(0, count), ending.Token).ConfigureAwait(false);
            await end().ConfigureAwait(false);
        }
        catch (Exception exception) when (FramedStream.IsEnd(exception))
        {
            // One side is gone: so is the other, with what it had still to say.
            await ending.CancelAsync().ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static Task EndSending(Socket socket)
    {
        socket.Shutdown(SocketShutdown.Send);
        return Task.CompletedTask;
    }

    private static Task EndSendingAsync(Stream stream) => stream switch
    {
        SslStream tls => tls.ShutdownAsync(),
        NetworkStream plain => EndSending(plain.Socket),
        _ => Task.CompletedTask,
    };
}
