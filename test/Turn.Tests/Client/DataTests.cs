using Ice.Testing;
using Stun;
using static Turn.Tests.Client.ClientHarness;

namespace Turn.Tests.Client;

internal sealed class DataTests
{
    [Test]
    [Rfc(8656, "11.1")]
    public void A_Send_indication_holds_the_peer_and_the_data()
    {
        ClientHarness harness = WithAllocation();
        harness.Permit(Peer);

        byte[] message = harness.Encode(Peer, "hello");

        Assert.That(StunMessage.TryParse(message, out StunMessage send, out _), Is.True);
        Assert.That(send.Type, Is.EqualTo(new StunType(StunMethod.Send, StunClass.Indication)));
        Assert.That(send.TryGetPeer(out TransportAddress peer) && peer == Peer, Is.True);
        Assert.That(send.TryGet(StunAttributeType.Data, out ReadOnlySpan<byte> data) && data.SequenceEqual("hello"u8), Is.True);
        Assert.That(send.Has(StunAttributeType.DontFragment), Is.False);
        Assert.That(send.HasMessageIntegrity, Is.False);
    }

    [Test]
    [Rfc(8656, "11.1")]
    public void Nothing_is_sent_to_a_peer_without_permission()
    {
        ClientHarness harness = WithAllocation();

        Assert.That(harness.Encode(Peer, "x"), Is.Empty);
        harness.Server.Drop(StunMethod.CreatePermission, 1);
        harness.Permit(Peer);
        Assert.That(harness.Encode(Peer, "x"), Is.Empty, "the server has not confirmed it");
        harness.Pass(Seconds(1));
        Assert.That(harness.Encode(Peer, "x"), Is.Not.Empty);
    }

    [Test]
    public void What_does_not_fit_is_not_sent()
    {
        ClientHarness harness = WithAllocation();
        harness.Permit(Peer);
        byte[] data = new byte[100];
        byte[] full = new byte[data.Length + 48];
        int length = harness.Client.EncodeData(Peer, data, full);

        Assert.That(length, Is.GreaterThan(100));
        Assert.That(harness.Client.EncodeData(Peer, data, full.AsSpan(0, length - 1)), Is.Zero);
        Assert.That(harness.Client.EncodeData(Peer, data, full.AsSpan(0, length)), Is.EqualTo(length));
        Assert.That(harness.Client.EncodeData(Peer, new byte[66_000], new byte[70_000]), Is.Zero);
        Assert.That(harness.Client.EncodeData(Peer, new byte[65_535], new byte[70_000]), Is.Zero);
        harness.Bind(Peer);
        Assert.That(harness.Client.EncodeData(Peer, data, full.AsSpan(0, 103)), Is.Zero);
        Assert.That(harness.Client.EncodeData(Peer, data, full.AsSpan(0, 104)), Is.EqualTo(104));
        Assert.That(harness.Client.EncodeData(Peer, new byte[65_536], new byte[70_000]), Is.Zero);
    }

    [Test]
    [Rfc(8656, "11.1")]
    public void Unfragmented_data_is_marked()
    {
        ClientHarness harness = WithAllocation(static options => options with { DontFragment = true });
        harness.Bind(Peer);
        byte[] buffer = new byte[100];

        int length = harness.Client.EncodeUnfragmentedData(Peer, "hello"u8, buffer);

        Assert.That(StunMessage.TryParse(buffer.AsSpan(0, length), out StunMessage send, out _), Is.True);
        Assert.That(send.Has(StunAttributeType.DontFragment), Is.True);
        Assert.That(WithAllocation().Client.EncodeUnfragmentedData(Peer, "x"u8, buffer), Is.Zero);
    }

    [Test]
    [Rfc(8656, "12.5")]
    public void Over_streams_ChannelData_is_padded()
    {
        ClientHarness harness = WithAllocation(static options => options with { Reliable = true });
        harness.Bind(Peer);

        Assert.That(harness.Encode(Peer, "hello"), Is.EqualTo(new byte[] { 0x40, 0, 0, 5, (byte)'h', (byte)'e', (byte)'l', (byte)'l', (byte)'o', 0, 0, 0 }));
        Assert.That(harness.Receive([0x40, 0, 0, 1, 7, 0, 0, 0], out TurnPayload payload), Is.EqualTo(TurnInput.Data));
        Assert.That(payload, Is.EqualTo(new TurnPayload(Peer, 4, 1)));
    }

    [Test]
    [Rfc(8656, "11.4")]
    public void A_Data_indication_gives_the_peer_and_where_the_data_lies()
    {
        ClientHarness harness = WithAllocation();
        harness.Permit(Peer);
        byte[] message = ScriptedServer.Data(Peer.WithPort(7), "hello"u8);

        Assert.That(harness.Receive(message, out TurnPayload payload), Is.EqualTo(TurnInput.Data));

        Assert.That(payload.Peer, Is.EqualTo(Peer.WithPort(7)));
        Assert.That(message.AsSpan(payload.Offset, payload.Length).SequenceEqual("hello"u8), Is.True);
        Assert.That(harness.Receive(ScriptedServer.Data(Peer, []), out payload), Is.EqualTo(TurnInput.Data));
        Assert.That(payload.Length, Is.Zero);
    }

    [Test]
    [Rfc(8656, "12.6")]
    public void ChannelData_gives_the_peer_of_the_channel()
    {
        ClientHarness harness = WithAllocation();
        harness.Bind(Peer);

        Assert.That(harness.Receive([0x40, 0, 0, 2, 8, 9], out TurnPayload payload), Is.EqualTo(TurnInput.Data));
        Assert.That(payload, Is.EqualTo(new TurnPayload(Peer, 4, 2)));
        Assert.That(harness.Receive([0x40, 0, 0, 0], out payload), Is.EqualTo(TurnInput.Data));
        Assert.That(payload, Is.EqualTo(new TurnPayload(Peer, 4, 0)));
    }

    [Test]
    [Rfc(8656, "12")]
    public void ChannelData_may_come_before_the_ChannelBind_response()
    {
        ClientHarness harness = WithAllocation();
        harness.Server.Drop(StunMethod.ChannelBind, 1);
        harness.Bind(Peer);

        Assert.That(harness.Receive([0x40, 0, 0, 1, 9], out TurnPayload payload), Is.EqualTo(TurnInput.Data));
        Assert.That(payload.Peer, Is.EqualTo(Peer));
    }

    [Test]
    [Rfc(8656, "12.6")]
    public void ChannelData_that_cannot_be_used_is_dropped_and_counted()
    {
        ClientHarness harness = WithAllocation();
        harness.Bind(Peer);

        Assert.That(harness.Receive([0x40, 1, 0, 1, 9]), Is.EqualTo(TurnInput.Dropped));
        Assert.That(harness.Receive([0x4F, 0xFF, 0, 1, 9]), Is.EqualTo(TurnInput.Dropped));
        Assert.That(harness.Receive([0x40, 0, 0, 2, 9]), Is.EqualTo(TurnInput.Dropped));
        Assert.That(harness.Receive([0x40, 0, 0]), Is.EqualTo(TurnInput.Dropped));
        Assert.That(harness.Receive([0x50, 0, 0, 0]), Is.EqualTo(TurnInput.NotTurn));

        Assert.That(harness.Client.GetDropCount(TurnDropReason.UnknownChannel), Is.EqualTo(2));
        Assert.That(harness.Client.GetDropCount(TurnDropReason.TruncatedChannelData), Is.EqualTo(2));
    }

    [Test]
    [Rfc(8656, "11.4")]
    public void Data_of_a_peer_without_permission_is_dropped_and_counted()
    {
        ClientHarness harness = WithAllocation();
        harness.Permit(Peer);

        Assert.That(harness.Receive(ScriptedServer.Data(OtherPeer, "x"u8)), Is.EqualTo(TurnInput.Dropped));
        Assert.That(harness.Client.GetDropCount(TurnDropReason.NoPermission), Is.EqualTo(1));
    }

    [Test]
    [Rfc(8656, "12.6")]
    public void ChannelData_of_a_peer_whose_permission_has_ended_is_dropped_and_counted()
    {
        ClientHarness harness = WithAllocation();
        harness.Bind(Peer);
        harness.Do(client => client.Release(Peer, harness.Now));
        harness.PassTo(301);

        Assert.That(harness.Receive([0x40, 0, 0, 1, 9]), Is.EqualTo(TurnInput.Dropped));
        Assert.That(harness.Client.GetDropCount(TurnDropReason.NoPermission), Is.EqualTo(1));
    }

    [Test]
    public void Forged_Data_from_an_address_that_is_not_the_server_is_dropped_and_counted()
    {
        ClientHarness harness = WithAllocation();
        harness.Permit(Peer);
        byte[] message = ScriptedServer.Data(Peer, "x"u8);

        Assert.That(harness.Client.HandleDatagram(TransportAddress.Parse("198.51.100.66", 3478), message, harness.Now, out _), Is.EqualTo(TurnInput.Dropped));
        Assert.That(harness.Client.GetDropCount(TurnDropReason.WrongSource), Is.EqualTo(1));
        Assert.That(harness.Client.HandleDatagram(ScriptedServer.Address, message, harness.Now, out _), Is.EqualTo(TurnInput.Data));
    }

    [Test]
    [Rfc(8656, "11.6")]
    public void Icmp_errors_are_told_for_peers_with_permission()
    {
        ClientHarness harness = WithAllocation();
        harness.Permit(Peer);

        Assert.That(harness.Receive(Icmp(Peer)), Is.EqualTo(TurnInput.Handled));
        Assert.That(harness.Receive(Icmp(OtherPeer)), Is.EqualTo(TurnInput.Dropped));

        Assert.That(harness.Single<TurnClientEvent.IcmpReceived>(), Is.EqualTo(new TurnClientEvent.IcmpReceived(Peer, new TurnIcmp(3, 4, 1400))));
    }

    [Test]
    public void A_flood_of_indications_is_bounded()
    {
        ClientHarness harness = WithAllocation();
        harness.Permit(Peer);
        byte[] icmp = Icmp(Peer);

        for (int i = 0; i < 10_000; i++)
            harness.Client.HandleDatagram(icmp, harness.Now, out _);

        Assert.That(harness.Client.GetDropCount(TurnDropReason.TooManyEvents), Is.EqualTo(10_000 - 256));
    }

    [Test]
    public void A_flood_of_responses_to_nothing_leaves_no_trace()
    {
        ClientHarness harness = WithAllocation();
        harness.Pass(Seconds(1));
        Instant next = harness.Client.NextTimeout;
        byte[] buffer = new byte[100];
        var entropy = new SeededEntropy(7);
        for (int i = 0; i < 1000; i++)
        {
            var writer = new StunWriter(buffer, StunMethod.Refresh, StunClass.SuccessResponse, TransactionId.Create(entropy));
            harness.Receive(writer.Written);
        }

        Assert.That(harness.Client.GetDropCount(TurnDropReason.UnknownTransaction), Is.EqualTo(1000));
        Assert.That(harness.Client.NextTimeout, Is.EqualTo(next));
        Assert.That(harness.Events, Is.Empty);
    }

    [Test]
    public void What_is_not_for_the_client_is_left_to_its_owner()
    {
        ClientHarness harness = WithAllocation();
        byte[] buffer = new byte[100];
        var binding = new StunWriter(buffer, StunMethod.Binding, StunClass.SuccessResponse, default);

        Assert.That(harness.Receive(binding.Written), Is.EqualTo(TurnInput.NotTurn));
        Assert.That(harness.Receive([22, 254, 253, 0]), Is.EqualTo(TurnInput.NotTurn));
        Assert.That(harness.Receive([128, 0, 0, 0]), Is.EqualTo(TurnInput.NotTurn));
        Assert.That(harness.Receive([]), Is.EqualTo(TurnInput.NotTurn));
    }

    [TestCase(StunMethod.Data, StunClass.Request, TurnDropReason.Unexpected)]
    [TestCase(StunMethod.Send, StunClass.Indication, TurnDropReason.Unexpected)]
    [TestCase(StunMethod.Data, StunClass.Indication, TurnDropReason.NoPeerAddress)]
    [TestCase(StunMethod.ConnectionAttempt, StunClass.Indication, TurnDropReason.Unexpected)]
    [Rfc(8656, "11.4")]
    public void Messages_that_make_no_sense_are_dropped_and_counted(StunMethod method, StunClass messageClass, TurnDropReason reason)
    {
        ClientHarness harness = WithAllocation();
        byte[] buffer = new byte[100];
        var writer = new StunWriter(buffer, method, messageClass, default);

        Assert.That(harness.Receive(writer.Written), Is.EqualTo(TurnInput.Dropped));
        Assert.That(harness.Client.GetDropCount(reason), Is.EqualTo(1));
    }

    [Test]
    public void Indications_are_checked_one_by_one()
    {
        ClientHarness harness = WithAllocation();
        harness.Permit(Peer);
        byte[] buffer = new byte[100];
        var empty = new StunWriter(buffer, StunMethod.Data, StunClass.Indication, default);
        empty.AddPeer(Peer);
        Assert.That(harness.Receive(empty.Written), Is.EqualTo(TurnInput.Dropped));
        Assert.That(harness.Client.GetDropCount(TurnDropReason.NoData), Is.EqualTo(1));

        var unknown = new StunWriter(buffer, StunMethod.Data, StunClass.Indication, default);
        unknown.AddPeer(Peer);
        unknown.Add(StunAttributeType.Data, "x"u8);
        unknown.AddUInt32((StunAttributeType)0x7777, 1);
        Assert.That(harness.Receive(unknown.Written), Is.EqualTo(TurnInput.Dropped));
        Assert.That(harness.Client.GetDropCount(TurnDropReason.UnknownAttributes), Is.EqualTo(1));

        harness.Close();
        Assert.That(harness.Receive(ScriptedServer.Data(Peer, "x"u8)), Is.EqualTo(TurnInput.Dropped));
        Assert.That(harness.Receive([0x40, 0, 0, 1, 9]), Is.EqualTo(TurnInput.Dropped));
        Assert.That(harness.Client.GetDropCount(TurnDropReason.NoAllocation), Is.EqualTo(2));
    }

    private static byte[] Icmp(TransportAddress peer)
    {
        byte[] buffer = new byte[100];
        var writer = new StunWriter(buffer, StunMethod.Data, StunClass.Indication, default);
        writer.AddPeer(peer);
        writer.AddIcmp(new TurnIcmp(3, 4, 1400));
        return writer.Written.ToArray();
    }
}
