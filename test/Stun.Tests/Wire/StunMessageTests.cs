using Ice.Testing;

namespace Stun.Tests;

internal sealed class StunMessageTests
{
    private const ushort BindingRequest = 0x0001;

    [TestCase(0), TestCase(1), TestCase(19)]
    public void Less_than_a_header_is_too_short(int length) => Expect(new byte[length], StunParseError.TooShort);

    [TestCase(0x40), TestCase(0x80), TestCase(0xC0)]
    [Rfc(8489, "5")]
    public void The_first_two_bits_have_to_be_zero(int first)
    {
        byte[] message = Messages.Raw(BindingRequest);
        message[0] |= (byte)first;
        Expect(message, StunParseError.NotStun);
    }

    [Test, Rfc(8489, "5")]
    public void A_message_without_the_magic_cookie_is_not_stun()
    {
        byte[] message = Messages.Raw(0x0003);
        message[4] ^= 1;
        Expect(message, StunParseError.NotStun);
    }

    [TestCase(0x0001), TestCase(0x0101), TestCase(0x0111), TestCase(0x0002), TestCase(0x0102), TestCase(0x0112)]
    [Rfc(8489, "11"), Rfc(3489, "11.1")]
    public void A_message_of_rfc_3489_is_recognized_and_refused(int type)
    {
        byte[] message = Messages.Raw((ushort)type, (StunAttributeType.ChangeRequest, [0, 0, 0, 0]));
        message[5] ^= 0xFF;
        Expect(message, StunParseError.Rfc3489);
        Expect(message[..^1], StunParseError.NotStun);
    }

    [TestCase(1), TestCase(2), TestCase(3)]
    [Rfc(8489, "5")]
    public void A_length_that_is_no_multiple_of_4_is_refused(int extra)
    {
        byte[] message = [.. Messages.Raw(BindingRequest, (StunAttributeType.Priority, [1, 2, 3, 4])), .. new byte[extra]];
        message[3] += (byte)extra;
        Expect(message, StunParseError.BadLength);
    }

    [TestCase(-4), TestCase(4), TestCase(8)]
    [Rfc(8489, "5")]
    public void A_length_that_is_not_the_datagrams_is_refused(int difference)
    {
        byte[] message = Messages.Raw(BindingRequest, (StunAttributeType.Priority, [1, 2, 3, 4]));
        message[3] = (byte)(message[3] + difference);
        Expect(message, StunParseError.BadLength);
    }

    [TestCase(5), TestCase(8), TestCase(255)]
    [Rfc(8489, "14")]
    public void An_attribute_that_reaches_past_the_end_is_refused(int length)
    {
        byte[] message = Messages.Raw(BindingRequest, (StunAttributeType.Priority, [1, 2, 3, 4]));
        message[23] = (byte)length;
        Expect(message, StunParseError.AttributeOverrun);
    }

    [Test, Rfc(8489, "7"), Rfc(8489, "14.7")]
    public void A_wrong_fingerprint_is_refused_whichever_bit_of_the_message_changed()
    {
        for (int bit = 0; bit < Vectors.Request.Length * 8; bit++)
        {
            byte[] message = [.. Vectors.Request];
            message[bit / 8] ^= (byte)(1 << (bit % 8));
            // A length that swallows FINGERPRINT, or a type that is another, leaves a message without it.
            if (StunMessage.TryParse(message, out StunMessage parsed, out _))
                Assert.That(parsed.HasFingerprint, Is.False, $"bit {bit}");
            if (Messages.IsValueByte(Vectors.Request, bit / 8))
                Assert.That(StunMessage.TryParse(message, out _, out StunParseError error) ? StunParseError.None : error, Is.EqualTo(StunParseError.BadFingerprint), $"bit {bit}");
        }
    }

    [Test, Rfc(8489, "14.7")]
    public void A_fingerprint_of_the_wrong_length_is_refused()
    {
        foreach (int length in new[] { 0, 1, 2, 3, 5, 8 })
        {
            // Its first four bytes are right.
            byte[] message = Messages.Raw(BindingRequest, (StunAttributeType.Fingerprint, new byte[length]));
            byte[] right = Messages.Fingerprint(message.AsSpan(0, 20));
            right.AsSpan(0, Math.Min(4, message.Length - 24)).CopyTo(message.AsSpan(24));
            Expect(message, StunParseError.BadFingerprint);
        }
    }

    [Test, Rfc(8489, "14.7")]
    public void A_fingerprint_that_is_not_last_is_refused() =>
        Expect(Messages.Raw(BindingRequest, (StunAttributeType.Fingerprint, null), (StunAttributeType.Software, [65])), StunParseError.FingerprintNotLast);

    [Test, Rfc(8489, "12")]
    public void A_message_without_fingerprint_is_taken()
    {
        StunMessage message = Messages.Parse(Messages.Raw(BindingRequest));
        Assert.That(message.HasFingerprint, Is.False);
        Assert.That(message.TransactionId, Is.EqualTo(Messages.Id));
        Assert.That(message.Method, Is.EqualTo(StunMethod.Binding));
        Assert.That(message.Class, Is.EqualTo(StunClass.Request));
        Assert.That(message.Bytes.Length, Is.EqualTo(20));
    }

    [Test, Rfc(8489, "9")]
    public void What_follows_MESSAGE_INTEGRITY_is_not_seen_except_sha256_and_fingerprint()
    {
        StunMessage message = Messages.Parse(Messages.Raw(
            BindingRequest,
            (StunAttributeType.Username, [65]),
            (StunAttributeType.MessageIntegrity, new byte[20]),
            (StunAttributeType.UseCandidate, []),
            ((StunAttributeType)0x7000, []),
            (StunAttributeType.MessageIntegrity, new byte[24]),
            (StunAttributeType.MessageIntegritySha256, new byte[32]),
            (StunAttributeType.Priority, new byte[4]),
            (StunAttributeType.MessageIntegritySha256, new byte[16]),
            (StunAttributeType.Fingerprint, null)));
        Assert.That(
            Messages.TypesOf(message),
            Is.EqualTo(new[] { StunAttributeType.Username, StunAttributeType.MessageIntegrity, StunAttributeType.MessageIntegritySha256, StunAttributeType.Fingerprint }));
        Assert.That(message.Has(StunAttributeType.UseCandidate), Is.False);
        Assert.That(message.Has(StunAttributeType.Priority), Is.False);
        Assert.That(message.TryGet(StunAttributeType.MessageIntegrity, out ReadOnlySpan<byte> sha1) ? sha1.Length : 0, Is.EqualTo(20));
        Assert.That(message.TryGet(StunAttributeType.MessageIntegritySha256, out ReadOnlySpan<byte> sha256) ? sha256.Length : 0, Is.EqualTo(32));
        Assert.That(message.GetUnknownComprehensionRequired(default, [StunAttributeType.Username]), Is.Zero);
        Assert.That(message.Integrity, Is.EqualTo(StunIntegrity.Both));
    }

    [Test, Rfc(8489, "9")]
    public void What_follows_MESSAGE_INTEGRITY_SHA256_alone_is_not_seen_except_fingerprint()
    {
        StunMessage message = Messages.Parse(Messages.Raw(
            BindingRequest,
            (StunAttributeType.MessageIntegritySha256, new byte[32]),
            (StunAttributeType.UseCandidate, []),
            (StunAttributeType.MessageIntegrity, new byte[20]),
            (StunAttributeType.Fingerprint, null)));
        Assert.That(Messages.TypesOf(message), Is.EqualTo(new[] { StunAttributeType.MessageIntegritySha256, StunAttributeType.Fingerprint }));
        Assert.That(message.HasMessageIntegrity, Is.False);
        Assert.That(message.Has(StunAttributeType.UseCandidate), Is.False);
    }

    [Test, Rfc(8489, "14")]
    public void Of_several_attributes_of_a_type_the_first_counts_and_all_are_enumerated()
    {
        StunMessage message = Messages.Parse(Messages.Raw(
            BindingRequest, (StunAttributeType.Priority, [0, 0, 0, 1]), (StunAttributeType.Priority, [0, 0, 0, 2])));
        Assert.That(message.TryGetUInt32(StunAttributeType.Priority, out uint value) ? value : 0, Is.EqualTo(1));
        Assert.That(Messages.TypesOf(message), Has.Count.EqualTo(2));
    }

    [Test, Rfc(8489, "14")]
    public void Padding_is_zero_when_sent_and_ignored_when_received()
    {
        byte[] buffer = new byte[64];
        buffer.AsSpan().Fill(0xFF);
        var writer = new StunWriter(buffer, StunMethod.Binding, StunClass.Request, Messages.Id);
        writer.AddText(StunAttributeType.Software, "A");
        Assert.That(writer.Written[24..].ToArray(), Is.EqualTo(new byte[] { 65, 0, 0, 0 }));
        byte[] message = Messages.Raw(BindingRequest, (StunAttributeType.Software, [65]), (StunAttributeType.Priority, [0, 0, 0, 1]));
        message[25] = message[26] = message[27] = 0xFF;
        StunMessage parsed = Messages.Parse(message);
        Assert.That(parsed.TryGet(StunAttributeType.Software, out ReadOnlySpan<byte> value) ? value.ToArray() : [], Is.EqualTo("A"u8.ToArray()));
        Assert.That(parsed.Has(StunAttributeType.Priority), Is.True);
    }

    [Test, Rfc(8489, "6.3"), Rfc(8489, "6.3.1")]
    public void Unknown_comprehension_required_attributes_are_listed_once_and_optional_ones_are_not()
    {
        StunMessage message = Messages.Parse(Messages.Raw(
            BindingRequest,
            ((StunAttributeType)0x7FFF, []),
            ((StunAttributeType)0x8000, []),
            (StunAttributeType.GoogNetworkInfo, new byte[4]),
            (StunAttributeType.Priority, new byte[4]),
            ((StunAttributeType)0x0031, []),
            ((StunAttributeType)0x7FFF, []),
            (StunAttributeType.MessageIntegrity, new byte[20])));
        Span<ushort> unknown = stackalloc ushort[8];
        int count = message.GetUnknownComprehensionRequired(unknown, [StunAttributeType.Priority]);
        Assert.That(unknown[..count].ToArray(), Is.EqualTo(new ushort[] { 0x7FFF, 0x0031 }));
        Assert.That(message.GetUnknownComprehensionRequired(unknown[..1], [StunAttributeType.Priority]), Is.EqualTo(2));
    }

    [Test]
    public void The_length_of_a_message_on_a_stream_is_told_from_4_bytes()
    {
        Assert.That(StunMessage.TryReadLength(Vectors.Request.AsSpan(0, 4), out int length), Is.True);
        Assert.That(length, Is.EqualTo(Vectors.Request.Length));
        Assert.That(StunMessage.TryReadLength(Vectors.Request.AsSpan(0, 3), out _), Is.False);
        Assert.That(StunMessage.TryReadLength([0x40, 0, 0, 4], out _), Is.False);
        Assert.That(StunMessage.TryReadLength([0, 1, 0, 3], out _), Is.False);
    }

    [Test]
    public void The_default_message_is_empty_and_harmless()
    {
        StunMessage message = default;
        Assert.That(message.Bytes.IsEmpty, Is.True);
        Assert.That(message.TransactionId, Is.EqualTo(default(TransactionId)));
        Assert.That(message.Has(StunAttributeType.Software), Is.False);
        Assert.That(message.TryGetErrorCode(out _, out _), Is.False);
        Assert.That(message.VerifyMessageIntegrity("key"u8), Is.False);
        Assert.That(Messages.TypesOf(message), Is.Empty);
    }

    private static void Expect(byte[] bytes, StunParseError expected)
    {
        Assert.That(StunMessage.TryParse(bytes, out StunMessage message, out StunParseError error), Is.False);
        Assert.That(error, Is.EqualTo(expected));
        Assert.That(message.Bytes.IsEmpty, Is.True);
    }
}
