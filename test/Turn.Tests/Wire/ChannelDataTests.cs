using Ice.Testing;

namespace Turn.Tests.Wire;

internal sealed class ChannelDataTests
{
    [TestCase("4000000101", 0x4000, "01")]
    [TestCase("4FFF0000", 0x4FFF, "")]
    [TestCase("400100020102FFFF", 0x4001, "0102")]
    [Rfc(8656, "12.4")]
    public void A_message_is_read(string hex, int channel, string payload)
    {
        Assert.That(ChannelData.TryParse(Convert.FromHexString(hex), out ushort number, out ReadOnlySpan<byte> data), Is.True);
        Assert.That(number, Is.EqualTo(channel));
        Assert.That(Convert.ToHexString(data), Is.EqualTo(payload));
    }

    [TestCase("")]
    [TestCase("400000")]
    [TestCase("40000001")]
    [TestCase("3FFF0000")]
    [TestCase("50000000")]
    [TestCase("7FFF0000")]
    [TestCase("FFFF0000")]
    [Rfc(8656, "12.6")]
    public void What_is_none_is_refused(string hex) => Assert.That(ChannelData.TryParse(Convert.FromHexString(hex), out _, out _), Is.False);

    [TestCase(0, false, 4)]
    [TestCase(5, false, 9)]
    [TestCase(0, true, 4)]
    [TestCase(1, true, 8)]
    [TestCase(4, true, 8)]
    [TestCase(5, true, 12)]
    [Rfc(8656, "12.5")]
    public void Streams_pad_and_datagrams_do_not(int payload, bool stream, int expected)
    {
        byte[] destination = [.. Enumerable.Repeat((byte)0xEE, 20)];

        int length = ChannelData.Write(destination, 0x4123, new byte[] { 1, 2, 3, 4, 5 }.AsSpan(0, payload), stream);

        Assert.That(length, Is.EqualTo(expected));
        Assert.That(destination[..4], Is.EqualTo(new byte[] { 0x41, 0x23, 0, (byte)payload }));
        Assert.That(destination[(4 + payload)..length], Is.All.Zero);
        Assert.That(destination[length..], Is.All.EqualTo(0xEE));
        Assert.That(ChannelData.TryParse(destination.AsSpan(0, length), out _, out ReadOnlySpan<byte> data) && data.Length == payload, Is.True);
    }

    [Test]
    public void Data_that_lies_in_the_destination_moves_to_its_place()
    {
        byte[] buffer = [1, 2, 3, 4, 5, 0, 0, 0, 0, 0, 0, 0];

        Assert.That(ChannelData.Write(buffer, 0x4000, buffer.AsSpan(0, 5), stream: true), Is.EqualTo(12));

        Assert.That(buffer, Is.EqualTo(new byte[] { 0x40, 0, 0, 5, 1, 2, 3, 4, 5, 0, 0, 0 }));
    }

    [Test]
    public void Wrong_use_is_refused_at_once()
    {
        Assert.That(static () => ChannelData.WriteHeader(new byte[4], 0x3FFF, 0), Throws.InstanceOf<ArgumentException>());
        Assert.That(static () => ChannelData.WriteHeader(new byte[4], 0x5000, 0), Throws.InstanceOf<ArgumentException>());
        Assert.That(static () => ChannelData.WriteHeader(new byte[3], 0x4000, 0), Throws.ArgumentException);
        Assert.That(static () => ChannelData.WriteHeader(new byte[4], 0x4000, 65536), Throws.InstanceOf<ArgumentException>());
        Assert.That(ChannelData.Write(new byte[4], 0x4000, [1], stream: false), Is.Zero);
    }

    [TestCase("40000005", 12)]
    [TestCase("40000004", 8)]
    [TestCase("4FFF0000", 4)]
    [TestCase("00010000", 20)]
    [TestCase("01130008", 28)]
    public void A_frame_of_a_stream_tells_its_length(string hex, int expected)
    {
        Assert.That(TurnFrame.TryReadLength(Convert.FromHexString(hex), out int length), Is.True);
        Assert.That(length, Is.EqualTo(expected));
    }

    [TestCase("400000")]
    [TestCase("50000000")]
    [TestCase("80000000")]
    [TestCase("00010001")]
    public void What_starts_no_frame_is_refused(string hex) => Assert.That(TurnFrame.TryReadLength(Convert.FromHexString(hex), out _), Is.False);
}
