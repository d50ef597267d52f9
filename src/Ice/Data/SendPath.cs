using System.Net;
using System.Net.Sockets;
using Ice.Core;

namespace Ice;

/// <summary>Where a component's datagrams go: a socket and a destination, fixed when the pair was selected. Immutable but for its counters; thread-safe.</summary>
internal sealed class SendPath(LocalTransport transport, SocketAddress destination, PathTraffic traffic, CandidatePairInfo pair)
{
    public CandidatePairInfo Pair { get; } = pair;

    public PathTraffic Traffic { get; } = traffic;

    /// <summary>Sends without waiting.</summary>
    /// <returns>False when the system had no room or refused.</returns>
    public bool TrySend(ReadOnlySpan<byte> datagram)
    {
        SocketError error = transport.Socket.TrySendTo(datagram, destination);
        if (error == SocketError.Success)
        {
            Traffic.CountSent(datagram.Length);
            return true;
        }

        Traffic.CountDiscarded(datagram.Length);
        return error == SocketError.MessageSize ? throw TooLarge(datagram.Length) : false;
    }

    /// <summary>Sends, waiting for room.</summary>
    public ValueTask SendAsync(ReadOnlyMemory<byte> datagram, CancellationToken cancellationToken)
    {
        ValueTask sending = transport.Socket.SendToAsync(datagram, destination, cancellationToken);
        if (!sending.IsCompletedSuccessfully)
            return FinishAsync(sending, datagram.Length);
        Complete(sending);
        Traffic.CountSent(datagram.Length);
        return ValueTask.CompletedTask;
    }

    // A task that has ended is looked at once, so that its source can be used again.
    private static void Complete(ValueTask ended) => ended.GetAwaiter().GetResult();

    private async ValueTask FinishAsync(ValueTask sending, int length)
    {
        try
        {
            await sending.ConfigureAwait(false);
            Traffic.CountSent(length);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.MessageSize)
        {
            Traffic.CountDiscarded(length);
            throw TooLarge(length);
        }
        catch (SocketException)
        {
            // A datagram that the system refuses (no route, filtered, no room) is a datagram lost on the way: counted, and consent decides.
            Traffic.CountDiscarded(length);
        }
    }

    private static IceException TooLarge(int length) => new(
        IceError.DatagramTooLarge,
        $"A datagram of {length} bytes is more than the system sends at once: split it (1,200 bytes pass nearly everywhere).");
}
