using Ice.Testing;
using Stun;

namespace Turn.Tests.Server;

[TestFixture]
internal sealed class DataTests
{
    [Test]
    [Rfc(8656, "11.2")]
    public void A_Send_indication_becomes_a_datagram([Values(0, 1, 2, 3, 4, 1000)] int length)
    {
        var rig = new ServerRig();
        RigClient client = rig.Client();
        _ = client.Allocate();
        client.Permit(ServerRig.Peer);
        byte[] data = [.. Enumerable.Range(1, length).Select(i => (byte)i)];
        TurnForward forward = client.SendTo(ServerRig.Peer.WithPort(99), data);
        Assert.That((forward.Kind, forward.Relay, forward.Peer, forward.DontFragment), Is.EqualTo((TurnForwardKind.ToPeer, rig.LastRelay, ServerRig.Peer.WithPort(99), false)));
        Assert.That(client.Last[forward.Offset..(forward.Offset + forward.Length)], Is.EqualTo(data));
    }

    [Test]
    [Rfc(8656, "11.3")]
    public void A_datagram_becomes_a_Data_indication([Values(0, 1, 2, 3, 4, 1000)] int length, [Values] bool ipv6, [Values] bool stream)
    {
        var rig = new ServerRig();
        RigClient client = rig.Client(stream: stream);
        _ = client.Allocate(ipv6 ? (ref w) => w.AddRequestedAddressFamily(TurnAddressFamily.IPv6) : null);
        TransportAddress peer = ipv6 ? ServerRig.PeerIPv6 : ServerRig.Peer;
        client.Permit(peer);
        byte[] data = [.. Enumerable.Range(1, length).Select(i => (byte)i)];
        StunMessage message = Reply.Read(rig.FromPeer(peer, data));
        Assert.That((message.Method, message.Class), Is.EqualTo((StunMethod.Data, StunClass.Indication)));
        Assert.That(message.TryGetPeer(out TransportAddress from), Is.True);
        Assert.That(from, Is.EqualTo(peer));
        Assert.That(message.TryGet(StunAttributeType.Data, out ReadOnlySpan<byte> value), Is.True);
        Assert.That(value.SequenceEqual(data), Is.True);
    }

    [Test]
    [Rfc(8656, "14")]
    public void Dont_fragment_is_passed_on_for_IPv4_and_ignored_for_IPv6()
    {
        var rig = new ServerRig();
        RigClient client = rig.Client();
        _ = client.Allocate((ref w) => w.AddAdditionalAddressFamily(TurnAddressFamily.IPv6));
        client.Permit(ServerRig.Peer, ServerRig.PeerIPv6);
        Assert.That(client.SendTo(ServerRig.Peer, "x"u8, dontFragment: true).DontFragment, Is.True);
        TurnForward ipv6 = client.SendTo(ServerRig.PeerIPv6, "x"u8, dontFragment: true);
        Assert.That((ipv6.Kind, ipv6.DontFragment), Is.EqualTo((TurnForwardKind.ToPeer, false)));
    }

    [Test]
    [Rfc(8656, "13.3")]
    public void Dont_fragment_is_ignored_where_IPv6_becomes_IPv4_but_not_on_the_way_from_a_stream([Values] bool stream)
    {
        var rig = new ServerRig();
        RigClient client = rig.Client("2001:db8::99", stream: stream);
        _ = client.Allocate();
        client.Permit(ServerRig.Peer);
        Assert.That(client.SendTo(ServerRig.Peer, "x"u8, dontFragment: true).DontFragment, Is.EqualTo(stream));
    }

    [Test]
    [Rfc(8656, "11.2")]
    public void Dont_fragment_discards_an_indication_when_the_server_cannot_set_it()
    {
        var rig = new ServerRig(o => o with { SupportsDontFragment = false });
        RigClient client = rig.Client();
        _ = client.Allocate();
        client.Permit(ServerRig.Peer);
        Assert.That(client.SendTo(ServerRig.Peer, "x"u8, dontFragment: true).Kind, Is.EqualTo(TurnForwardKind.None));
        Assert.That(rig.Core.Counters.GetDropped(TurnServerDrop.InvalidSend), Is.EqualTo(1));
    }

    [Test]
    [Rfc(8656, "11.2")]
    public void An_indication_without_peer_or_data_or_with_something_unknown_is_discarded()
    {
        var rig = new ServerRig();
        RigClient client = rig.Client();
        _ = client.Allocate();
        client.Permit(ServerRig.Peer);
        Attributes[] wrong =
        [
            (ref w) => w.AddPeer(ServerRig.Peer),
            (ref w) => w.Add(StunAttributeType.Data, "x"u8),
            (ref w) => { w.Add(StunAttributeType.XorPeerAddress, [1, 2, 3]); w.Add(StunAttributeType.Data, "x"u8); },
            (ref w) => { w.AddPeer(ServerRig.Peer); w.Add(StunAttributeType.Data, "x"u8); w.AddEmpty((StunAttributeType)0x7777); },
        ];
        foreach (Attributes attributes in wrong)
        {
            byte[] buffer = new byte[200];
            var writer = new StunWriter(buffer, StunMethod.Send, StunClass.Indication, TransactionId.Create(rig.Entropy));
            attributes(ref writer);
            Assert.That(rig.Send(client.Path, writer.Written).Kind, Is.EqualTo(TurnForwardKind.None));
        }

        Assert.That(rig.Core.Counters.GetDropped(TurnServerDrop.InvalidSend), Is.EqualTo(wrong.Length));
        Assert.That(rig.TakeReply(), Is.Null, "An indication is never answered.");
    }

    [Test]
    [Rfc(8656, "11.5")]
    public void An_ICMP_message_about_a_permitted_peer_reaches_the_client_also_when_a_channel_is_bound()
    {
        var rig = new ServerRig();
        RigClient client = rig.Client();
        _ = client.Allocate();
        client.Bind(0x4000, ServerRig.Peer);
        rig.Core.HandleIcmp(rig.LastRelay, ServerRig.Peer, new TurnIcmp(3, 3, 77), rig.Now);
        rig.Core.HandleIcmp(rig.LastRelay, ServerRig.Peer.WithPort(0), new TurnIcmp(3, 4, 1280), rig.Now);
        rig.Pump();
        StunMessage unreachable = Reply.Read(rig.TakeReply(out FiveTuple path));
        Assert.That(path, Is.EqualTo(client.Path));
        Assert.That((unreachable.Method, unreachable.Has(StunAttributeType.Data)), Is.EqualTo((StunMethod.Data, false)));
        Assert.That(unreachable.TryGetPeer(out TransportAddress peer), Is.True);
        Assert.That(peer, Is.EqualTo(ServerRig.Peer));
        Assert.That(unreachable.TryGetIcmp(out TurnIcmp icmp), Is.True);
        Assert.That(icmp, Is.EqualTo(new TurnIcmp(3, 3, 0)));
        Assert.That(Reply.Read(rig.TakeReply()).TryGetIcmp(out icmp), Is.True);
        Assert.That(icmp, Is.EqualTo(new TurnIcmp(3, 4, 1280)));
    }

    [Test]
    [Rfc(8656, "11.5")]
    public void Other_ICMP_messages_are_dropped()
    {
        var rig = new ServerRig();
        RigClient client = rig.Client();
        _ = client.Allocate((ref w) => w.AddAdditionalAddressFamily(TurnAddressFamily.IPv6));
        client.Permit(ServerRig.Peer, ServerRig.PeerIPv6);
        rig.Core.HandleIcmp(rig.LastRelay, ServerRig.Peer, new TurnIcmp(8, 0, 0), rig.Now);
        rig.Core.HandleIcmp(rig.LastRelay, ServerRig.PeerIPv6, new TurnIcmp(128, 0, 0), rig.Now);
        rig.Core.HandleIcmp(rig.LastRelay, ServerRig.OtherPeer, new TurnIcmp(3, 3, 0), rig.Now);
        rig.Core.HandleIcmp(new RelayId(999), ServerRig.Peer, new TurnIcmp(3, 3, 0), rig.Now);
        rig.Pump();
        Assert.That(rig.TakeReply(), Is.Null);
        Assert.That(rig.Core.Counters.GetDropped(TurnServerDrop.Icmp), Is.EqualTo(4));
        rig.Core.HandleIcmp(rig.LastRelay, ServerRig.PeerIPv6, new TurnIcmp(2, 0, 1280), rig.Now);
        rig.Pump();
        Assert.That(Reply.Read(rig.TakeReply()).TryGetIcmp(out TurnIcmp icmp), Is.True);
        Assert.That(icmp.Data, Is.EqualTo(1280));
    }

    [Test]
    [Rfc(8656, "5")]
    public void Beyond_the_bandwidth_data_is_discarded_until_time_has_passed()
    {
        var rig = new ServerRig(o => o with { Policy = new RelayPolicy { MaxBytesPerSecond = 1000 } });
        RigClient client = rig.Client();
        _ = client.Allocate();
        client.Bind(0x4000, ServerRig.Peer);
        byte[] data = new byte[600];
        Assert.That(client.SendOn(0x4000, data).Kind, Is.EqualTo(TurnForwardKind.ToPeer));
        Assert.That(rig.FromPeer(ServerRig.Peer, data), Is.Null);
        Assert.That(client.SendTo(ServerRig.Peer, data).Kind, Is.EqualTo(TurnForwardKind.None));
        Assert.That(rig.Core.Counters.GetDropped(TurnServerDrop.Bandwidth), Is.EqualTo(2));
        rig.Advance(0.2);
        Assert.That(rig.FromPeer(ServerRig.Peer, data), Is.Not.Null);
    }

    [Test]
    public void The_buffer_must_have_room_around_the_datagram() =>
        Assert.That(() => new ServerRig().Core.HandlePeer(new RelayId(1), ServerRig.Peer, new byte[100], 10, 10, Instant.Zero), Throws.ArgumentException);

    [Test]
    public void Relaying_allocates_nothing()
    {
        var rig = new ServerRig();
        RigClient client = rig.Client();
        _ = client.Allocate((ref w) => w.AddAdditionalAddressFamily(TurnAddressFamily.IPv6));
        RelayId ipv4 = rig.Events.OfType<TurnServerEvent.OpenRelay>().First().Relay;
        client.Permit(ServerRig.OtherPeer, ServerRig.PeerIPv6);
        client.Bind(0x4000, ServerRig.Peer);
        _ = client.SendTo(ServerRig.OtherPeer, "indication"u8);
        byte[] indication = client.Last;
        _ = client.SendOn(0x4000, "channel data"u8);
        byte[] channel = client.Last;
        byte[] buffer = new byte[200];
        long before = 0;
        for (int i = 0; i < 11_000; i++)
        {
            if (i == 1_000)
                before = GC.GetAllocatedBytesForCurrentThread();
            Relay(rig, client.Path, indication, channel, ipv4, buffer);
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
        Assert.That(rig.Core.Counters.DatagramsToPeers, Is.EqualTo(22_002));
        Assert.That(rig.Core.Counters.DatagramsToClients, Is.EqualTo(22_000));
    }

    private static void Relay(ServerRig rig, FiveTuple path, byte[] indication, byte[] channel, RelayId relay, byte[] buffer)
    {
        bool relayed = rig.Core.HandleClient(path, indication, rig.Now).Kind == TurnForwardKind.ToPeer
            & rig.Core.HandleClient(path, channel, rig.Now).Kind == TurnForwardKind.ToPeer
            & rig.Core.HandlePeer(relay, ServerRig.Peer, buffer, 48, 100, rig.Now).Kind == TurnForwardKind.ToClient
            & rig.Core.HandlePeer(relay, ServerRig.OtherPeer, buffer, 48, 100, rig.Now).Kind == TurnForwardKind.ToClient;
        if (!relayed)
            throw new InvalidOperationException("Something was dropped.");
    }
}
