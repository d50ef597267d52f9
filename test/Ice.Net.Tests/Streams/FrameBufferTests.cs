namespace Ice.Net.Tests.Streams;

[TestFixture]
internal sealed class FrameBufferTests
{
    [Test]
    public void A_stream_is_cut_into_the_same_frames_however_its_bytes_arrive([Values(1, 2, 3, 5, 7, 4096, 100_000)] int chunk)
    {
        byte[] stream = Frames(0, 1, 2, 5000, 0, 65_000, 3);
        var buffer = new FrameBuffer(ReadLength, 2, 70_000);
        var lengths = new List<int>();
        for (int at = 0; at < stream.Length;)
        {
            Memory<byte> free = buffer.GetFree();
            int count = Math.Min(Math.Min(chunk, free.Length), stream.Length - at);
            stream.AsMemory(at, count).CopyTo(free);
            buffer.Advance(count);
            at += count;
            while (buffer.TryTake(out ReadOnlyMemory<byte> frame))
            {
                lengths.Add(frame.Length - 2);
                Assert.That(frame.Span[2..].IndexOfAnyExcept((byte)frame.Length), Is.EqualTo(-1));
            }
        }

        Assert.That(lengths, Is.EqualTo(new[] { 0, 1, 2, 5000, 0, 65_000, 3 }));
        Assert.That(buffer.Remaining.IsEmpty, Is.True);
    }

    [Test]
    public void What_is_no_frame_or_too_long_a_one_breaks_the_stream([Values] bool tooLong)
    {
        var buffer = new FrameBuffer(tooLong ? ReadLength : static (_, out length) => (length = 2) < 0, 2, 100);
        Put(buffer, Frames(1, 99));
        Assert.That(buffer.TryTake(out _), Is.EqualTo(tooLong));
        Assert.That(buffer.TryTake(out _), Is.False);
        Assert.That(buffer.IsBroken, Is.True);
        Assert.That(buffer.TryTake(out _), Is.False);
    }

    [Test]
    public void A_length_below_its_own_header_breaks_the_stream()
    {
        var buffer = new FrameBuffer(static (_, out length) => (length = 1) > 0, 2, 100);
        Put(buffer, [0, 0]);
        Assert.That(buffer.TryTake(out _), Is.False);
        Assert.That(buffer.IsBroken, Is.True);
    }

    [Test]
    public void What_follows_the_last_frame_can_be_read()
    {
        var buffer = new FrameBuffer(ReadLength, 2, 100);
        Put(buffer, [.. Frames(3), 9]);
        Assert.That(buffer.TryTake(out _), Is.True);
        Assert.That(buffer.TryTake(out _), Is.False);
        Assert.That(buffer.Remaining.ToArray(), Is.EqualTo(new byte[] { 9 }));
    }

    [Test]
    public void Frames_cost_nothing_once_the_buffer_has_grown()
    {
        var buffer = new FrameBuffer(ReadLength, 2, 10_000);
        byte[] frames = Frames(9_000, 10, 0);
        long before = 0;
        for (int i = 0; i < 1_100; i++)
        {
            if (i == 100)
                before = GC.GetAllocatedBytesForCurrentThread();
            PutAndTake(buffer, frames);
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [Test]
    public void Misuse_is_reported_at_once()
    {
        Assert.That(() => new FrameBuffer(ReadLength, 4, 3), Throws.InstanceOf<ArgumentOutOfRangeException>());
        var buffer = new FrameBuffer(ReadLength, 2, 100);
        Assert.That(() => buffer.Advance(buffer.GetFree().Length + 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    private static bool ReadLength(ReadOnlySpan<byte> start, out int length)
    {
        length = 2 + ((start[0] << 8) | start[1]);
        return true;
    }

    // Each frame is filled with its whole length, cut to a byte.
    private static byte[] Frames(params int[] lengths) =>
        [.. lengths.SelectMany(l => (byte[])[(byte)(l >> 8), (byte)l, .. Enumerable.Repeat((byte)(l + 2), l)])];

    private static void Put(FrameBuffer buffer, byte[] bytes)
    {
        bytes.CopyTo(buffer.GetFree());
        buffer.Advance(bytes.Length);
    }

    private static void PutAndTake(FrameBuffer buffer, byte[] bytes)
    {
        for (int at = 0; at < bytes.Length;)
        {
            Memory<byte> free = buffer.GetFree();
            int count = Math.Min(free.Length, bytes.Length - at);
            bytes.AsSpan(at, count).CopyTo(free.Span);
            buffer.Advance(count);
            at += count;
            while (buffer.TryTake(out _))
            {
            }
        }
    }
}
