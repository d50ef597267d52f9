using System.Text;
using Ice.Testing;

namespace Stun.Tests;

internal sealed class AttributeTests
{
    private delegate void Writing(ref StunWriter writer);

    [Test, Rfc(8489, "14.1"), Rfc(8489, "14.15")]
    public void An_IPv4_address_is_8_bytes_that_begin_with_zero()
    {
        byte[] value = ValueOf(StunAttributeType.MappedAddress, static (ref w) => w.AddAddress(StunAttributeType.MappedAddress, Messages.Server));
        Assert.That(value, Is.EqualTo(new byte[] { 0, 1, 0x0D, 0x96, 192, 0, 2, 1 }));
    }

    [TestCase("192.0.2.1", 0), TestCase("255.255.255.255", 65535), TestCase("0.0.0.0", 1), TestCase("2001:db8::1", 3478), TestCase("::", 0)]
    [Rfc(8489, "14.1"), Rfc(8489, "14.2")]
    public void Addresses_survive_plain_and_obfuscated(string address, int port)
    {
        var expected = TransportAddress.Parse(address, port);
        byte[] buffer = new byte[256];
        var writer = new StunWriter(buffer, StunMethod.Binding, StunClass.SuccessResponse, Messages.Id);
        writer.AddAddress(StunAttributeType.AlternateServer, expected);
        writer.AddXorAddress(StunAttributeType.XorPeerAddress, expected);
        StunMessage message = Messages.Parse(writer.Written);
        Assert.That(message.TryGetAddress(StunAttributeType.AlternateServer, out TransportAddress plain) ? plain : default, Is.EqualTo(expected));
        Assert.That(message.TryGetXorAddress(StunAttributeType.XorPeerAddress, out TransportAddress masked) ? masked : default, Is.EqualTo(expected));
        Assert.That(message.TryGet(StunAttributeType.AlternateServer, out ReadOnlySpan<byte> value), Is.True);
        Assert.That(value.Length, Is.EqualTo(expected.IsIPv4 ? 8 : 20));
        Assert.That(value[0], Is.Zero);
        Assert.That(value[1], Is.EqualTo(expected.IsIPv4 ? 1 : 2));
    }

    [Test, Rfc(8489, "14.1"), Rfc(8489, "6.3.3")]
    public void An_address_of_the_wrong_length_or_of_an_unknown_family_is_as_if_absent()
    {
        foreach ((byte family, int length) in new (byte, int)[] { (0, 8), (1, 4), (1, 7), (1, 12), (1, 20), (2, 8), (2, 16), (2, 24), (3, 8), (3, 20), (1, 0) })
        {
            byte[] value = new byte[length];
            if (length > 1)
                value[1] = family;
            StunMessage message = Messages.Parse(Messages.Raw(0x0101, (StunAttributeType.MappedAddress, value), (StunAttributeType.XorMappedAddress, value)));
            Assert.That(message.TryGetAddress(StunAttributeType.MappedAddress, out _), Is.False, $"{family} {length}");
            Assert.That(message.TryGetXorAddress(StunAttributeType.XorMappedAddress, out _), Is.False, $"{family} {length}");
        }
    }

    [Test, Rfc(8489, "14.1")]
    public void The_first_byte_of_an_address_is_zero_when_sent_and_ignored_when_received()
    {
        byte[] buffer = new byte[64];
        buffer.AsSpan().Fill(0xFF);
        var writer = new StunWriter(buffer, StunMethod.Binding, StunClass.SuccessResponse, Messages.Id);
        writer.AddAddress(StunAttributeType.MappedAddress, Messages.Server);
        writer.AddXorAddress(StunAttributeType.XorMappedAddress, Messages.Server);
        Assert.That((buffer[24], buffer[36]), Is.EqualTo(((byte)0, (byte)0)));
        StunMessage message = Messages.Parse(Messages.Raw(0x0101, (StunAttributeType.MappedAddress, [0xAB, 1, 0x0D, 0x96, 192, 0, 2, 1])));
        Assert.That(message.TryGetAddress(StunAttributeType.MappedAddress, out TransportAddress value) ? value : default, Is.EqualTo(Messages.Server));
    }

    [Test]
    public void Repeated_obfuscated_addresses_are_read_one_by_one()
    {
        byte[] buffer = new byte[256];
        var writer = new StunWriter(buffer, StunMethod.CreatePermission, StunClass.Request, Messages.Id);
        TransportAddress[] peers = [TransportAddress.Parse("192.0.2.1", 1), TransportAddress.Parse("2001:db8::2", 2)];
        foreach (TransportAddress peer in peers)
            writer.AddXorAddress(StunAttributeType.XorPeerAddress, peer);
        StunMessage message = Messages.Parse(writer.Written);
        var read = new List<TransportAddress>();
        foreach (StunAttribute attribute in message)
        {
            if (message.TryReadXorAddress(attribute.Value, out TransportAddress peer))
                read.Add(peer);
        }

        Assert.That(read, Is.EqualTo(peers));
    }

    [Test]
    public void No_address_cannot_be_written() =>
        Assert.Throws<ArgumentException>(() => ValueOf(StunAttributeType.MappedAddress, static (ref w) => w.AddAddress(StunAttributeType.MappedAddress, default)));

    [Test]
    public void Numbers_survive_and_have_to_have_their_length()
    {
        byte[] buffer = new byte[256];
        var writer = new StunWriter(buffer, StunMethod.Binding, StunClass.Request, Messages.Id);
        writer.AddUInt32(StunAttributeType.Priority, 0xFEDCBA98);
        writer.AddUInt64(StunAttributeType.IceControlling, 0xFEDCBA9876543210);
        writer.AddEmpty(StunAttributeType.UseCandidate);
        StunMessage message = Messages.Parse(writer.Written);
        Assert.That(message.TryGetUInt32(StunAttributeType.Priority, out uint priority) ? priority : 0, Is.EqualTo(0xFEDCBA98));
        Assert.That(message.TryGetUInt64(StunAttributeType.IceControlling, out ulong tie) ? tie : 0, Is.EqualTo(0xFEDCBA9876543210));
        Assert.That(message.Has(StunAttributeType.UseCandidate), Is.True);
        Assert.That(message.TryGetUInt32(StunAttributeType.IceControlling, out _), Is.False);
        Assert.That(message.TryGetUInt64(StunAttributeType.Priority, out _), Is.False);
        Assert.That(message.TryGetUInt32(StunAttributeType.UseCandidate, out _), Is.False);
    }

    [TestCase(300), TestCase(399), TestCase(400), TestCase(487), TestCase(500), TestCase(699)]
    [Rfc(8489, "14.8")]
    public void Error_codes_survive(int code)
    {
        byte[] value = ValueOf(StunAttributeType.ErrorCode, (ref w) => w.AddErrorCode(code, "phr\u00E4se"));
        Assert.That(value[..4], Is.EqualTo(new byte[] { 0, 0, (byte)(code / 100), (byte)(code % 100) }));
        StunMessage message = Messages.Parse(Messages.Raw(0x0111, (StunAttributeType.ErrorCode, value)));
        Assert.That(message.TryGetErrorCode(out int read, out ReadOnlySpan<byte> reason), Is.True);
        Assert.That(read, Is.EqualTo(code));
        Assert.That(Encoding.UTF8.GetString(reason), Is.EqualTo("phr\u00E4se"));
    }

    [Test, Rfc(8489, "14.8")]
    public void The_reserved_bits_of_an_error_code_are_ignored()
    {
        StunMessage message = Messages.Parse(Messages.Raw(0x0111, (StunAttributeType.ErrorCode, [0xFF, 0xFF, 0xFC, 1])));
        Assert.That(message.TryGetErrorCode(out int code, out _) ? code : 0, Is.EqualTo(401));
    }

    [TestCase(2, 99), TestCase(7, 0), TestCase(0, 0), TestCase(4, 100), TestCase(4, 255)]
    [Rfc(8489, "14.8")]
    public void An_error_code_out_of_range_is_no_error_code(int hundreds, int number)
    {
        StunMessage message = Messages.Parse(Messages.Raw(0x0111, (StunAttributeType.ErrorCode, [0, 0, (byte)hundreds, (byte)number])));
        Assert.That(message.TryGetErrorCode(out _, out _), Is.False);
        message = Messages.Parse(Messages.Raw(0x0111, (StunAttributeType.ErrorCode, [0, 0, 4])));
        Assert.That(message.TryGetErrorCode(out _, out _), Is.False);
    }

    [TestCase(299), TestCase(700), TestCase(-1)]
    [Rfc(8489, "14.8")]
    public void An_error_code_out_of_range_is_not_written(int code) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ValueOf(StunAttributeType.ErrorCode, (ref w) => w.AddErrorCode(code, "x")));

    [TestCase(0), TestCase(1), TestCase(2), TestCase(3)]
    [Rfc(8489, "14.13")]
    public void Unknown_attributes_survive(int count)
    {
        ushort[] types = [.. new ushort[] { 0x7001, 0x0002, 0x7FFF }.Take(count)];
        byte[] value = ValueOf(StunAttributeType.UnknownAttributes, (ref w) => w.AddUnknownAttributes(types));
        Assert.That(value, Has.Length.EqualTo(2 * count));
        StunMessage message = Messages.Parse(Messages.Raw(0x0111, (StunAttributeType.UnknownAttributes, value)));
        ushort[] read = new ushort[2];
        Assert.That(message.TryGetUnknownAttributes(read, out int total), Is.True);
        Assert.That(total, Is.EqualTo(count));
        Assert.That(read.Take(Math.Min(count, 2)), Is.EqualTo(types.Take(2)));
        message = Messages.Parse(Messages.Raw(0x0111, (StunAttributeType.UnknownAttributes, new byte[3])));
        Assert.That(message.TryGetUnknownAttributes(read, out _), Is.False);
    }

    [TestCase(StunAttributeType.Realm), TestCase(StunAttributeType.Nonce), TestCase(StunAttributeType.Software)]
    [Rfc(8489, "14.9"), Rfc(8489, "14.10"), Rfc(8489, "14.14")]
    public void Text_of_127_characters_is_written_and_of_128_is_not(StunAttributeType type)
    {
        string longest = string.Concat(Enumerable.Repeat("\U0001F600", 127));
        byte[] value = ValueOf(type, (ref w) => w.AddText(type, longest));
        Assert.That(value, Has.Length.EqualTo(508));
        StunMessage message = Messages.Parse(Messages.Raw(0x0001, (type, value)));
        Assert.That(message.TryGetText(type, out string text) ? text : "", Is.EqualTo(longest));
        Assert.Throws<ArgumentException>(() => ValueOf(type, (ref w) => w.AddText(type, new string('a', 128))));
    }

    [Test, Rfc(8489, "14.8")]
    public void A_reason_phrase_of_127_characters_is_written_and_of_128_is_not()
    {
        Assert.That(ValueOf(StunAttributeType.ErrorCode, static (ref w) => w.AddErrorCode(500, new string('\u00E4', 127))), Has.Length.EqualTo(4 + 254));
        Assert.Throws<ArgumentException>(static () => ValueOf(StunAttributeType.ErrorCode, static (ref w) => w.AddErrorCode(500, new string('a', 128))));
    }

    [Test, Rfc(8489, "14.3")]
    public void A_username_of_508_bytes_is_written_and_of_509_is_not()
    {
        Assert.That(ValueOf(StunAttributeType.Username, static (ref w) => w.AddText(StunAttributeType.Username, new string('a', 508))), Has.Length.EqualTo(508));
        Assert.Throws<ArgumentException>(static () => ValueOf(StunAttributeType.Username, static (ref w) => w.AddText(StunAttributeType.Username, new string('a', 509))));
        Assert.Throws<ArgumentException>(static () => ValueOf(StunAttributeType.Username, static (ref w) => w.AddText(StunAttributeType.Username, new string('\u00E4', 255))));
    }

    [TestCase(StunAttributeType.Username), TestCase(StunAttributeType.Realm), TestCase(StunAttributeType.Nonce), TestCase(StunAttributeType.Software)]
    [Rfc(8489, "14.3"), Rfc(8489, "14.9"), Rfc(8489, "14.10"), Rfc(8489, "14.14")]
    public void Received_text_of_763_bytes_is_read_and_longer_or_malformed_text_is_not(StunAttributeType type)
    {
        StunMessage message = Messages.Parse(Messages.Raw(0x0001, (type, [.. Enumerable.Repeat((byte)'a', 763)])));
        Assert.That(message.TryGetText(type, out string text) ? text.Length : 0, Is.EqualTo(763));
        message = Messages.Parse(Messages.Raw(0x0001, (type, new byte[764])));
        Assert.That(message.TryGetText(type, out _), Is.False);
        message = Messages.Parse(Messages.Raw(0x0001, (type, [0xC3, 0x28])));
        Assert.That(message.TryGetText(type, out text), Is.False);
        Assert.That(text, Is.Empty);
    }

    [Test]
    public void A_lone_surrogate_is_not_written() =>
        Assert.Throws<ArgumentException>(static () => ValueOf(StunAttributeType.Software, static (ref w) => w.AddText(StunAttributeType.Software, "a\uD800b")));

    [TestCase("turn.example.org", true), TestCase("xn--bcher-kva.example", true), TestCase("example.org.", true), TestCase("b\u00FCcher.example", false)]
    [TestCase("", false), TestCase("a..b", false), TestCase("-a.example", false), TestCase("a b", false)]
    [Rfc(8489, "14.16")]
    public void An_alternate_domain_is_a_dns_name_in_ascii(string name, bool good)
    {
        StunMessage message = Messages.Parse(Messages.Raw(0x0111, (StunAttributeType.AlternateDomain, Encoding.UTF8.GetBytes(name))));
        Assert.That(message.TryGetAlternateDomain(out string read), Is.EqualTo(good));
        if (good)
        {
            Assert.That(read, Is.EqualTo(name));
            Assert.That(ValueOf(StunAttributeType.AlternateDomain, (ref w) => w.AddText(StunAttributeType.AlternateDomain, name)), Has.Length.EqualTo(name.Length));
        }
        else
        {
            Assert.Throws<ArgumentException>(() => ValueOf(StunAttributeType.AlternateDomain, (ref w) => w.AddText(StunAttributeType.AlternateDomain, name)));
        }
    }

    [TestCase(255, true), TestCase(256, false)]
    [Rfc(8489, "14.16")]
    public void An_alternate_domain_has_at_most_255_characters(int length, bool good)
    {
        string name = string.Concat(Enumerable.Repeat("abcdefghi.", 26))[..length];
        name = name.EndsWith('.') ? name[..^1] + "x" : name;
        StunMessage message = Messages.Parse(Messages.Raw(0x0111, (StunAttributeType.AlternateDomain, Encoding.UTF8.GetBytes(name))));
        Assert.That(message.TryGetAlternateDomain(out _), Is.EqualTo(good));
    }

    [TestCase(31), TestCase(33), TestCase(0)]
    [Rfc(8489, "14.4")]
    public void A_userhash_of_another_length_than_32_is_as_if_absent(int length)
    {
        StunMessage message = Messages.Parse(Messages.Raw(0x0001, (StunAttributeType.UserHash, new byte[length])));
        Assert.That(message.TryGetUserHash(out _), Is.False);
    }

    [Test]
    public void Every_registered_attribute_survives_as_bytes()
    {
        byte[] buffer = new byte[4096];
        var writer = new StunWriter(buffer, StunMethod.Binding, StunClass.Indication, Messages.Id);
        StunAttributeType[] types =
        [
            .. Enum.GetValues<StunAttributeType>()
                .Except([StunAttributeType.MessageIntegrity, StunAttributeType.MessageIntegritySha256, StunAttributeType.Fingerprint]),
        ];
        foreach (StunAttributeType type in types)
            writer.Add(type, [(byte)((int)type >> 8), (byte)type, 7]);
        StunMessage message = Messages.Parse(writer.Written);
        foreach (StunAttributeType type in types)
            Assert.That(message.TryGet(type, out ReadOnlySpan<byte> value) ? value.ToArray() : [], Is.EqualTo(new byte[] { (byte)((int)type >> 8), (byte)type, 7 }));
        Assert.That(Messages.TypesOf(message), Is.EqualTo(types));
    }

    private static byte[] ValueOf(StunAttributeType type, Writing writing)
    {
        // What was in the buffer before does not shine through.
        byte[] buffer = new byte[2048];
        buffer.AsSpan().Fill(0xFF);
        var writer = new StunWriter(buffer, StunMethod.Binding, StunClass.SuccessResponse, Messages.Id);
        writing(ref writer);
        return Messages.Parse(writer.Written).TryGet(type, out ReadOnlySpan<byte> value) ? value.ToArray() : [];
    }
}
