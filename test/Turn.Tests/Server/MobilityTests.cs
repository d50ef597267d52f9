using Ice.Testing;
using Stun;

namespace Turn.Tests.Server;

[TestFixture]
internal sealed class MobilityTests
{
    private static readonly Attributes s_wantsTicket = (ref w) => w.AddMobilityTicket([]);
    private static readonly FiveTuple s_newPath = ServerRig.Path("198.51.100.77", 7);

    [Test]
    [Rfc(8016, "3.1.2")]
    public void A_ticket_is_given_to_who_asks_for_one()
    {
        var rig = new ServerRig();
        RigClient client = rig.Client();
        byte[] reply = client.Allocate(s_wantsTicket);
        Assert.That(Reply.Ticket(reply), Is.Not.Empty);
        Assert.That(client.Retransmit(), Is.EqualTo(reply));
        Assert.That(Reply.Read(rig.Client(port: 2).Allocate()).Has(StunAttributeType.MobilityTicket), Is.False);
    }

    [Test]
    [Rfc(8016, "3.1.2")]
    public void A_ticket_in_an_Allocate_is_400_and_forbidden_mobility_405()
    {
        var rig = new ServerRig();
        Assert.That(rig.Client().Code(StunMethod.Allocate, RigClient.Allocation((ref w) => w.AddMobilityTicket([1]))), Is.EqualTo(400));
        var forbidding = new ServerRig(o => o with { Policy = new RelayPolicy { AllowMobility = false } });
        Assert.That(forbidding.Client().Code(StunMethod.Allocate, RigClient.Allocation(s_wantsTicket)), Is.EqualTo(405));
        RigClient client = forbidding.Client();
        _ = client.Allocate();
        Assert.That(client.Code(StunMethod.Refresh, (ref w) => w.AddMobilityTicket([1, 2, 3])), Is.EqualTo(405));
    }

    [Test]
    [Rfc(8016, "3.2.2")]
    public void A_client_takes_its_allocation_along_and_data_follows_its_first_data()
    {
        var rig = new ServerRig();
        RigClient client = rig.Client();
        byte[] ticket = Reply.Ticket(client.Allocate(s_wantsTicket));
        client.Bind(0x4000, ServerRig.Peer);
        FiveTuple old = client.Path;
        client.Path = s_newPath;
        byte[] reply = client.Get(StunMethod.Refresh, (ref w) => w.AddMobilityTicket(ticket));
        Assert.That(Reply.Ticket(reply), Is.Not.EqualTo(ticket));
        Assert.That(Reply.Lifetime(reply), Is.EqualTo(600));
        // Both paths work until data comes on the new one; the peer's data still goes to the old one.
        _ = rig.FromPeer(rig.LastRelay, ServerRig.Peer, "x"u8, out FiveTuple to);
        Assert.That(to, Is.EqualTo(old));
        client.Path = old;
        Assert.That(client.SendOn(0x4000, "x"u8).Kind, Is.EqualTo(TurnForwardKind.ToPeer));
        client.Path = s_newPath;
        Assert.That(client.SendOn(0x4000, "x"u8).Kind, Is.EqualTo(TurnForwardKind.ToPeer));
        _ = rig.FromPeer(rig.LastRelay, ServerRig.Peer, "x"u8, out to);
        Assert.That(to, Is.EqualTo(s_newPath));
        Assert.That(rig.Only<TurnServerEvent.AllocationMoved>(), Is.EqualTo(new TurnServerEvent.AllocationMoved(old, s_newPath, "alice")));
        client.Path = old;
        Assert.That(client.SendOn(0x4000, "x"u8).Kind, Is.EqualTo(TurnForwardKind.None));
        client.Path = s_newPath;
        _ = client.Get(StunMethod.Refresh, (ref w) => w.AddLifetime(TimeSpan.Zero));
        Assert.That(rig.Core.EntryCount, Is.Zero);
    }

    [Test]
    [Rfc(8016, "3.2.2")]
    public void A_retransmitted_move_is_known_for_thirty_seconds_also_with_the_old_ticket()
    {
        var rig = new ServerRig();
        RigClient client = rig.Client();
        byte[] ticket = Reply.Ticket(client.Allocate(s_wantsTicket));
        client.Path = s_newPath;
        byte[] reply = client.Get(StunMethod.Refresh, (ref w) => w.AddMobilityTicket(ticket));
        Assert.That(client.Retransmit(), Is.EqualTo(reply));
        rig.Advance(30);
        Assert.That(Reply.Ticket(client.Retransmit()), Is.EqualTo(Reply.Ticket(reply)));
        rig.Advance(0.001);
        Assert.That(Reply.Code(client.Retransmit()), Is.EqualTo(400));
    }

    [Test]
    [Rfc(8016, "3.2.2")]
    public void An_old_ticket_a_forged_one_and_one_from_the_same_path_are_400()
    {
        var rig = new ServerRig();
        RigClient client = rig.Client();
        byte[] ticket = Reply.Ticket(client.Allocate(s_wantsTicket));
        Assert.That(client.Code(StunMethod.Refresh, (ref w) => w.AddMobilityTicket(ticket)), Is.EqualTo(400), "same path");
        byte[] forged = [.. ticket];
        forged[20] ^= 1;
        client.Path = s_newPath;
        Assert.That(client.Code(StunMethod.Refresh, (ref w) => w.AddMobilityTicket(forged)), Is.EqualTo(400), "forged");
        Assert.That(client.Code(StunMethod.Refresh, (ref w) => w.AddMobilityTicket([])), Is.EqualTo(400), "empty");
        byte[] next = Reply.Ticket(client.Get(StunMethod.Refresh, (ref w) => w.AddMobilityTicket(ticket)));
        client.Path = ServerRig.Path("198.51.100.88", 8);
        Assert.That(client.Code(StunMethod.Refresh, (ref w) => w.AddMobilityTicket(ticket)), Is.EqualTo(400), "old");
        _ = client.Get(StunMethod.Refresh, (ref w) => w.AddMobilityTicket(next));
        client.Path = s_newPath;
        Assert.That(client.Code(StunMethod.Refresh), Is.EqualTo(437), "The path that was given up is free.");
    }

    [Test]
    [Rfc(8016, "3.2.2")]
    public void Another_users_ticket_is_441_and_that_of_an_ended_allocation_437()
    {
        var rig = new ServerRig();
        RigClient client = rig.Client();
        byte[] ticket = Reply.Ticket(client.Allocate(s_wantsTicket));
        Assert.That(rig.Client("198.51.100.77", 7, user: "bob", password: "hidden").Code(StunMethod.Refresh, (ref w) => w.AddMobilityTicket(ticket)), Is.EqualTo(441));
        _ = rig.Client(port: 9).Allocate();
        Assert.That(rig.Client(port: 9).Code(StunMethod.Refresh, (ref w) => w.AddMobilityTicket(ticket)), Is.EqualTo(437), "a path with an allocation of its own");
        _ = client.Get(StunMethod.Refresh, (ref w) => w.AddLifetime(TimeSpan.Zero));
        client.Path = s_newPath;
        Assert.That(client.Code(StunMethod.Refresh, (ref w) => w.AddMobilityTicket(ticket)), Is.EqualTo(437));
    }

    [Test]
    [Rfc(8016, "3.2.2")]
    public void A_closed_stream_ends_the_old_path_and_an_allocation_with_a_ticket_waits_for_its_client()
    {
        var rig = new ServerRig();
        RigClient client = rig.Client(stream: true);
        byte[] ticket = Reply.Ticket(client.Allocate(s_wantsTicket));
        client.Permit(ServerRig.Peer);
        FiveTuple old = client.Path;
        rig.Core.HandleStreamClosed(old, rig.Now);
        Assert.That(rig.FromPeer(ServerRig.Peer, "x"u8), Is.Null);
        client.Path = s_newPath;
        ticket = Reply.Ticket(client.Get(StunMethod.Refresh, (ref w) => w.AddMobilityTicket(ticket)));
        _ = rig.FromPeer(rig.LastRelay, ServerRig.Peer, "x"u8, out FiveTuple to);
        Assert.That(to, Is.EqualTo(s_newPath));
        // A path that was only about to be taken can be lost too.
        client.Path = ServerRig.Path(port: 11, stream: true);
        _ = client.Get(StunMethod.Refresh, (ref w) => w.AddMobilityTicket(ticket));
        rig.Core.HandleStreamClosed(client.Path, rig.Now);
        _ = rig.FromPeer(rig.LastRelay, ServerRig.Peer, "x"u8, out to);
        Assert.That(to, Is.EqualTo(s_newPath));
        rig.Advance(601);
        Assert.That(rig.Core.EntryCount, Is.Zero);
    }

    [Test]
    [Rfc(8016, "3.2.2")]
    public void The_end_of_the_old_stream_completes_a_move()
    {
        var rig = new ServerRig();
        RigClient client = rig.Client(stream: true);
        byte[] ticket = Reply.Ticket(client.Allocate(s_wantsTicket));
        client.Permit(ServerRig.Peer);
        FiveTuple old = client.Path;
        client.Path = s_newPath;
        _ = client.Get(StunMethod.Refresh, (ref w) => w.AddMobilityTicket(ticket));
        rig.Core.HandleStreamClosed(old, rig.Now);
        _ = rig.FromPeer(rig.LastRelay, ServerRig.Peer, "x"u8, out FiveTuple to);
        Assert.That(to, Is.EqualTo(s_newPath));
    }

    [Test]
    [Rfc(8016, "3.2.1")]
    public void A_ticket_with_lifetime_zero_deletes_from_the_new_path()
    {
        var rig = new ServerRig();
        RigClient client = rig.Client();
        byte[] ticket = Reply.Ticket(client.Allocate(s_wantsTicket));
        client.Path = s_newPath;
        _ = client.Get(StunMethod.Refresh, (ref w) =>
        {
            w.AddMobilityTicket(ticket);
            w.AddLifetime(TimeSpan.Zero);
        });
        Assert.That(rig.Core.EntryCount, Is.Zero);
    }
}
