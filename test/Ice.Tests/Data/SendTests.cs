namespace Ice.Tests;

public sealed class SendTests
{
    [Test]
    public async Task Sending_before_there_is_a_pair_is_refused_with_what_to_do()
    {
        await using IceAgent agent = new(new());
        Assert.That(agent.TrySend([1]), Is.False);
        IceException refusal = Assert.ThrowsAsync<IceException>(async () => await agent.SendAsync(new byte[1]));
        Assert.That(refusal.Error, Is.EqualTo(IceError.NotConnected));
        Assert.That(refusal.Message, Does.Contain("await ConnectAsync"));
    }

    [Test]
    public async Task A_datagram_that_no_UDP_can_carry_is_refused()
    {
        await using AgentPair pair = await AgentPair.ConnectedAsync();
        IceException refusal = Assert.ThrowsAsync<IceException>(async () => await pair.Left.SendAsync(new byte[70_000]));
        Assert.That(refusal.Error, Is.EqualTo(IceError.DatagramTooLarge));
        Assert.That(() => pair.Left.TrySend(new byte[70_000]), Throws.InstanceOf<IceException>());
        Assert.That(pair.Left.GetStats().CandidatePairs[0].PacketsDiscardedOnSend, Is.EqualTo(2));
    }

    [Test]
    public async Task A_datagram_that_the_system_refuses_is_lost_and_counted()
    {
        await using MemoryPair pair = await MemoryPair.ConnectedAsync();
        pair.Network.Find(pair.Left.LocalCandidates[0].EndPoint).SendError = System.Net.Sockets.SocketError.NetworkUnreachable;
        Assert.That(pair.Left.TrySend([1, 2]), Is.False);
        await pair.Left.SendAsync(new byte[] { 1, 2, 3 });

        IceCandidatePairStats stats = pair.Left.GetStats().CandidatePairs.Single(static candidate => candidate.Selected);
        Assert.That((stats.PacketsDiscardedOnSend, stats.BytesDiscardedOnSend, stats.PacketsSent), Is.EqualTo((2L, 5L, 0L)));
    }

    [Test]
    public async Task The_counters_of_both_sides_agree()
    {
        await using MemoryPair pair = await MemoryPair.ConnectedAsync();
        byte[] buffer = new byte[100];
        for (int i = 1; i <= 5; i++)
        {
            await pair.Left.SendAsync(new byte[i]);
            await pair.Right.ReceiveAsync(buffer).AsTask().WaitAsync(AgentPair.Limit);
        }

        IceStats left = pair.Left.GetStats();
        IceStats right = pair.Right.GetStats();
        IceCandidatePairStats sender = left.CandidatePairs.Single(static candidate => candidate.Selected);
        IceCandidatePairStats receiver = right.CandidatePairs.Single(static candidate => candidate.Selected);
        Assert.Multiple(() =>
        {
            Assert.That((sender.PacketsSent, sender.BytesSent), Is.EqualTo((5L, 15L)));
            Assert.That((receiver.PacketsReceived, receiver.BytesReceived), Is.EqualTo((5L, 15L)));
            Assert.That((left.PacketsSent, left.BytesSent, left.PacketsReceived), Is.EqualTo((5L, 15L, 0L)));
            Assert.That((right.PacketsReceived, right.BytesReceived, right.PacketsSent), Is.EqualTo((5L, 15L, 0L)));
            Assert.That(left.SelectedCandidatePairId, Is.EqualTo(sender.Id));
            Assert.That(sender.Nominated, Is.True);
            Assert.That(sender.ResponsesReceived, Is.Positive);
        });
    }

    [Test]
    public async Task Both_components_carry_their_own_data()
    {
        static IceAgentOptions Two(IceAgentOptions options) => options with { Streams = [2] };
        await using MemoryPair pair = new(Two, Two);
        pair.Exchange();
        await pair.AdvanceUntilAsync(() => pair.Left.State == IceConnectionState.Connected && pair.Right.State == IceConnectionState.Connected, TimeSpan.FromSeconds(5));
        byte[] buffer = new byte[10];
        for (int i = 0; i < 2; i++)
        {
            await pair.Left.Components[i].SendAsync(new[] { (byte)i });
            IceReceiveResult received = await pair.Right.Components[i].ReceiveAsync(buffer).AsTask().WaitAsync(AgentPair.Limit);
            Assert.That(buffer[..received.Length], Is.EqualTo(new[] { (byte)i }));
        }
    }
}
