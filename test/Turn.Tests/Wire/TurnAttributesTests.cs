using Ice.Testing;
using Stun;

namespace Turn.Tests.Wire;

internal sealed class TurnAttributesTests
{
    private static readonly TransportAddress s_ipv4 = TransportAddress.Parse("192.0.2.1", 1000);
    private static readonly TransportAddress s_ipv6 = TransportAddress.Parse("2001:db8::1", 1001);

    private delegate void Write(ref StunWriter writer);

    [Test]
    [Rfc(8656, "18")]
    public void What_is_written_is_read_again()
    {
        byte[] bytes = Message(static (ref StunWriter writer) =>
        {
            writer.AddLifetime(TimeSpan.FromSeconds(3600.9));
            writer.AddRequestedTransport(TurnTransport.Tcp);
            writer.AddRequestedAddressFamily(TurnAddressFamily.IPv6);
            writer.AddAdditionalAddressFamily(TurnAddressFamily.IPv4);
            writer.AddEvenPort(reserveNext: true);
            writer.AddReservationToken(0x0102030405060708);
            writer.AddChannelNumber(0x4123);
            writer.AddPeer(s_ipv6);
            writer.AddRelayed(s_ipv4);
            writer.AddRelayed(s_ipv6);
            writer.AddIcmp(new TurnIcmp(3, 4, 1400));
            writer.AddAddressErrorCode(TurnAddressFamily.IPv6, 440);
            writer.AddConnectionId(0xDEADBEEF);
            writer.AddMobilityTicket([1, 2, 3]);
            writer.AddAccessToken([4, 5]);
            writer.AddThirdPartyAuthorization("turn.example.org");
        });
        Assert.That(StunMessage.TryParse(bytes, out StunMessage message, out _), Is.True);

        Assert.That(message.TryGetLifetime(out TimeSpan lifetime) && lifetime == TimeSpan.FromSeconds(3600), Is.True);
        Assert.That(message.TryGetRequestedTransport(out TurnTransport transport) && transport == TurnTransport.Tcp, Is.True);
        Assert.That(message.TryGetRequestedAddressFamily(out TurnAddressFamily family) && family == TurnAddressFamily.IPv6, Is.True);
        Assert.That(message.TryGetAdditionalAddressFamily(out TurnAddressFamily additional) && additional == TurnAddressFamily.IPv4, Is.True);
        Assert.That(message.TryGetEvenPort(out bool reserve) && reserve, Is.True);
        Assert.That(message.TryGetReservationToken(out ulong token) && token == 0x0102030405060708, Is.True);
        Assert.That(message.TryGetChannelNumber(out ushort number) && number == 0x4123, Is.True);
        Assert.That(message.TryGetPeer(out TransportAddress peer) && peer == s_ipv6, Is.True);
        Assert.That(message.TryGetRelayed(out TransportAddress ipv4, out TransportAddress ipv6) && ipv4 == s_ipv4 && ipv6 == s_ipv6, Is.True);
        Assert.That(message.TryGetIcmp(out TurnIcmp icmp) && icmp == new TurnIcmp(3, 4, 1400), Is.True);
        Assert.That(message.TryGetAddressErrorCode(out TurnAddressFamily refused, out int code) && refused == TurnAddressFamily.IPv6 && code == 440, Is.True);
        Assert.That(message.TryGetConnectionId(out uint connectionId) && connectionId == 0xDEADBEEF, Is.True);
        Assert.That(message.TryGetMobilityTicket(out ReadOnlySpan<byte> ticket) && ticket.SequenceEqual(new byte[] { 1, 2, 3 }), Is.True);
        Assert.That(message.TryGetAccessToken(out ReadOnlySpan<byte> access) && access.SequenceEqual(new byte[] { 4, 5 }), Is.True);
        Assert.That(message.TryGetThirdPartyAuthorization(out string name) && name == "turn.example.org", Is.True);
    }

    [TestCase(StunAttributeType.ChannelNumber, "41230000")]
    [TestCase(StunAttributeType.RequestedTransport, "06000000")]
    [TestCase(StunAttributeType.RequestedAddressFamily, "02000000")]
    [TestCase(StunAttributeType.EvenPort, "80")]
    [TestCase(StunAttributeType.Icmp, "0000030400000578")]
    [TestCase(StunAttributeType.Lifetime, "00000E10")]
    [Rfc(8656, "18")]
    public void The_bytes_are_those_of_the_specification(StunAttributeType type, string hex)
    {
        byte[] bytes = Message((ref StunWriter writer) =>
        {
            writer.AddChannelNumber(0x4123);
            writer.AddRequestedTransport(TurnTransport.Tcp);
            writer.AddRequestedAddressFamily(TurnAddressFamily.IPv6);
            writer.AddEvenPort(reserveNext: true);
            writer.AddIcmp(new TurnIcmp(3, 4, 1400));
            writer.AddLifetime(TimeSpan.FromHours(1));
        });

        Assert.That(StunMessage.TryParse(bytes, out StunMessage message, out _) && message.TryGet(type, out ReadOnlySpan<byte> value) && value.SequenceEqual(Convert.FromHexString(hex)), Is.True);
    }

    [Test]
    [Rfc(8656, "18")]
    public void Reserved_bits_are_ignored()
    {
        byte[] bytes = Message(static (ref StunWriter writer) =>
        {
            writer.Add(StunAttributeType.ChannelNumber, [0x41, 0x23, 0xFF, 0xFF]);
            writer.Add(StunAttributeType.RequestedTransport, [17, 0xFF, 0xFF, 0xFF]);
            writer.Add(StunAttributeType.RequestedAddressFamily, [2, 0xFF, 0xFF, 0xFF]);
            writer.Add(StunAttributeType.EvenPort, [0x7F]);
            writer.Add(StunAttributeType.AddressErrorCode, [1, 0xFF, 0xFC, 40]);
            writer.Add(StunAttributeType.Icmp, [0xFF, 0xFF, 3, 4, 0, 0, 0, 1]);
        });
        Assert.That(StunMessage.TryParse(bytes, out StunMessage message, out _), Is.True);

        Assert.That(message.TryGetChannelNumber(out ushort number) && number == 0x4123, Is.True);
        Assert.That(message.TryGetRequestedTransport(out TurnTransport transport) && transport == TurnTransport.Udp, Is.True);
        Assert.That(message.TryGetRequestedAddressFamily(out TurnAddressFamily family) && family == TurnAddressFamily.IPv6, Is.True);
        Assert.That(message.TryGetEvenPort(out bool reserve) && !reserve, Is.True);
        Assert.That(message.TryGetAddressErrorCode(out TurnAddressFamily refused, out int code) && refused == TurnAddressFamily.IPv4 && code == 440, Is.True);
        Assert.That(message.TryGetIcmp(out TurnIcmp icmp) && icmp == new TurnIcmp(3, 4, 1), Is.True);
    }

    [TestCase(440)]
    [TestCase(508)]
    [Rfc(8656, "18.12")]
    public void The_reason_of_an_address_error_is_the_registered_one(int code)
    {
        byte[] bytes = Message((ref StunWriter writer) => writer.AddAddressErrorCode(TurnAddressFamily.IPv6, code));

        Assert.That(StunMessage.TryParse(bytes, out StunMessage message, out _), Is.True);
        _ = message.TryGet(StunAttributeType.AddressErrorCode, out ReadOnlySpan<byte> reason);
        Assert.That(System.Text.Encoding.UTF8.GetString(reason[4..]), Is.EqualTo(StunErrorCode.DefaultReason(code)).And.Length.LessThan(128));
    }

    [TestCase(StunAttributeType.Lifetime, "000000")]
    [TestCase(StunAttributeType.RequestedAddressFamily, "00000000")]
    [TestCase(StunAttributeType.RequestedAddressFamily, "03000000")]
    [TestCase(StunAttributeType.RequestedAddressFamily, "01")]
    [TestCase(StunAttributeType.AdditionalAddressFamily, "04000000")]
    [TestCase(StunAttributeType.EvenPort, "")]
    [TestCase(StunAttributeType.EvenPort, "8000")]
    [TestCase(StunAttributeType.ReservationToken, "01020304")]
    [TestCase(StunAttributeType.ChannelNumber, "4000")]
    [TestCase(StunAttributeType.XorRelayedAddress, "0001")]
    [TestCase(StunAttributeType.Icmp, "00000304")]
    [TestCase(StunAttributeType.AddressErrorCode, "010004")]
    [TestCase(StunAttributeType.AddressErrorCode, "03000428")]
    [TestCase(StunAttributeType.AddressErrorCode, "01000128")]
    [TestCase(StunAttributeType.AddressErrorCode, "01000464")]
    [TestCase(StunAttributeType.ConnectionId, "0102")]
    public void A_value_that_cannot_be_reads_as_absent(StunAttributeType type, string hex)
    {
        byte[] value = Convert.FromHexString(hex);
        byte[] bytes = Message((ref StunWriter writer) => writer.Add(type, value));
        Assert.That(StunMessage.TryParse(bytes, out StunMessage message, out _), Is.True);

        bool read = type switch
        {
            StunAttributeType.Lifetime => message.TryGetLifetime(out _),
            StunAttributeType.RequestedAddressFamily => message.TryGetRequestedAddressFamily(out _),
            StunAttributeType.AdditionalAddressFamily => message.TryGetAdditionalAddressFamily(out _),
            StunAttributeType.EvenPort => message.TryGetEvenPort(out _),
            StunAttributeType.ReservationToken => message.TryGetReservationToken(out _),
            StunAttributeType.ChannelNumber => message.TryGetChannelNumber(out _),
            StunAttributeType.XorRelayedAddress => message.TryGetRelayed(out _, out _),
            StunAttributeType.Icmp => message.TryGetIcmp(out _),
            StunAttributeType.AddressErrorCode => message.TryGetAddressErrorCode(out _, out _),
            _ => message.TryGetConnectionId(out _),
        };

        Assert.That(read, Is.False);
    }

    private static byte[] Message(Write write)
    {
        byte[] buffer = new byte[500];
        var writer = new StunWriter(buffer, StunMethod.Allocate, StunClass.Request, default);
        write(ref writer);
        return writer.Written.ToArray();
    }
}
