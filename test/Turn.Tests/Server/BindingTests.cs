using Ice.Testing;
using Stun;

namespace Turn.Tests.Server;

[TestFixture]
internal sealed class BindingTests
{
    private static readonly TransportAddress s_primary = ServerRig.Listening;
    private static readonly TransportAddress s_alternate = TransportAddress.Parse("192.0.2.2", 3479);

    [Test]
    [Rfc(8489, "6.3.1.1")]
    public void The_mapped_address_is_told_without_credentials([Values] bool stream)
    {
        var rig = new ServerRig();
        byte[] reply = Ask(rig, ServerRig.Path(stream: stream), out FiveTuple path);
        Assert.That(path, Is.EqualTo(ServerRig.Path(stream: stream)));
        Assert.That(Reply.Read(reply).TryGetXorAddress(StunAttributeType.XorMappedAddress, out TransportAddress mapped), Is.True);
        Assert.That(mapped, Is.EqualTo(ServerRig.Path().Client));
        Assert.That(Reply.Read(reply).Has(StunAttributeType.OtherAddress), Is.False);
    }

    [Test]
    [Rfc(5780, "6.1")]
    public void The_answer_comes_from_where_it_was_asked_to(
        [Values(0u, 2u, 4u, 6u)] uint flags, [Values("192.0.2.1", "192.0.2.2")] string address, [Values(3478, 3479)] int port)
    {
        ServerRig rig = Discovery();
        TransportAddress asked = TransportAddress.Parse(address, port);
        byte[] reply = Ask(rig, ServerRig.Path() with { Server = asked }, out FiveTuple path, (ref w) => w.AddUInt32(StunAttributeType.ChangeRequest, flags));
        TransportAddress otherAddress = TransportAddress.Parse(address == "192.0.2.1" ? "192.0.2.2" : "192.0.2.1", port == 3478 ? 3479 : 3478);
        TransportAddress expected = ((flags & 4) != 0 ? otherAddress : asked).WithPort((flags & 2) != 0 ? otherAddress.Port : asked.Port);
        Assert.That(path.Server, Is.EqualTo(expected));
        StunMessage message = Reply.Read(reply);
        Assert.That(message.TryGetAddress(StunAttributeType.ResponseOrigin, out TransportAddress origin) && origin == expected, Is.True);
        Assert.That(message.TryGetAddress(StunAttributeType.OtherAddress, out TransportAddress other) && other == otherAddress, Is.True);
        Assert.That(message.TryGetAddress(StunAttributeType.MappedAddress, out TransportAddress mapped) && mapped == ServerRig.Path().Client, Is.True);
    }

    [Test]
    [Rfc(5780, "6.1")]
    public void Without_an_alternate_address_a_change_request_is_420()
    {
        byte[] reply = Ask(new ServerRig(), ServerRig.Path(), out _, (ref w) => w.AddUInt32(StunAttributeType.ChangeRequest, 6));
        Assert.That(Reply.Code(reply), Is.EqualTo(420));
        Span<ushort> unknown = stackalloc ushort[2];
        Assert.That(Reply.Read(reply).TryGetUnknownAttributes(unknown, out _) && unknown[0] == (ushort)StunAttributeType.ChangeRequest, Is.True);
        Assert.That(Reply.Code(Ask(Discovery(), ServerRig.Path(), out _, (ref w) => w.Add(StunAttributeType.ChangeRequest, [6]))), Is.EqualTo(400));
    }

    [Test]
    [Rfc(5780, "7.5")]
    public void The_answer_goes_to_the_port_that_was_asked_for()
    {
        Attributes to4444 = (ref w) => w.Add(StunAttributeType.ResponsePort, [0x11, 0x5C, 0, 0]);
        byte[] reply = Ask(new ServerRig(), ServerRig.Path(), out FiveTuple path, to4444);
        Assert.That(path.Client, Is.EqualTo(ServerRig.Path().Client.WithPort(4444)));
        Assert.That(Reply.Read(reply).TryGetXorAddress(StunAttributeType.XorMappedAddress, out TransportAddress mapped) && mapped == ServerRig.Path().Client, Is.True);
        Attributes withPadding = (ref w) =>
        {
            to4444(ref w);
            w.Add(StunAttributeType.Padding, new byte[100]);
        };
        Assert.That(Reply.Code(Ask(new ServerRig(), ServerRig.Path(), out _, withPadding)), Is.EqualTo(400));
        Assert.That(Reply.Code(Ask(new ServerRig(), ServerRig.Path(stream: true), out _, to4444)), Is.EqualTo(400));
        Assert.That(Reply.Code(Ask(new ServerRig(), ServerRig.Path(), out _, (ref w) => w.Add(StunAttributeType.ResponsePort, [0, 0, 0, 0]))), Is.EqualTo(400));
    }

    [Test]
    [Rfc(5780, "6.1")]
    public void Padding_is_answered_with_padding_that_is_no_longer([Values(4, 1000, 1500, 1600)] int length)
    {
        byte[] reply = Ask(new ServerRig(), ServerRig.Path(), out _, (ref w) => w.Add(StunAttributeType.Padding, new byte[length]));
        Assert.That(Reply.Read(reply).TryGet(StunAttributeType.Padding, out ReadOnlySpan<byte> padding), Is.True);
        Assert.That(padding.Length, Is.EqualTo(Math.Min(length, 1500)));
    }

    [Test]
    public void The_four_addresses_are_two_of_each()
    {
        Assert.That(() => new BehaviorAddresses(s_primary, s_primary.WithPort(1)), Throws.ArgumentException);
        Assert.That(() => new BehaviorAddresses(s_primary, s_alternate.WithPort(3478)), Throws.ArgumentException);
        Assert.That(() => new BehaviorAddresses(s_primary, ServerRig.RelayIPv6.WithPort(1)), Throws.ArgumentException);
    }

    [Test]
    [Rfc(8489, "6.3")]
    public void What_is_no_request_is_not_answered()
    {
        var rig = new ServerRig();
        byte[] buffer = new byte[100];
        FiveTuple path = ServerRig.Path();
        TransactionId id = TransactionId.Create(rig.Entropy);
        _ = rig.Send(path, new StunWriter(buffer, StunMethod.Binding, StunClass.Indication, id).Written);
        _ = rig.Send(path, new StunWriter(buffer, StunMethod.Binding, StunClass.SuccessResponse, id).Written);
        _ = rig.Send(path, new StunWriter(buffer, StunMethod.Data, StunClass.Indication, id).Written);
        _ = rig.Send(path, new StunWriter(buffer, (StunMethod)0x055, StunClass.Request, id).Written);
        _ = rig.Send(path, []);
        _ = rig.Send(path, [0, 1, 2]);
        _ = rig.Send(path, [200, 1, 2]);
        _ = rig.Send(ServerRig.Path(port: 0), [0, 1, 2]);
        Assert.That(rig.TakeReply(), Is.Null);
        TurnServerCounters counters = rig.Core.Counters;
        Assert.That(counters.GetDropped(TurnServerDrop.Unexpected), Is.EqualTo(2));
        Assert.That(counters.GetDropped(TurnServerDrop.UnknownMethod), Is.EqualTo(1));
        Assert.That(counters.GetDropped(TurnServerDrop.NotTurn), Is.EqualTo(2));
        Assert.That(counters.GetDropped(TurnServerDrop.Malformed), Is.EqualTo(1));
        Assert.That(counters.GetDropped(TurnServerDrop.UnusableSource), Is.EqualTo(1));
    }

    [Test]
    [Rfc(8489, "7")]
    public void Fingerprint_comes_back_exactly_when_the_request_had_it([Values] bool fingerprint)
    {
        byte[] reply = Ask(new ServerRig(), ServerRig.Path(), out _, fingerprint ? static (ref w) => w.AddFingerprint() : null);
        Assert.That(Reply.Read(reply).HasFingerprint, Is.EqualTo(fingerprint));
    }

    [Test]
    [Rfc(8489, "6.3.1")]
    public void Unknown_comprehension_required_attributes_are_answered_with_420_and_their_list()
    {
        byte[] reply = Ask(new ServerRig(), ServerRig.Path(), out _, static (ref w) =>
        {
            w.AddUInt32((StunAttributeType)0x7777, 0);
            w.AddUInt32((StunAttributeType)0x7005, 0);
        });
        Assert.That(Reply.Code(reply), Is.EqualTo(420));
        StunMessage message = Reply.Read(reply);
        Assert.That(message.TryGet(StunAttributeType.UnknownAttributes, out ReadOnlySpan<byte> types), Is.True);
        Assert.That(types.ToArray(), Is.EqualTo(new byte[] { 0x77, 0x77, 0x70, 0x05 }));
        Assert.That(message.Has(StunAttributeType.XorMappedAddress), Is.False);
    }

    [Test]
    [Rfc(8489, "14")]
    public void Unknown_comprehension_optional_attributes_change_nothing() =>
        Assert.That(Reply.Code(Ask(new ServerRig(), ServerRig.Path(), out _, static (ref w) => w.AddUInt32((StunAttributeType)0xC057, 0))), Is.Zero);

    [Test]
    public void A_request_full_of_unknown_attributes_gets_a_short_answer()
    {
        byte[] reply = Ask(new ServerRig(), ServerRig.Path(), out _, static (ref w) =>
        {
            for (int i = 0; i < 100; i++)
                w.AddUInt32((StunAttributeType)(0x7000 + i), 0);
        });
        Assert.That(reply, Has.Length.LessThan(200), "the request has 820 bytes");
    }

    [Test]
    [Rfc(8489, "6.3")]
    public void A_wrong_fingerprint_and_a_message_of_RFC_3489_are_discarded()
    {
        var rig = new ServerRig();
        byte[] buffer = new byte[100];
        var writer = new StunWriter(buffer, StunMethod.Binding, StunClass.Request, TransactionId.Create(rig.Entropy));
        writer.AddFingerprint();
        buffer[writer.Length - 1] ^= 1;
        _ = rig.Send(ServerRig.Path(), writer.Written);
        writer = new StunWriter(buffer, StunMethod.Binding, StunClass.Request, TransactionId.Create(rig.Entropy));
        buffer.AsSpan(4, 4).Fill(0x55);
        _ = rig.Send(ServerRig.Path(), writer.Written);
        Assert.That(rig.TakeReply(), Is.Null);
        Assert.That(rig.Core.Counters.GetDropped(TurnServerDrop.BadFingerprint), Is.EqualTo(1));
        Assert.That(rig.Core.Counters.GetDropped(TurnServerDrop.Malformed), Is.EqualTo(1));
    }

    [TestCase("192.0.2.7", 0)]
    [TestCase("0.0.0.0", 1)]
    [TestCase("224.0.0.251", 5353)]
    [TestCase("ff02::1", 5353)]
    public void A_source_that_cannot_be_answered_is_refused(string address, int port)
    {
        var rig = new ServerRig();
        byte[] buffer = new byte[100];
        _ = rig.Send(ServerRig.Path(address, port), new StunWriter(buffer, StunMethod.Binding, StunClass.Request, TransactionId.Create(rig.Entropy)).Written);
        Assert.That(rig.TakeReply(), Is.Null);
        Assert.That(rig.Core.Counters.GetDropped(TurnServerDrop.UnusableSource), Is.EqualTo(1));
    }

    [Test]
    [Rfc(8489, "14.14")]
    public void Software_is_limited_to_127_characters_and_may_be_left_out()
    {
        Assert.That(() => new ServerRig(o => o with { Software = new string('x', 128) }), Throws.ArgumentException.With.Message.Contains("127"));
        byte[] longest = Ask(new ServerRig(o => o with { Software = new string('€', 127) }), ServerRig.Path(), out _);
        Assert.That(Reply.Read(longest).TryGetText(StunAttributeType.Software, out string software) && software.Length == 127, Is.True);
        Assert.That(Reply.Read(Ask(new ServerRig(o => o with { Software = null }), ServerRig.Path(), out _)).Has(StunAttributeType.Software), Is.False);
    }

    [Test]
    public void Answering_allocates_nothing()
    {
        var rig = new ServerRig();
        byte[] buffer = new byte[100];
        byte[] reply = new byte[TurnServerCore.MaxReplyLength];
        var writer = new StunWriter(buffer, StunMethod.Binding, StunClass.Request, TransactionId.Create(rig.Entropy));
        writer.AddFingerprint();
        byte[] request = writer.Written.ToArray();
        FiveTuple path = ServerRig.Path();
        Answer(100);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Answer(10_000);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);

        void Answer(int times)
        {
            for (int i = 0; i < times; i++)
            {
                _ = rig.Core.HandleClient(path, request, rig.Now);
                while (rig.Core.TryGetTransmit(reply, out _))
                {
                }
            }
        }
    }

    private static ServerRig Discovery() => new(o => o with { Behavior = new BehaviorAddresses(s_primary, s_alternate) });

    private static byte[] Ask(ServerRig rig, FiveTuple from, out FiveTuple to, Attributes? attributes = null)
    {
        byte[] buffer = new byte[2000];
        var writer = new StunWriter(buffer, StunMethod.Binding, StunClass.Request, TransactionId.Create(rig.Entropy));
        attributes?.Invoke(ref writer);
        _ = rig.Send(from, writer.Written);
        byte[]? reply = rig.TakeReply(out to);
        Assert.That(reply, Is.Not.Null);
        return reply!;
    }
}
