using Ice.Testing;
using Stun;

namespace Turn.Tests.Server;

[TestFixture]
internal sealed class PeerPolicyTests
{
    private static readonly string[] s_always =
    [
        "0.0.0.0", "0.1.2.3", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "::", "ff02::1", "2002:c000:204::1", "2001::1",
    ];

    private static readonly string[] s_loopback = ["127.0.0.1", "127.9.9.9", "::1", "::127.0.0.1", "64:ff9b::7f00:1", "::ffff:127.0.0.1"];

    private static readonly string[] s_private = ["10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "fc00::1", "fd12::1", "64:ff9b::a00:1", "::ffff:10.0.0.1"];

    private static readonly string[] s_linkLocal = ["169.254.169.254", "fe80::1", "64:ff9b::a9fe:a9fe"];

    private static readonly string[] s_public = ["203.0.113.1", "8.8.8.8", "172.15.0.1", "172.32.0.1", "100.128.0.1", "2001:db8::1", "2606::1", "64:ff9b::808:808"];

    [TestCaseSource(nameof(s_always))]
    [Rfc(8656, "21.4")]
    public void Some_addresses_are_never_peers(string address) =>
        Assert.That(new RelayPolicy { AllowLoopback = true, AllowPrivate = true, AllowLinkLocal = true, AllowOwnAddresses = true }.IsPeerAllowed(TransportAddress.Parse(address, 80)), Is.False);

    [TestCaseSource(nameof(s_loopback))]
    public void Loopback_is_a_peer_only_when_allowed(string address) => Only(address, new RelayPolicy { AllowLoopback = true }, new RelayPolicy { AllowPrivate = true, AllowLinkLocal = true });

    [TestCaseSource(nameof(s_private))]
    public void Private_addresses_are_peers_only_when_allowed(string address) => Only(address, new RelayPolicy { AllowPrivate = true }, new RelayPolicy { AllowLoopback = true, AllowLinkLocal = true });

    [TestCaseSource(nameof(s_linkLocal))]
    public void Link_local_addresses_are_peers_only_when_allowed(string address) => Only(address, new RelayPolicy { AllowLinkLocal = true }, new RelayPolicy { AllowLoopback = true, AllowPrivate = true });

    [TestCaseSource(nameof(s_public))]
    public void Public_addresses_are_peers_unless_the_filter_says_no(string address)
    {
        Assert.That(new RelayPolicy().IsPeerAllowed(TransportAddress.Parse(address, 80)), Is.True);
        Assert.That(new RelayPolicy { PeerFilter = p => p.Port != 80 }.IsPeerAllowed(TransportAddress.Parse(address, 80)), Is.False);
    }

    [Test]
    public void The_server_itself_is_no_peer_except_where_it_relays()
    {
        var rig = new ServerRig();
        RigClient client = rig.Client();
        _ = client.Allocate();
        TransportAddress other = Reply.Relayed(rig.Client(port: 2).Allocate());
        Assert.That(client.Code(StunMethod.CreatePermission, RigClient.PeerIs(ServerRig.Listening)), Is.EqualTo(403));
        Assert.That(client.Code(StunMethod.ChannelBind, RigClient.ChannelIs(0x4000, ServerRig.RelayIPv4.WithPort(22))), Is.EqualTo(403));
        client.Permit(other);
        Assert.That(client.SendTo(other, "x"u8).Kind, Is.EqualTo(TurnForwardKind.ToPeer));
        Assert.That(client.SendTo(other.WithPort(22), "x"u8).Kind, Is.EqualTo(TurnForwardKind.None));
        client.Bind(0x4000, other);
        Assert.That(client.SendOn(0x4000, "x"u8).Kind, Is.EqualTo(TurnForwardKind.ToPeer));
        _ = rig.Client(port: 2).Get(StunMethod.Refresh, (ref w) => w.AddLifetime(TimeSpan.Zero));
        Assert.That(client.SendOn(0x4000, "x"u8).Kind, Is.EqualTo(TurnForwardKind.None));
        Assert.That(rig.Core.Counters.GetDropped(TurnServerDrop.ForbiddenPeer), Is.EqualTo(2));
    }

    [Test]
    public void Own_addresses_can_be_allowed()
    {
        var rig = new ServerRig(o => o with { Policy = new RelayPolicy { AllowOwnAddresses = true } });
        RigClient client = rig.Client();
        _ = client.Allocate();
        client.Permit(ServerRig.Listening);
        Assert.That(client.SendTo(ServerRig.Listening.WithPort(22), "x"u8).Kind, Is.EqualTo(TurnForwardKind.ToPeer));
    }

    [Test]
    [Rfc(8656, "11.2")]
    public void Data_to_port_0_is_dropped()
    {
        var rig = new ServerRig();
        RigClient client = rig.Client();
        _ = client.Allocate();
        client.Permit(ServerRig.Peer);
        Assert.That(client.SendTo(ServerRig.Peer.WithPort(0), "x"u8).Kind, Is.EqualTo(TurnForwardKind.None));
    }

    private static void Only(string address, RelayPolicy allowing, RelayPolicy others)
    {
        TransportAddress peer = TransportAddress.Parse(address, 80);
        Assert.That((allowing.IsPeerAllowed(peer), others.IsPeerAllowed(peer), new RelayPolicy().IsPeerAllowed(peer)), Is.EqualTo((true, false, false)));
    }
}
