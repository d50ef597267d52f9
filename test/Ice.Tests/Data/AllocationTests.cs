using Ice.Net;

namespace Ice.Tests;

public sealed class AllocationTests
{
    private const int RoundTrips = 10_000;
    private const int Attempts = 5;

    [TestCase("127.0.0.1", false)]
    [TestCase("127.0.0.1", true)]
    [TestCase("::1", false)]
    [TestCase("::1", true)]
    public async Task Ten_thousand_round_trips_between_two_agents_allocate_nothing(string address, bool portable)
    {
        IceAgentOptions With(IceAgentOptions options) => portable ? options with { SocketFactory = PortableUdpSocket.Bind } : options;
        await using AgentPair pair = await AgentPair.ConnectedAsync(With, With, address);
        await AssertNothingAsync(pair);
    }

    [Test]
    public async Task Ten_thousand_round_trips_behind_a_mux_allocate_nothing()
    {
        await using MuxedPairs pairs = await MuxedPairs.ConnectedAsync(1);
        await AssertNothingAsync(pairs.Pairs[0]);
    }

    private static async Task AssertNothingAsync(AgentPair pair)
    {
        // All threads are counted, those of the test host among them: one clean attempt shows that the agents allocate nothing.
        long least = long.MaxValue;
        for (int attempt = 0; attempt < Attempts && least >= RoundTrips; attempt++)
            least = Math.Min(least, await Task.Run(() => MeasureAsync(pair.Left, pair.Right)));
        Assert.That(least / (double)RoundTrips, Is.LessThan(1), $"{least} bytes in {RoundTrips} round trips");
    }

    private static async Task<long> MeasureAsync(IceAgent left, IceAgent right)
    {
        ReadOnlyMemory<byte> data = new byte[1200];
        byte[] buffer = new byte[2048];
        long before = 0;
        for (int i = -1000; i < RoundTrips; i++)
        {
            if (i == 0)
                before = GC.GetTotalAllocatedBytes(precise: true);
            await left.SendAsync(data);
            await right.ReceiveAsync(buffer);
            if (!right.TrySend(data.Span))
                throw new InvalidOperationException("a loopback socket had no room for one datagram");
            await left.ReceiveAsync(buffer);
        }

        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }
}
