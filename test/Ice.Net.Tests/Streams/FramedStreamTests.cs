using System.Net;
using System.Net.Sockets;

namespace Ice.Net.Tests.Streams;

[TestFixture]
[CancelAfter(30_000)]
internal sealed class FramedStreamTests
{
    [Test]
    public async Task Frames_arrive_as_they_were_written(CancellationToken cancellationToken)
    {
        (NetworkStream left, NetworkStream right) = await PairAsync(cancellationToken);
        await using FramedStream writer = Framed(left);
        await using FramedStream reader = Framed(right);
        for (int i = 0; i < 50; i++)
            Assert.That(writer.TryWrite(Frame(i * 20)), Is.True);
        for (int i = 0; i < 50; i++)
            Assert.That((await reader.ReadAsync(cancellationToken)).ToArray(), Is.EqualTo(Frame(i * 20)));
    }

    [Test]
    public async Task The_end_of_the_stream_and_a_broken_one_are_an_empty_frame(CancellationToken cancellationToken)
    {
        (NetworkStream left, NetworkStream right) = await PairAsync(cancellationToken);
        await using FramedStream reader = Framed(right);
        await left.DisposeAsync();
        Assert.That((await reader.ReadAsync(cancellationToken)).IsEmpty, Is.True);
        (left, right) = await PairAsync(cancellationToken);
        await using FramedStream broken = Framed(right);
        await left.WriteAsync(new byte[] { 0xFF, 0xFF }, cancellationToken);
        Assert.That((await broken.ReadAsync(cancellationToken)).IsEmpty, Is.True);
        await left.DisposeAsync();
    }

    [Test]
    public async Task A_reader_that_does_not_read_costs_its_writer_frames_and_no_time(CancellationToken cancellationToken)
    {
        (NetworkStream left, NetworkStream right) = await PairAsync(cancellationToken);
        await using FramedStream writer = Framed(left);
        byte[] frame = Frame(1000);
        int written = 0;
        // More than every buffer on the way holds; what does not fit is refused at once.
        while (written < 100_000 && writer.TryWrite(frame))
            written++;
        Assert.That(written, Is.LessThan(100_000));
        await right.DisposeAsync();
    }

    [Test]
    public async Task What_is_queued_is_written_before_the_stream_is_handed_over(CancellationToken cancellationToken)
    {
        (NetworkStream left, NetworkStream right) = await PairAsync(cancellationToken);
        await using FramedStream writer = Framed(left);
        await using FramedStream reader = Framed(right);
        Assert.That(writer.TryWrite(Frame(10)), Is.True);
        await writer.DrainAsync();
        Assert.That(writer.TryWrite(Frame(10)), Is.False);
        await writer.Stream.WriteAsync(Frame(20), cancellationToken);
        Assert.That((await reader.ReadAsync(cancellationToken)).Length, Is.EqualTo(12));
        Assert.That((await reader.ReadAsync(cancellationToken)).Length, Is.EqualTo(22));
        await writer.DrainAsync();
    }

    [Test]
    public async Task Disposal_ends_a_pending_read(CancellationToken cancellationToken)
    {
        (NetworkStream left, NetworkStream right) = await PairAsync(cancellationToken);
        FramedStream reader = Framed(right);
        Task<ReadOnlyMemory<byte>> pending = reader.ReadAsync(cancellationToken).AsTask();
        await reader.DisposeAsync();
        Assert.That((await pending).IsEmpty, Is.True);
        await left.DisposeAsync();
    }

    private static FramedStream Framed(NetworkStream stream) => new(stream, new FrameBuffer(ReadLength, 2, 2000), 64 * 1024);

    private static bool ReadLength(ReadOnlySpan<byte> start, out int length)
    {
        length = 2 + ((start[0] << 8) | start[1]);
        return true;
    }

    private static byte[] Frame(int length) => [(byte)(length >> 8), (byte)length, .. Enumerable.Repeat((byte)length, length)];

    private static async Task<(NetworkStream Left, NetworkStream Right)> PairAsync(CancellationToken cancellationToken)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var left = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Task connecting = left.ConnectAsync(listener.LocalEndpoint, cancellationToken).AsTask();
        Socket right = await listener.AcceptSocketAsync(cancellationToken);
        await connecting;
        return (new NetworkStream(left, ownsSocket: true), new NetworkStream(right, ownsSocket: true));
    }
}
