using Ice.Testing;
using Stun;

namespace Turn.Tests.Server;

[TestFixture]
internal sealed class TcpAllocationTests
{
    [Test]
    [Rfc(6062, "5.1")]
    public void A_TCP_relay_needs_a_stream_and_takes_no_UDP_attributes()
    {
        var rig = new ServerRig();
        Assert.That(rig.Client().Code(StunMethod.Allocate, RigClient.Allocation(transport: TurnTransport.Tcp)), Is.EqualTo(400));
        RigClient client = rig.Client(stream: true);
        Attributes[] wrong = [(ref w) => w.AddEmpty(StunAttributeType.DontFragment), (ref w) => w.AddEvenPort(false), (ref w) => w.AddReservationToken(5)];
        foreach (Attributes attributes in wrong)
            Assert.That(client.Code(StunMethod.Allocate, RigClient.Allocation(attributes, TurnTransport.Tcp)), Is.EqualTo(400));
        byte[] reply = client.Get(StunMethod.Allocate, RigClient.Allocation(transport: TurnTransport.Tcp));
        Assert.That(Reply.Read(reply).Has(StunAttributeType.ReservationToken), Is.False);
        Assert.That(rig.Only<TurnServerEvent.OpenRelay>().Transport, Is.EqualTo(TurnTransport.Tcp));
    }

    [Test]
    [Rfc(6062, "5.1")]
    public void Transports_can_be_forbidden()
    {
        var noTcp = new ServerRig(o => o with { Policy = new RelayPolicy { AllowTcp = false } });
        Assert.That(noTcp.Client(stream: true).Code(StunMethod.Allocate, RigClient.Allocation(transport: TurnTransport.Tcp)), Is.EqualTo(442));
        var noUdp = new ServerRig(o => o with { Policy = new RelayPolicy { AllowUdp = false } });
        Assert.That(noUdp.Client().Code(StunMethod.Allocate, RigClient.Allocation()), Is.EqualTo(403));
    }

    [Test]
    [Rfc(6062, "5.2")]
    [Rfc(6062, "5.4")]
    public void A_client_connects_to_a_peer_and_binds_a_stream_to_the_connection()
    {
        (ServerRig rig, RigClient client) = Allocated();
        TurnServerEvent.ConnectPeer connect = Connect(rig, client);
        Assert.That(connect.Local.SameAddress(ServerRig.RelayIPv4), Is.True);
        Assert.That(connect.Peer, Is.EqualTo(ServerRig.Peer));
        rig.Core.HandlePeerConnected(connect.Connection, rig.Now);
        rig.Pump();
        byte[]? answer = rig.TakeReply();
        Assert.That(Reply.ConnectionId(answer), Is.EqualTo(connect.Connection));
        Assert.That(Reply.Read(answer).HasMessageIntegritySha256, Is.True);
        RigClient data = rig.Client(port: 6001, stream: true);
        _ = data.Get(StunMethod.ConnectionBind, (ref w) => w.AddConnectionId(connect.Connection));
        Assert.That(rig.Only<TurnServerEvent.JoinStreams>(), Is.EqualTo(new TurnServerEvent.JoinStreams(data.Path, connect.Connection)));
        // From now on the stream carries bytes, not messages.
        Assert.That(rig.Send(data.Path, data.Last).Kind, Is.EqualTo(TurnForwardKind.None));
        Assert.That(rig.Core.Counters.GetDropped(TurnServerDrop.DataConnection), Is.EqualTo(1));
        rig.Advance(100);
        Assert.That(rig.Events.OfType<TurnServerEvent.ClosePeer>(), Is.Empty);
    }

    [Test]
    [Rfc(6062, "5.2")]
    public void One_connection_to_a_peer_at_a_time()
    {
        (ServerRig rig, RigClient client) = Allocated();
        TurnServerEvent.ConnectPeer connect = Connect(rig, client);
        Assert.That(client.Code(StunMethod.Connect, RigClient.PeerIs(ServerRig.Peer)), Is.EqualTo(446));
        rig.Core.HandlePeerConnected(connect.Connection, rig.Now);
        rig.Pump();
        _ = rig.TakeReply();
        Assert.That(client.Code(StunMethod.Connect, RigClient.PeerIs(ServerRig.Peer)), Is.EqualTo(446));
        rig.Core.HandlePeerClosed(connect.Connection, rig.Now);
        rig.Pump();
        Assert.That(client.Ask(StunMethod.Connect, RigClient.PeerIs(ServerRig.Peer)), Is.Null, "It is being connected.");
    }

    [Test]
    [Rfc(6062, "5.2")]
    public void A_connection_that_fails_or_takes_more_than_thirty_seconds_is_447()
    {
        (ServerRig rig, RigClient client) = Allocated();
        TurnServerEvent.ConnectPeer failing = Connect(rig, client);
        rig.Core.HandlePeerClosed(failing.Connection, rig.Now);
        rig.Pump();
        Assert.That(Reply.Code(rig.TakeReply()), Is.EqualTo(447));
        TurnServerEvent.ConnectPeer slow = Connect(rig, client);
        rig.Advance(29.999);
        Assert.That(rig.TakeReply(), Is.Null);
        rig.Advance(0.001);
        Assert.That(Reply.Code(rig.TakeReply()), Is.EqualTo(447));
        Assert.That(rig.Events, Does.Contain(new TurnServerEvent.ClosePeer(slow.Connection)));
        rig.Core.HandlePeerConnected(slow.Connection, rig.Now);
        rig.Pump();
        Assert.That(rig.TakeReply(), Is.Null, "Too late.");
    }

    [Test]
    [Rfc(6062, "5.2")]
    public void Connect_is_refused_for_what_is_no_peer()
    {
        (ServerRig rig, RigClient client) = Allocated(o => o with { Policy = new RelayPolicy { MaxPeerConnections = 1 } });
        Assert.That(client.Code(StunMethod.Connect), Is.EqualTo(400));
        Assert.That(client.Code(StunMethod.Connect, (ref w) => w.Add(StunAttributeType.XorPeerAddress, [1])), Is.EqualTo(400));
        Assert.That(client.Code(StunMethod.Connect, RigClient.PeerIs(ServerRig.PeerIPv6)), Is.EqualTo(443));
        Assert.That(client.Code(StunMethod.Connect, RigClient.PeerIs(TransportAddress.Parse("10.0.0.1", 80))), Is.EqualTo(403));
        Assert.That(client.Code(StunMethod.ChannelBind, RigClient.ChannelIs(0x4000, ServerRig.Peer)), Is.EqualTo(400), "no channels over TCP");
        _ = Connect(rig, client);
        Assert.That(client.Code(StunMethod.Connect, RigClient.PeerIs(ServerRig.OtherPeer)), Is.EqualTo(508));
        RigClient udp = rig.Client(port: 77);
        _ = udp.Allocate();
        Assert.That(udp.Code(StunMethod.Connect, RigClient.PeerIs(ServerRig.Peer)), Is.EqualTo(400));
    }

    [Test]
    [Rfc(6062, "5.3")]
    public void A_peer_that_connects_needs_a_permission_and_is_announced()
    {
        (ServerRig rig, RigClient client) = Allocated();
        Assert.That(rig.Core.HandlePeerAccepted(rig.LastRelay, ServerRig.Peer, rig.Now), Is.Zero);
        Assert.That(rig.Core.Counters.GetDropped(TurnServerDrop.PeerConnection), Is.EqualTo(1));
        client.Permit(ServerRig.Peer);
        uint id = rig.Core.HandlePeerAccepted(rig.LastRelay, ServerRig.Peer, rig.Now);
        rig.Pump();
        Assert.That(id, Is.Not.Zero);
        StunMessage attempt = Reply.Read(rig.TakeReply(out FiveTuple path));
        Assert.That(path, Is.EqualTo(client.Path));
        Assert.That((attempt.Method, attempt.Class), Is.EqualTo((StunMethod.ConnectionAttempt, StunClass.Indication)));
        Assert.That(attempt.TryGetPeer(out TransportAddress peer) && peer == ServerRig.Peer, Is.True);
        Assert.That(attempt.TryGetConnectionId(out uint told) && told == id, Is.True);
        _ = rig.Client(port: 6001, stream: true).Get(StunMethod.ConnectionBind, (ref w) => w.AddConnectionId(id));
    }

    [Test]
    [Rfc(6062, "5.3")]
    public void A_connection_that_nobody_binds_is_closed_after_thirty_seconds([Values] bool incoming)
    {
        (ServerRig rig, RigClient client) = Allocated();
        uint id = Pending(rig, client, incoming);
        rig.Advance(29.999);
        Assert.That(rig.Events.OfType<TurnServerEvent.ClosePeer>(), Is.Empty);
        rig.Advance(0.001);
        Assert.That(rig.Only<TurnServerEvent.ClosePeer>().Connection, Is.EqualTo(id));
        Assert.That(rig.Client(port: 6001, stream: true).Code(StunMethod.ConnectionBind, (ref w) => w.AddConnectionId(id)), Is.EqualTo(400));
    }

    [Test]
    [Rfc(6062, "5.4")]
    public void ConnectionBind_is_refused_for_what_is_not_pending()
    {
        (ServerRig rig, RigClient client) = Allocated();
        uint id = Pending(rig, client, incoming: true);
        Attributes right = (ref w) => w.AddConnectionId(id);
        Assert.That(rig.Client(port: 6001).Code(StunMethod.ConnectionBind, right), Is.EqualTo(400), "over UDP");
        Assert.That(client.Code(StunMethod.ConnectionBind, right), Is.EqualTo(400), "on the control connection");
        Assert.That(rig.Client(port: 6001, stream: true).Code(StunMethod.ConnectionBind), Is.EqualTo(400), "without an id");
        Assert.That(rig.Client(port: 6001, stream: true).Code(StunMethod.ConnectionBind, (ref w) => w.AddConnectionId(id + 1)), Is.EqualTo(400), "with another id");
        Assert.That(rig.Client(port: 6001, stream: true, user: "bob", password: "hidden").Code(StunMethod.ConnectionBind, right), Is.EqualTo(441), "by another user");
        _ = rig.Client(port: 6001, stream: true).Get(StunMethod.ConnectionBind, right);
        Assert.That(rig.Client(port: 6002, stream: true).Code(StunMethod.ConnectionBind, right), Is.EqualTo(400), "twice");
    }

    [Test]
    [Rfc(6062, "4.3")]
    public void A_data_connection_may_go_on_with_the_nonce_of_its_control_connection()
    {
        (ServerRig rig, RigClient client) = Allocated();
        uint id = Pending(rig, client, incoming: true);
        FiveTuple control = client.Path;
        client.Path = ServerRig.Path(port: 6001, stream: true);
        _ = client.Get(StunMethod.ConnectionBind, (ref w) => w.AddConnectionId(id));
        Assert.That(rig.Core.Counters.GetErrors(438), Is.Zero);
        // Elsewhere a nonce is good for its own path alone.
        client.Path = control with { Client = control.Client.WithPort(6002) };
        Assert.That(client.Code(StunMethod.Refresh), Is.EqualTo(437));
        Assert.That(rig.Core.Counters.GetErrors(438), Is.EqualTo(1));
    }

    [Test]
    [Rfc(6062, "5.5")]
    public void What_is_joined_ends_together([Values(0, 1, 2, 3)] int how)
    {
        (ServerRig rig, RigClient client) = Allocated();
        uint id = Pending(rig, client, incoming: true);
        RigClient data = rig.Client(port: 6001, stream: true);
        _ = data.Get(StunMethod.ConnectionBind, (ref w) => w.AddConnectionId(id));
        switch (how)
        {
            case 0:
                rig.Core.HandleStreamClosed(data.Path, rig.Now);
                break;
            case 1:
                rig.Core.HandlePeerClosed(id, rig.Now);
                break;
            case 2:
                rig.Core.HandleStreamClosed(client.Path, rig.Now);
                break;
            default:
                rig.Advance(600);
                break;
        }

        rig.Pump();
        Assert.That(rig.Events, Does.Contain(new TurnServerEvent.ClosePeer(id)).And.Contain(new TurnServerEvent.CloseClient(data.Path)));
        Assert.That(rig.Core.EntryCount == 0, Is.EqualTo(how >= 2));
    }

    private static (ServerRig Rig, RigClient Client) Allocated(Func<TurnServerCoreOptions, TurnServerCoreOptions>? change = null)
    {
        var rig = new ServerRig(change);
        RigClient client = rig.Client(stream: true);
        _ = client.Get(StunMethod.Allocate, RigClient.Allocation(transport: TurnTransport.Tcp));
        return (rig, client);
    }

    private static TurnServerEvent.ConnectPeer Connect(ServerRig rig, RigClient client)
    {
        Assert.That(client.Ask(StunMethod.Connect, RigClient.PeerIs(ServerRig.Peer)), Is.Null);
        return rig.Events.OfType<TurnServerEvent.ConnectPeer>().Last();
    }

    private static uint Pending(ServerRig rig, RigClient client, bool incoming)
    {
        uint id;
        if (incoming)
        {
            client.Permit(ServerRig.Peer);
            id = rig.Core.HandlePeerAccepted(rig.LastRelay, ServerRig.Peer, rig.Now);
        }
        else
        {
            id = Connect(rig, client).Connection;
            rig.Core.HandlePeerConnected(id, rig.Now);
        }

        rig.Pump();
        _ = rig.TakeReply();
        return id;
    }
}
