using System.Net;
using System.Net.Sockets;

namespace Ice.Net.Tests.Sockets;

/// <summary>What sockets do that are asked for each datagram.</summary>
[TestFixtureSource(typeof(OpenedSocket), nameof(OpenedSocket.AskedKinds))]
[CancelAfter(60_000)]
internal sealed class AskedSocketTests(SocketKind kind)
{
    private const int RoundTrips = 2_000;
    private const int Attempts = 10;

    [TestCase("127.0.0.1")]
    [TestCase("::1")]
    public async Task Round_trips_allocate_nothing(string address)
    {
        using OpenedSocket left = new(kind, address);
        using OpenedSocket right = new(kind, address);

        // All threads are counted, those of the test host among them: one clean attempt shows that the sockets allocate nothing.
        long least = long.MaxValue;
        for (int attempt = 0; attempt < Attempts && least >= RoundTrips; attempt++)
            least = Math.Min(least, await Task.Run(() => MeasureAsync(left, right)));
        Assert.That(least / (double)RoundTrips, Is.LessThan(1), $"{least} bytes in {RoundTrips} round trips");
    }

    [Test]
    public async Task Cancellation_ends_a_pending_receive(CancellationToken cancellationToken)
    {
        using OpenedSocket socket = new(kind);
        using CancellationTokenSource cancel = new();
        Task<Arrived> pending = socket.ReceiveAsync(cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThatAsync(() => pending.WaitAsync(cancellationToken), Throws.InstanceOf<OperationCanceledException>());
    }

    private async Task<long> MeasureAsync(OpenedSocket left, OpenedSocket right)
    {
        SocketAddress toLeft = left.Address;
        SocketAddress toRight = right.Address;
        SocketAddress source = left.Socket.CreateAddress();
        byte[] data = new byte[1200];
        byte[] buffer = new byte[2048];
        long before = 0;
        for (int i = -200; i < RoundTrips; i++)
        {
            if (i == 0)
                before = GC.GetTotalAllocatedBytes(precise: true);
            await right.Socket.SendToAsync(data, toLeft, CancellationToken.None);
            await ReceiveAsync(left.Socket, buffer, source);
            left.Socket.TrySendTo(data, toRight);
            await ReceiveAsync(right.Socket, buffer, source);
        }

        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }

    private ValueTask<int> ReceiveAsync(IDatagramSocket socket, byte[] buffer, SocketAddress source)
    {
        if (kind != SocketKind.LinuxMarked)
            return socket.ReceiveFromAsync(buffer, source, CancellationToken.None);
        ValueTask<ReceivedDatagram> receiving = ((IMarkedDatagramSocket)socket).ReceiveMarkedFromAsync(buffer, source, CancellationToken.None);
        return receiving.IsCompletedSuccessfully ? new(receiving.Result.Length) : AwaitAsync(receiving);
    }

    private static async ValueTask<int> AwaitAsync(ValueTask<ReceivedDatagram> receiving) => (await receiving).Length;
}
