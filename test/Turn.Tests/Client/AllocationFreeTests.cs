using Stun;
using static Turn.Tests.Client.ClientHarness;

namespace Turn.Tests.Client;

/// <summary>The data path allocates nothing.</summary>
internal sealed class AllocationFreeTests
{
    private const int Rounds = 10_000;

    [TestCase(false)]
    [TestCase(true)]
    public void Encoding_data_allocates_nothing(bool channel)
    {
        ClientHarness harness = WithAllocation();
        harness.Permit(Peer);
        if (channel)
            harness.Bind(Peer);
        TurnClient client = harness.Client;
        byte[] data = new byte[1000];
        byte[] buffer = new byte[1100];

        long allocated = Measure(() => client.EncodeData(Peer, data, buffer));

        Assert.That(allocated, Is.Zero);
        Assert.That(client.EncodeData(Peer, data, buffer), Is.EqualTo(channel ? 1004 : 1036));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void Receiving_data_allocates_nothing(bool channel)
    {
        ClientHarness harness = WithAllocation();
        harness.Bind(Peer);
        TurnClient client = harness.Client;
        byte[] message = channel ? [0x40, 0, 0, 100, .. new byte[100]] : ScriptedServer.Data(Peer, new byte[100]);
        Instant now = harness.Now;

        long allocated = Measure(() => client.HandleDatagram(ScriptedServer.Address, message, now, out TurnPayload payload) == TurnInput.Data ? payload.Length : 0);

        Assert.That(allocated, Is.Zero);
        Assert.That(client.HandleDatagram(message, now, out TurnPayload last), Is.EqualTo(TurnInput.Data));
        Assert.That(last.Length, Is.EqualTo(100));
    }

    [Test]
    public void Refusing_a_forgery_allocates_nothing()
    {
        ClientHarness harness = WithAllocation();
        TurnClient client = harness.Client;
        byte[] data = ScriptedServer.Data(OtherPeer, new byte[100]);
        byte[] buffer = new byte[100];
        var writer = new StunWriter(buffer, StunMethod.Refresh, StunClass.SuccessResponse, default);
        byte[] response = writer.Written.ToArray();
        Instant now = harness.Now;

        long allocated = Measure(() => client.HandleDatagram(data, now, out _) == client.HandleDatagram(response, now, out _) ? 1 : 0);

        Assert.That(allocated, Is.Zero);
    }

    private static long Measure(Func<int> action)
    {
        int sum = 0;
        for (int i = 0; i < 1000; i++)
            sum += action();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Rounds; i++)
            sum += action();
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.That(sum, Is.GreaterThan(0));
        return allocated;
    }
}
