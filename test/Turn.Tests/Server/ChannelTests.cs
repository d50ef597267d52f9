using Ice.Testing;
using Stun;

namespace Turn.Tests.Server;

[TestFixture]
internal sealed class ChannelTests
{
    [Test]
    [Rfc(8656, "12.6")]
    [Rfc(8656, "12.7")]
    public void Data_travels_on_a_bound_channel_both_ways()
    {
        var rig = new ServerRig();
        RigClient client = rig.Client();
        _ = client.Allocate();
        client.Bind(0x4001, ServerRig.Peer);
        TurnForward forward = client.SendOn(0x4001, "hello"u8);
        Assert.That((forward.Kind, forward.Relay, forward.Peer, forward.DontFragment), Is.EqualTo((TurnForwardKind.ToPeer, rig.LastRelay, ServerRig.Peer, false)));
        Assert.That(client.Last.AsSpan(forward.Offset, forward.Length).SequenceEqual("hello"u8), Is.True);
        byte[]? received = rig.FromPeer(ServerRig.Peer, "world"u8);
        Assert.That(ChannelData.TryParse(received, out ushort channel, out ReadOnlySpan<byte> payload), Is.True);
        Assert.That(channel, Is.EqualTo(0x4001));
        Assert.That(payload.SequenceEqual("world"u8), Is.True);
        Assert.That(received, Has.Length.EqualTo(9), "Over UDP there is no padding.");
        Assert.That((rig.Core.Counters.BytesToPeers, rig.Core.Counters.BytesToClients), Is.EqualTo((5, 5)));
    }

    [Test]
    [Rfc(8656, "12.5")]
    public void Over_a_stream_channel_data_is_padded()
    {
        var rig = new ServerRig();
        RigClient client = rig.Client(stream: true);
        _ = client.Allocate();
        client.Bind(0x4001, ServerRig.Peer);
        TurnForward forward = client.SendOn(0x4001, "hello"u8);
        Assert.That(forward.Length, Is.EqualTo(5));
        byte[]? received = rig.FromPeer(ServerRig.Peer, "world"u8);
        Assert.That(received, Has.Length.EqualTo(12));
        Assert.That(received![9..], Is.All.Zero);
    }

    [Test]
    [Rfc(8656, "12.6")]
    public void An_empty_payload_is_an_empty_datagram()
    {
        var rig = new ServerRig();
        RigClient client = rig.Client();
        _ = client.Allocate();
        client.Bind(0x4001, ServerRig.Peer);
        TurnForward forward = client.SendOn(0x4001, []);
        Assert.That((forward.Kind, forward.Length), Is.EqualTo((TurnForwardKind.ToPeer, 0)));
        Assert.That(rig.FromPeer(ServerRig.Peer, []), Has.Length.EqualTo(4));
    }

    [Test]
    [Rfc(8656, "12.2")]
    public void Only_the_numbers_of_the_range_can_be_bound([Values(0x3FFF, 0x4000, 0x4FFF, 0x5000, 0x7FFF, 0xFFFF)] int number)
    {
        var rig = new ServerRig();
        RigClient client = rig.Client();
        _ = client.Allocate();
        Assert.That(client.Code(StunMethod.ChannelBind, RigClient.ChannelIs((ushort)number, ServerRig.Peer)), Is.EqualTo(number is >= 0x4000 and <= 0x4FFF ? 0 : 400));
    }

    [Test]
    [Rfc(8656, "12.2")]
    public void A_number_and_a_peer_belong_to_each_other_alone()
    {
        var rig = new ServerRig();
        RigClient client = rig.Client();
        _ = client.Allocate();
        client.Bind(0x4000, ServerRig.Peer);
        Assert.That(client.Code(StunMethod.ChannelBind, RigClient.ChannelIs(0x4000, ServerRig.OtherPeer)), Is.EqualTo(400));
        Assert.That(client.Code(StunMethod.ChannelBind, RigClient.ChannelIs(0x4001, ServerRig.Peer)), Is.EqualTo(400));
        client.Bind(0x4000, ServerRig.Peer);
        client.Bind(0x4001, ServerRig.Peer.WithPort(1));
        client.Bind(0x4002, ServerRig.OtherPeer);
    }

    [Test]
    [Rfc(8656, "12.2")]
    public void What_is_missing_or_of_another_family_is_refused()
    {
        var rig = new ServerRig();
        RigClient client = rig.Client();
        _ = client.Allocate();
        Assert.That(client.Code(StunMethod.ChannelBind, (ref w) => w.AddChannelNumber(0x4000)), Is.EqualTo(400));
        Assert.That(client.Code(StunMethod.ChannelBind, RigClient.PeerIs(ServerRig.Peer)), Is.EqualTo(400));
        Assert.That(client.Code(StunMethod.ChannelBind, RigClient.ChannelIs(0x4000, ServerRig.PeerIPv6)), Is.EqualTo(443));
        Assert.That(client.Code(StunMethod.ChannelBind, RigClient.ChannelIs(0x4000, TransportAddress.Parse("10.0.0.1", 1))), Is.EqualTo(403));
        Assert.That(client.Code(StunMethod.ChannelBind, RigClient.ChannelIs(0x4000, ServerRig.Peer.WithPort(0))), Is.EqualTo(403));
    }

    [Test]
    [Rfc(8656, "12")]
    public void A_binding_lasts_600_seconds_and_is_free_for_others_then()
    {
        var rig = new ServerRig();
        RigClient client = rig.Client();
        _ = client.Allocate((ref w) => w.AddUInt32(StunAttributeType.Lifetime, 3600));
        client.Bind(0x4000, ServerRig.Peer);
        rig.Advance(400);
        client.Bind(0x4000, ServerRig.Peer);
        rig.Advance(599.999);
        Assert.That(client.SendOn(0x4000, "x"u8).Kind, Is.EqualTo(TurnForwardKind.ToPeer));
        rig.Advance(0.001);
        Assert.That(client.SendOn(0x4000, "x"u8).Kind, Is.EqualTo(TurnForwardKind.None));
        Assert.That(rig.Core.Counters.GetDropped(TurnServerDrop.UnboundChannel), Is.EqualTo(1));
        client.Bind(0x4000, ServerRig.OtherPeer);
        client.Bind(0x4001, ServerRig.Peer);
        Assert.That(client.SendOn(0x4000, "x"u8).Peer, Is.EqualTo(ServerRig.OtherPeer));
    }

    [Test]
    [Rfc(8656, "12.2")]
    public void Channels_are_bounded_and_expired_ones_make_room()
    {
        var rig = new ServerRig(o => o with { Policy = new RelayPolicy { MaxChannels = 3 } });
        RigClient client = rig.Client();
        _ = client.Allocate((ref w) => w.AddUInt32(StunAttributeType.Lifetime, 3600));
        for (ushort i = 0; i < 3; i++)
            client.Bind((ushort)(0x4000 + i), ServerRig.Peer.WithPort(1 + i));
        Assert.That(client.Code(StunMethod.ChannelBind, RigClient.ChannelIs(0x4010, ServerRig.Peer)), Is.EqualTo(508));
        rig.Advance(600);
        client.Bind(0x4010, ServerRig.Peer);
    }

    [Test]
    [Rfc(8656, "12.6")]
    public void Channel_data_that_claims_more_than_it_has_is_dropped()
    {
        var rig = new ServerRig();
        RigClient client = rig.Client();
        _ = client.Allocate();
        client.Bind(0x4000, ServerRig.Peer);
        Assert.That(rig.Send(client.Path, [0x40, 0, 0, 3, 1, 2]).Kind, Is.EqualTo(TurnForwardKind.None));
        Assert.That(rig.Send(client.Path, [0x40, 0, 0]).Kind, Is.EqualTo(TurnForwardKind.None));
        Assert.That(rig.Core.Counters.GetDropped(TurnServerDrop.InvalidChannelData), Is.EqualTo(2));
        Assert.That(rig.Send(client.Path, [0x40, 0, 0, 1, 1, 0, 0, 0]).Length, Is.EqualTo(1), "Padding over UDP is allowed.");
        Assert.That(rig.Send(ServerRig.Path(port: 9), [0x40, 0, 0, 1, 1]).Kind, Is.EqualTo(TurnForwardKind.None));
        Assert.That(rig.Core.Counters.GetDropped(TurnServerDrop.NoAllocation), Is.EqualTo(1));
    }
}
