using Ice.Testing;
using Stun;

namespace Turn.Tests.Server;

[TestFixture]
internal sealed class PermissionTests
{
    [Test]
    [Rfc(8656, "9")]
    public void A_permission_lasts_300_seconds_and_is_for_every_port_of_its_address()
    {
        var rig = new ServerRig();
        RigClient client = rig.Client();
        _ = client.Allocate();
        Assert.That(rig.FromPeer(ServerRig.Peer, "x"u8), Is.Null);
        client.Permit(ServerRig.Peer);
        Assert.That(rig.FromPeer(ServerRig.Peer.WithPort(1), "x"u8), Is.Not.Null);
        Assert.That(rig.FromPeer(ServerRig.OtherPeer, "x"u8), Is.Null);
        rig.Advance(299.999);
        Assert.That(rig.FromPeer(ServerRig.Peer, "x"u8), Is.Not.Null);
        Assert.That(client.SendTo(ServerRig.Peer, "x"u8).Kind, Is.EqualTo(TurnForwardKind.ToPeer));
        rig.Advance(0.001);
        Assert.That(rig.FromPeer(ServerRig.Peer, "x"u8), Is.Null);
        Assert.That(client.SendTo(ServerRig.Peer, "x"u8).Kind, Is.EqualTo(TurnForwardKind.None));
        Assert.That(rig.Core.Counters.GetDropped(TurnServerDrop.NoPermission), Is.EqualTo(4));
    }

    [Test]
    [Rfc(8656, "9")]
    public void A_permission_is_refreshed_by_either_request()
    {
        var rig = new ServerRig();
        RigClient client = rig.Client();
        _ = client.Allocate((ref w) => w.AddUInt32(StunAttributeType.Lifetime, 3600));
        client.Permit(ServerRig.Peer);
        rig.Advance(200);
        client.Permit(ServerRig.Peer);
        rig.Advance(200);
        client.Bind(0x4000, ServerRig.Peer);
        rig.Advance(299.999);
        Assert.That(rig.FromPeer(ServerRig.Peer, "x"u8), Is.Not.Null);
        rig.Advance(0.001);
        Assert.That(rig.FromPeer(ServerRig.Peer, "x"u8), Is.Null);
        Assert.That(rig.Events.OfType<TurnServerEvent.PermissionCreated>().Count(), Is.EqualTo(1));
    }

    [Test]
    [Rfc(8656, "9")]
    public void Data_refreshes_neither_permission_nor_channel()
    {
        var rig = new ServerRig();
        RigClient client = rig.Client();
        _ = client.Allocate((ref w) => w.AddUInt32(StunAttributeType.Lifetime, 3600));
        client.Bind(0x4000, ServerRig.Peer);
        rig.Advance(299);
        _ = client.SendOn(0x4000, "x"u8);
        _ = client.SendTo(ServerRig.Peer, "x"u8);
        Assert.That(rig.FromPeer(ServerRig.Peer, "x"u8), Is.Not.Null);
        rig.Advance(1);
        Assert.That(rig.FromPeer(ServerRig.Peer, "x"u8), Is.Null);
        rig.Advance(299);
        Assert.That(client.SendOn(0x4000, "x"u8).Kind, Is.EqualTo(TurnForwardKind.ToPeer));
        rig.Advance(1);
        Assert.That(client.SendOn(0x4000, "x"u8).Kind, Is.EqualTo(TurnForwardKind.None));
    }

    [Test]
    [Rfc(8656, "9")]
    public void Permissions_of_one_allocation_are_nothing_to_another()
    {
        var rig = new ServerRig();
        RigClient first = rig.Client(port: 1);
        _ = first.Allocate();
        RelayId firstRelay = rig.LastRelay;
        _ = rig.Client(port: 2).Allocate();
        first.Permit(ServerRig.Peer);
        Assert.That(rig.FromPeer(ServerRig.Peer, "x"u8), Is.Null);
        Assert.That(rig.FromPeer(firstRelay, ServerRig.Peer, "x"u8, out FiveTuple path), Is.Not.Null);
        Assert.That(path, Is.EqualTo(first.Path));
    }

    [Test]
    [Rfc(8656, "10.2")]
    public void One_request_permits_several_peers()
    {
        var rig = new ServerRig();
        RigClient client = rig.Client();
        _ = client.Allocate();
        client.Permit(ServerRig.Peer, ServerRig.OtherPeer);
        Assert.That(rig.FromPeer(ServerRig.Peer, "x"u8), Is.Not.Null);
        Assert.That(rig.FromPeer(ServerRig.OtherPeer, "x"u8), Is.Not.Null);
        byte[]? again = client.Retransmit();
        Assert.That(Reply.Code(again), Is.Zero);
    }

    [Test]
    [Rfc(8656, "10.2")]
    public void A_request_with_one_wrong_peer_permits_none()
    {
        var rig = new ServerRig();
        RigClient client = rig.Client();
        _ = client.Allocate();
        Assert.That(client.Code(StunMethod.CreatePermission), Is.EqualTo(400));
        Assert.That(client.Code(StunMethod.CreatePermission, (ref w) =>
        {
            w.AddPeer(ServerRig.Peer);
            w.Add(StunAttributeType.XorPeerAddress, [0, 9, 1, 2]);
        }), Is.EqualTo(400));
        Assert.That(client.Code(StunMethod.CreatePermission, RigClient.PeerIs(ServerRig.Peer, ServerRig.PeerIPv6)), Is.EqualTo(443));
        Assert.That(client.Code(StunMethod.CreatePermission, RigClient.PeerIs(ServerRig.Peer, TransportAddress.Parse("127.0.0.1", 1))), Is.EqualTo(403));
        Assert.That(rig.FromPeer(ServerRig.Peer, "x"u8), Is.Null);
    }

    [Test]
    [Rfc(8656, "10.2")]
    public void Permissions_are_bounded_and_expired_ones_make_room()
    {
        var rig = new ServerRig(o => o with { Policy = new RelayPolicy { MaxPermissions = 10 } });
        RigClient client = rig.Client();
        _ = client.Allocate((ref w) => w.AddUInt32(StunAttributeType.Lifetime, 3600));
        for (int i = 0; i < 10; i++)
            client.Permit(TransportAddress.Parse($"203.0.113.{i}", 1));
        Assert.That(client.Code(StunMethod.CreatePermission, RigClient.PeerIs(TransportAddress.Parse("203.0.113.99", 1))), Is.EqualTo(508));
        Assert.That(client.Code(StunMethod.ChannelBind, RigClient.ChannelIs(0x4000, TransportAddress.Parse("203.0.113.99", 1))), Is.EqualTo(508));
        client.Permit(TransportAddress.Parse("203.0.113.5", 1));
        rig.Advance(300);
        client.Permit(TransportAddress.Parse("203.0.113.99", 1));
    }
}
