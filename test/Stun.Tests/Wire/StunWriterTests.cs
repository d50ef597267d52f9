using Ice.Testing;

namespace Stun.Tests;

internal sealed class StunWriterTests
{
    [Test, Rfc(8489, "5"), Rfc(8489, "6.1")]
    public void The_header_is_written_as_the_rfc_has_it()
    {
        byte[] buffer = new byte[20];
        buffer.AsSpan().Fill(0xFF);
        var writer = new StunWriter(buffer, StunMethod.Binding, StunClass.Request, Messages.Id);
        Assert.That(writer.Written.ToArray(), Is.EqualTo(Convert.FromHexString("000100002112a4420102030405060708090a0b0c")));
    }

    [Test, Rfc(8489, "5"), Rfc(8489, "14")]
    public void After_every_attribute_the_message_is_whole_and_padded_with_zeros()
    {
        byte[] buffer = new byte[256];
        buffer.AsSpan().Fill(0xFF);
        var writer = new StunWriter(buffer, StunMethod.Binding, StunClass.Request, Messages.Id);
        for (int length = 0; length <= 8; length++)
        {
            int before = writer.Length;
            writer.Add(StunAttributeType.Data, "ABCDEFGH"u8[..length]);
            ReadOnlySpan<byte> attribute = writer.Written[before..];
            Assert.That(writer.Length % 4, Is.Zero);
            Assert.That(attribute[0] << 8 | attribute[1], Is.EqualTo((int)StunAttributeType.Data));
            Assert.That(attribute[2] << 8 | attribute[3], Is.EqualTo(length));
            Assert.That(attribute[(4 + length)..].ToArray(), Is.All.EqualTo(0));
            Assert.That(Messages.Parse(writer.Written).Has(StunAttributeType.Data), Is.True);
            Assert.That(writer.Written[2] << 8 | writer.Written[3], Is.EqualTo(writer.Length - 20));
        }
    }

    [Test]
    public void A_value_may_already_lie_where_it_goes()
    {
        for (int length = 1; length <= 8; length++)
        {
            byte[] buffer = new byte[64];
            buffer.AsSpan().Fill(0xFF);
            Span<byte> value = buffer.AsSpan(24, length);
            "ABCDEFGH"u8[..length].CopyTo(value);
            var writer = new StunWriter(buffer, StunMethod.Binding, StunClass.Request, Messages.Id);
            writer.Add(StunAttributeType.Data, value);
            Assert.That(writer.Written[24..(24 + length)].ToArray(), Is.EqualTo("ABCDEFGH"u8[..length].ToArray()));
            Assert.That(writer.Written[(24 + length)..].ToArray(), Is.All.EqualTo(0));
        }
    }

    [Test, Rfc(8489, "5"), Rfc(8489, "6.3.1.1")]
    public void A_response_has_the_method_and_the_transaction_id_of_its_request()
    {
        StunMessage request = Messages.Parse(Messages.Raw(new StunType(StunMethod.Refresh, StunClass.Request).Encode()));
        foreach (StunClass responseClass in new[] { StunClass.SuccessResponse, StunClass.ErrorResponse })
        {
            StunMessage response = Messages.Parse(StunWriter.Respond(new byte[64], request, responseClass).Written);
            Assert.That(response.TransactionId, Is.EqualTo(request.TransactionId));
            Assert.That(response.Type, Is.EqualTo(new StunType(StunMethod.Refresh, responseClass)));
        }

        Assert.Throws<ArgumentException>(static () => _ = StunWriter.Respond(new byte[64], default, StunClass.Request).Length);
    }

    [TestCase(StunErrorCode.BadRequest, "Bad Request"), TestCase(StunErrorCode.RoleConflict, "Role Conflict")]
    [Rfc(8489, "6.3.1.1")]
    public void An_error_response_carries_the_code_and_a_suitable_phrase_and_no_integrity_by_itself(int code, string phrase)
    {
        StunMessage request = Messages.Parse(Messages.Raw(0x0001, (StunAttributeType.Username, [65]), (StunAttributeType.MessageIntegrity, new byte[20])));
        StunMessage response = Messages.Parse(StunWriter.RespondError(new byte[128], request, code).Written);
        Assert.That(response.TryGetErrorCode(out int read, out ReadOnlySpan<byte> reason), Is.True);
        Assert.That(read, Is.EqualTo(code));
        Assert.That(System.Text.Encoding.UTF8.GetString(reason), Is.EqualTo(phrase));
        Assert.That(Messages.TypesOf(response), Is.EqualTo(new[] { StunAttributeType.ErrorCode }));
    }

    [Test, Rfc(8489, "6.3.1.1"), Rfc(8489, "14.13")]
    public void Error_420_lists_the_unknown_attributes_as_16_bit_numbers()
    {
        StunMessage request = Messages.Parse(Messages.Raw(0x0001, ((StunAttributeType)0x7001, []), ((StunAttributeType)0x7002, []), ((StunAttributeType)0x0002, [])));
        Span<ushort> unknown = stackalloc ushort[4];
        int count = request.GetUnknownComprehensionRequired(unknown, []);
        StunMessage response = Messages.Parse(StunWriter.RespondError(new byte[128], request, StunErrorCode.UnknownAttribute, unknown[..count]).Written);
        Assert.That(response.TryGet(StunAttributeType.UnknownAttributes, out ReadOnlySpan<byte> value), Is.True);
        Assert.That(value.ToArray(), Is.EqualTo(new byte[] { 0x70, 0x01, 0x70, 0x02, 0x00, 0x02 }));
        Assert.Throws<ArgumentException>(static () => _ = StunWriter.RespondError(new byte[64], default, 420).Length);
        Assert.Throws<ArgumentException>(static () => _ = StunWriter.RespondError(new byte[64], default, 400, [1]).Length);
    }

    [Test]
    public void A_buffer_that_is_too_small_is_said_to_be()
    {
        Assert.Throws<ArgumentException>(static () => _ = new StunWriter(new byte[19], StunMethod.Binding, StunClass.Request, default).Length);
        Assert.Throws<InvalidOperationException>(static () => Write(27, static (ref w) => w.AddUInt32(StunAttributeType.Priority, 1)));
        Assert.DoesNotThrow(static () => Write(28, static (ref w) => w.AddUInt32(StunAttributeType.Priority, 1)));
        Assert.Throws<InvalidOperationException>(static () => Write(43, static (ref w) => w.AddMessageIntegrity("key"u8)));
        Assert.Throws<InvalidOperationException>(static () => Write(27, static (ref w) => w.AddFingerprint()));
        Assert.Throws<InvalidOperationException>(static () => Write(70_000, static (ref w) => w.Add(StunAttributeType.Data, new byte[65_533])));
        Assert.DoesNotThrow(static () => Write(70_000, static (ref w) => w.Add(StunAttributeType.Data, new byte[65_528])));
    }

    [Test, Rfc(8489, "14.7"), Rfc(8489, "9")]
    public void Nothing_can_be_written_where_a_receiver_would_ignore_it()
    {
        Assert.Throws<InvalidOperationException>(static () => Write(256, static (ref w) =>
        {
            w.AddMessageIntegrity("key"u8);
            w.AddEmpty(StunAttributeType.UseCandidate);
        }));
        Assert.Throws<InvalidOperationException>(static () => Write(256, static (ref w) =>
        {
            w.AddMessageIntegritySha256("key"u8);
            w.AddMessageIntegrity("key"u8);
        }));
        Assert.Throws<InvalidOperationException>(static () => Write(256, static (ref w) =>
        {
            w.AddFingerprint();
            w.AddMessageIntegrity("key"u8);
        }));
        Assert.Throws<InvalidOperationException>(static () => Write(256, static (ref w) =>
        {
            w.AddFingerprint();
            w.AddFingerprint();
        }));
        Assert.Throws<ArgumentException>(static () => Write(256, static (ref w) => w.Add(StunAttributeType.MessageIntegrity, new byte[20])));
        Assert.Throws<ArgumentException>(static () => Write(256, static (ref w) => w.AddUInt32(StunAttributeType.Fingerprint, 0)));
    }

    [Test, Rfc(8489, "14.5"), Rfc(8489, "14.6"), Rfc(8489, "14.7")]
    public void Both_integrity_attributes_and_the_fingerprint_stand_together_and_verify()
    {
        byte[] buffer = new byte[256];
        var writer = new StunWriter(buffer, StunMethod.Binding, StunClass.Request, Messages.Id);
        writer.AddText(StunAttributeType.Username, "a:b");
        writer.AddMessageIntegrity("key"u8);
        writer.AddMessageIntegritySha256("key"u8);
        writer.AddFingerprint();
        StunMessage message = Messages.Parse(writer.Written);
        Assert.That(message.VerifyMessageIntegrity("key"u8) && message.VerifyMessageIntegritySha256("key"u8) && message.HasFingerprint, Is.True);
        Assert.That(message.VerifyMessageIntegrity("kez"u8) || message.VerifyMessageIntegritySha256("kez"u8), Is.False);
    }

    [TestCase(16), TestCase(20), TestCase(24), TestCase(28), TestCase(32)]
    [Rfc(8489, "14.6")]
    public void Sha256_can_be_truncated_where_the_usage_says_so(int length)
    {
        byte[] buffer = new byte[256];
        var writer = new StunWriter(buffer, StunMethod.Binding, StunClass.Request, Messages.Id);
        writer.AddMessageIntegritySha256("key"u8, length);
        StunMessage message = Messages.Parse(writer.Written);
        Assert.That(message.VerifyMessageIntegritySha256("key"u8), Is.EqualTo(length == 32), "the default is no truncation");
        Assert.That(message.VerifyMessageIntegritySha256("key"u8, length), Is.True);
        Assert.That(message.VerifyMessageIntegritySha256(new StunKey("key"u8), length), Is.True);
        Assert.That(message.VerifyMessageIntegritySha256("kez"u8, length), Is.False);
        if (length < 32)
            Assert.That(message.VerifyMessageIntegritySha256("key"u8, length + 4), Is.False, "shorter than the usage allows");
    }

    [TestCase(0), TestCase(12), TestCase(15), TestCase(17), TestCase(18), TestCase(36)]
    [Rfc(8489, "14.6")]
    public void Sha256_of_any_other_length_is_neither_written_nor_verified(int length)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Write(256, (ref w) => w.AddMessageIntegritySha256("key"u8, length)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Write(256, (ref w) => w.AddMessageIntegritySha256(new StunKey("key"u8), length)));
        StunMessage message = Messages.Parse(Messages.Raw(0x0001, (StunAttributeType.MessageIntegritySha256, RightHmacPrefix(length))));
        Assert.That(message.VerifyMessageIntegritySha256("key"u8, 16), Is.False);
    }

    private delegate void Writing(ref StunWriter writer);

    private static void Write(int size, Writing writing)
    {
        var writer = new StunWriter(new byte[size], StunMethod.Binding, StunClass.Request, Messages.Id);
        writing(ref writer);
    }

    // The value that would be right if such a length were allowed: it is the length alone that makes it wrong.
    private static byte[] RightHmacPrefix(int length)
    {
        byte[] covered = Messages.Raw(0x0001, (StunAttributeType.MessageIntegritySha256, new byte[length]));
        covered[2] = 0;
        covered[3] = (byte)(4 + length);
        byte[] hmac = System.Security.Cryptography.HMACSHA256.HashData("key"u8, covered.AsSpan(0, 20));
        return [.. hmac.Take(length), .. new byte[Math.Max(0, length - 32)]];
    }
}
