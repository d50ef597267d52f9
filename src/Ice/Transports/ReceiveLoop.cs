using System.Net;
using System.Net.Sockets;
using Ice.Net;

namespace Ice;

/// <summary>Asks a socket for each datagram, where it has no loop to push them.</summary>
internal static class ReceiveLoop
{
    // What is handled without a pause: a flood must not keep a thread from everything else.
    private const int Burst = 64;

    /// <summary>Receives until the socket is disposed of; begins on the calling thread.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="receiver">Who takes it.</param>
    /// <param name="maxDatagramSize">The length in bytes of the longest datagram that is whole.</param>
    /// <param name="trafficClass">Whether each datagram's traffic class is wanted.</param>
    /// <param name="cancellationToken">Ends it too: to be canceled before the socket is disposed of.</param>
    public static async Task RunAsync(IDatagramSocket socket, IDatagramReceiver receiver, int maxDatagramSize, bool trafficClass, CancellationToken cancellationToken)
    {
        IMarkedDatagramSocket? marked = trafficClass ? socket as IMarkedDatagramSocket : null;
        byte[] buffer = GC.AllocateUninitializedArray<byte>(maxDatagramSize + 1);
        SocketAddress source = socket.CreateAddress();
        int burst = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                ReceivedDatagram received;
                if (marked is not null)
                {
                    ValueTask<ReceivedDatagram> receiving = marked.ReceiveMarkedFromAsync(buffer, source, cancellationToken);
                    burst = receiving.IsCompleted ? burst + 1 : 0;
                    received = await receiving.ConfigureAwait(false);
                }
                else
                {
                    ValueTask<int> receiving = socket.ReceiveFromAsync(buffer, source, cancellationToken);
                    burst = receiving.IsCompleted ? burst + 1 : 0;
                    received = new ReceivedDatagram(await receiving.ConfigureAwait(false), null);
                }

                receiver.OnDatagram(buffer.AsSpan(0, received.Length), source, received.TrafficClass);
                if (burst < Burst)
                    continue;
                burst = 0;
                await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException exception)
            {
                if (cancellationToken.IsCancellationRequested)
                    return;
                receiver.OnReceiveError(exception.SocketErrorCode);
            }
        }
    }
}
