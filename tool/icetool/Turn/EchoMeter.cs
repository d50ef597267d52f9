using System.Buffers.Binary;
using System.Diagnostics;
using Stun;

namespace IceTool.Turn;

/// <summary>Measures with data that an echo peer sends back through the relay.</summary>
internal sealed class EchoMeter(TurnSession session, TransportAddress peer)
{
    private const int Pings = 20;
    private const int PingLength = 100;
    private const int DatagramLength = 1200;
    private const int Window = 32;
    private static readonly TimeSpan s_pingPatience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_lossPatience = TimeSpan.FromMilliseconds(250);

    private int _sequence;

    /// <summary>Sends one datagram after the other, each when the one before has come back.</summary>
    /// <param name="enough">How many at most; 20 by default.</param>
    /// <param name="cancellationToken">Ends the measurement.</param>
    public async Task<RoundTrips?> PingAsync(CancellationToken cancellationToken, int enough = Pings)
    {
        var times = new List<TimeSpan>();
        int lost = 0;
        // A server that lets nothing through shall not take 20 s to be found out.
        while (times.Count < enough && lost < 3)
        {
            TimeSpan? time = await PingOnceAsync(cancellationToken).ConfigureAwait(false);
            if (time is { } one)
                times.Add(one);
            else
                lost++;
        }

        times.Sort();
        return times.Count == 0 ? null : new RoundTrips(times[times.Count / 2], times[0], times.Count + lost, lost);
    }

    /// <summary>Keeps some datagrams of 1200 bytes under way for a while.</summary>
    public async Task<Throughput> StreamAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        byte[] datagram = new byte[DatagramLength];
        int first = _sequence + 1;
        int sent = 0;
        int received = 0;
        int underWay = 0;
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < duration || underWay > 0)
        {
            while (underWay < Window && clock.Elapsed < duration)
            {
                BinaryPrimitives.WriteInt32BigEndian(datagram, ++_sequence);
                await session.SendAsync(peer, datagram, cancellationToken).ConfigureAwait(false);
                sent++;
                underWay++;
            }

            if (await NextAsync(s_lossPatience, cancellationToken).ConfigureAwait(false) is not { } came)
            {
                underWay = 0;
            }
            else if (came >= first)
            {
                received++;
                underWay = Math.Max(0, underWay - 1);
            }
        }

        return new Throughput(received * DatagramLength * 8 / clock.Elapsed.TotalSeconds / 1e6, sent, sent - received);
    }

    private async Task<TimeSpan?> PingOnceAsync(CancellationToken cancellationToken)
    {
        byte[] datagram = new byte[PingLength];
        BinaryPrimitives.WriteInt32BigEndian(datagram, ++_sequence);
        var clock = Stopwatch.StartNew();
        await session.SendAsync(peer, datagram, cancellationToken).ConfigureAwait(false);
        while (clock.Elapsed < s_pingPatience)
        {
            int? came = await NextAsync(s_pingPatience - clock.Elapsed, cancellationToken).ConfigureAwait(false);
            if (came == _sequence)
                return clock.Elapsed;
        }

        return null;
    }

    // The sequence number of the next datagram of the peer; null when none came in time.
    private async Task<int?> NextAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (session.Data.TryRead(out TurnDatagram datagram))
            {
                if (datagram.Peer == peer && datagram.Data.Length >= sizeof(int))
                    return BinaryPrimitives.ReadInt32BigEndian(datagram.Data);
                continue;
            }

            if (patience <= TimeSpan.Zero)
                return null;
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(patience);
            try
            {
                // The exception of a path that has ended comes from here.
                if (!await session.Data.WaitToReadAsync(limit.Token).ConfigureAwait(false))
                    return null;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return null;
            }
        }
    }
}
