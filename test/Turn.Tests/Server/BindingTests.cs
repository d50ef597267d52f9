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
