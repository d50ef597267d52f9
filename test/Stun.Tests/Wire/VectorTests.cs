using System.Security.Cryptography;
using System.Text;
using Ice.Testing;

namespace Stun.Tests;

/// <summary>RFC 5769 and RFC 8489 Appendix B.1, byte for byte both ways.</summary>
internal sealed class VectorTests
{
    private static readonly TransactionId s_shortTermId = TransactionId.From(Vectors.Request.AsSpan(8, 12));
    private static readonly TransactionId s_longTermId = TransactionId.From(Vectors.LongTermRequest.AsSpan(8, 12));

    [Test, Rfc(5769, "2.1"), Rfc(8489, "14.5"), Rfc(8489, "14.7")]
    public void The_sample_request_parses_and_verifies()
    {
        Assert.That(StunMessage.TryParse(Vectors.Request, out StunMessage message, out _), Is.True);
        Assert.That(message.Type, Is.EqualTo(new StunType(StunMethod.Binding, StunClass.Request)));
        Assert.That(message.HasFingerprint && message.HasMessageIntegrity, Is.True);
        Assert.That(message.TryGetText(StunAttributeType.Software, out string software) ? software : "", Is.EqualTo("STUN test client"));
        Assert.That(message.TryGetText(StunAttributeType.Username, out string username) ? username : "", Is.EqualTo("evtj:h6vY"));
        Assert.That(message.TryGetUInt32(StunAttributeType.Priority, out uint priority) ? priority : 0, Is.EqualTo(0x6e0001ff));
        Assert.That(message.TryGetUInt64(StunAttributeType.IceControlled, out ulong tie) ? tie : 0, Is.EqualTo(0x932ff9b151263b36));
        Assert.That(message.VerifyMessageIntegrity(Encoding.UTF8.GetBytes(Vectors.Password)), Is.True);
        Assert.That(message.VerifyMessageIntegrity(new StunKey(Encoding.UTF8.GetBytes(Vectors.Password))), Is.True);
        Assert.That(message.VerifyMessageIntegrity("wrong"u8), Is.False);
    }

    [Test, Rfc(5769, "2.1")]
    public void The_sample_request_is_built_byte_for_byte()
    {
        byte[] buffer = new byte[256];
        var writer = new StunWriter(buffer, StunMethod.Binding, StunClass.Request, s_shortTermId);
        writer.AddText(StunAttributeType.Software, "STUN test client");
        writer.AddUInt32(StunAttributeType.Priority, 0x6e0001ff);
        writer.AddUInt64(StunAttributeType.IceControlled, 0x932ff9b151263b36);
        writer.AddText(StunAttributeType.Username, "evtj:h6vY");
        // The vector pads with spaces, which a receiver has to ignore and which no sender may use any more.
        buffer.AsSpan(writer.Length - 3, 3).Fill((byte)' ');
        writer.AddMessageIntegrity(Encoding.UTF8.GetBytes(Vectors.Password));
        writer.AddFingerprint();
        Assert.That(writer.Written.ToArray(), Is.EqualTo(Vectors.Request));
    }

    [TestCase("192.0.2.1", false), TestCase("2001:db8:1234:5678:11:2233:4455:6677", true)]
    [Rfc(5769, "2.2"), Rfc(5769, "2.3"), Rfc(8489, "14.2")]
    public void The_sample_responses_parse_and_verify_and_are_built_byte_for_byte(string address, bool isIPv6)
    {
        byte[] vector = isIPv6 ? Vectors.IPv6Response : Vectors.IPv4Response;
        var expected = TransportAddress.Parse(address, 32853);
        Assert.That(StunMessage.TryParse(vector, out StunMessage message, out _), Is.True);
        Assert.That(message.Type, Is.EqualTo(new StunType(StunMethod.Binding, StunClass.SuccessResponse)));
        Assert.That(message.TryGetXorAddress(StunAttributeType.XorMappedAddress, out TransportAddress mapped) ? mapped : default, Is.EqualTo(expected));
        Assert.That(message.VerifyMessageIntegrity(Encoding.UTF8.GetBytes(Vectors.Password)), Is.True);

        byte[] buffer = new byte[256];
        var writer = new StunWriter(buffer, StunMethod.Binding, StunClass.SuccessResponse, s_shortTermId);
        writer.AddText(StunAttributeType.Software, "test vector");
        buffer[writer.Length - 1] = (byte)' ';
        writer.AddXorAddress(StunAttributeType.XorMappedAddress, expected);
        writer.AddMessageIntegrity(new StunKey(Encoding.UTF8.GetBytes(Vectors.Password)));
        writer.AddFingerprint();
        Assert.That(writer.Written.ToArray(), Is.EqualTo(vector));
    }

    [Test, Rfc(5769, "2.4"), Rfc(8489, "9.2.2")]
    public void The_sample_long_term_request_parses_and_verifies_and_is_built_byte_for_byte()
    {
        byte[] key = Md5Key();
        Assert.That(StunMessage.TryParse(Vectors.LongTermRequest, out StunMessage message, out _), Is.True);
        Assert.That(message.TryGetText(StunAttributeType.Username, out string username) ? username : "", Is.EqualTo(Vectors.LongTermUsername));
        Assert.That(message.VerifyMessageIntegrity(key), Is.True);

        byte[] buffer = new byte[256];
        var writer = new StunWriter(buffer, StunMethod.Binding, StunClass.Request, s_longTermId);
        writer.AddText(StunAttributeType.Username, Vectors.LongTermUsername);
        writer.AddText(StunAttributeType.Nonce, "f//499k954d6OL34oL9FSTvy64sA");
        writer.AddText(StunAttributeType.Realm, Vectors.LongTermRealm);
        writer.AddMessageIntegrity(key);
        Assert.That(writer.Written.ToArray(), Is.EqualTo(Vectors.LongTermRequest));
    }

    [Test, Rfc(8489, "14.6"), Rfc(8489, "B.1")]
    public void The_sample_request_with_sha256_parses_and_verifies_and_is_built_byte_for_byte()
    {
        byte[] key = SHA256.HashData(Encoding.UTF8.GetBytes($"{Vectors.LongTermUsername}:{Vectors.LongTermRealm}:{Vectors.LongTermPassword}"));
        Assert.That(StunMessage.TryParse(Vectors.LongTermSha256Request, out StunMessage message, out _), Is.True);
        Assert.That(message.HasMessageIntegritySha256, Is.True);
        Assert.That(message.VerifyMessageIntegritySha256(key), Is.True);
        Assert.That(message.VerifyMessageIntegritySha256(new StunKey(key)), Is.True);
        Assert.That(message.VerifyMessageIntegritySha256("wrong"u8), Is.False);
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{Vectors.LongTermUsername}:{Vectors.LongTermRealm}"));
        Assert.That(message.TryGetUserHash(out ReadOnlySpan<byte> userHash) ? userHash.ToArray() : [], Is.EqualTo(hash));

        byte[] buffer = new byte[256];
        var writer = new StunWriter(buffer, StunMethod.Binding, StunClass.Request, s_longTermId);
        writer.Add(StunAttributeType.UserHash, hash);
        writer.AddText(StunAttributeType.Nonce, "obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA");
        writer.AddText(StunAttributeType.Realm, Vectors.LongTermRealm);
        writer.Add(StunAttributeType.PasswordAlgorithm, [0, 2, 0, 0]);
        writer.AddMessageIntegritySha256(key);
        Assert.That(writer.Written.ToArray(), Is.EqualTo(Vectors.LongTermSha256Request));
    }

    [Test, Rfc(8489, "B.1")]
    public void The_sample_request_as_printed_has_a_wrong_length_and_is_refused()
    {
        Assert.That(StunMessage.TryParse(Vectors.LongTermSha256RequestAsPrinted, out _, out StunParseError error), Is.False);
        Assert.That(error, Is.EqualTo(StunParseError.BadLength));
        // Its HMAC is the one over the wrong header.
        byte[] key = SHA256.HashData(Encoding.UTF8.GetBytes($"{Vectors.LongTermUsername}:{Vectors.LongTermRealm}:{Vectors.LongTermPassword}"));
        byte[] printed = Vectors.LongTermSha256RequestAsPrinted;
        Assert.That(HMACSHA256.HashData(key, printed.AsSpan(..^36)), Is.EqualTo(printed[^32..]));
    }

#pragma warning disable CA5351 // the protocol's
    private static byte[] Md5Key() => MD5.HashData(Encoding.UTF8.GetBytes($"{Vectors.LongTermUsername}:{Vectors.LongTermRealm}:{Vectors.LongTermPassword}"));
#pragma warning restore CA5351
}
