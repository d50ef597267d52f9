using Ice.Testing;
using Stun;
using static Turn.Tests.Client.ClientHarness;

namespace Turn.Tests.Client;

internal sealed class MobilityTests
{
    private static readonly byte[] s_ticket = [1, 2, 3];
    private static readonly byte[] s_nextTicket = [4, 5, 6, 7];

    [Test]
    [Rfc(8016, "3.1.1")]
    public void A_ticket_is_asked_for_with_an_empty_attribute()
    {
        var harness = new ClientHarness(static options => options with { Mobility = true });
        harness.Server.Ticket = s_ticket;

        harness.Allocate();

        Assert.That(harness.Of(StunMethod.Allocate)[^1].Value(StunAttributeType.MobilityTicket), Is.Empty);
        Assert.That(harness.Single<TurnClientEvent.Allocated>().Movable, Is.True);
        Assert.That(harness.Client.CanMove, Is.True);
    }

    [Test]
    [Rfc(8016, "3.2.1")]
    public void After_a_change_of_the_local_address_the_allocation_moves()
    {
        ClientHarness harness = Movable();
        harness.Bind(Peer);
        harness.PassTo(100);
        harness.Sent.Clear();
        harness.Server.Ticket = s_nextTicket;
        harness.Server.Drop(StunMethod.Refresh, 1);

        harness.Do(client => client.MoveTo(harness.Now));
        Assert.That(harness.Client.State, Is.EqualTo(TurnClientState.Moving));
        Assert.That(harness.Encode(Peer, "x"), Is.Empty, "no data before the server has agreed");
        Assert.That(harness.Receive([0x40, 0, 0, 1, 9]), Is.EqualTo(TurnInput.Data), "the server may still send");
        harness.Pass(Seconds(1));

        Assert.That(harness.Of(StunMethod.Refresh).Select(static request => request.Value(StunAttributeType.MobilityTicket)), Is.All.EqualTo(s_ticket));
        Assert.That(harness.Of(StunMethod.Allocate), Is.Empty);
        Assert.That(harness.Single<TurnClientEvent.Moved>().Lifetime, Is.EqualTo(Seconds(600)));
        Assert.That(harness.Client.RelayedIPv4, Is.EqualTo(ScriptedServer.Relayed4));
        Assert.That(harness.Client.HasPermission(Peer), Is.True);
        Assert.That(harness.Encode(Peer, "x")[0], Is.EqualTo(0x40));
        Assert.That(harness.Client.ExpiresAt, Is.EqualTo(Instant.FromOrigin(Seconds(700))));
    }

    [Test]
    [Rfc(8016, "3.2.2")]
    public void The_next_move_uses_the_new_ticket()
    {
        ClientHarness harness = Movable();
        harness.Server.Ticket = s_nextTicket;
        harness.Do(client => client.MoveTo(harness.Now));
        harness.Sent.Clear();

        harness.Do(client => client.MoveTo(harness.Now));

        Assert.That(harness.Of(StunMethod.Refresh).Single().Value(StunAttributeType.MobilityTicket), Is.EqualTo(s_nextTicket));
    }

    [Test]
    [Rfc(8016, "3.2.1")]
    public void An_ordinary_refresh_carries_no_ticket()
    {
        ClientHarness harness = Movable();

        harness.PassTo(541);

        Assert.That(harness.Of(StunMethod.Refresh).Single().Has(StunAttributeType.MobilityTicket), Is.False);
        Assert.That(harness.Client.CanMove, Is.True);
    }

    [Test]
    public void A_move_meets_a_new_nonce()
    {
        ClientHarness harness = Movable();
        harness.Server.Nonce = "of the new tuple";

        harness.Do(client => client.MoveTo(harness.Now));

        Assert.That(harness.Of(StunMethod.Refresh), Has.Length.EqualTo(2));
        Assert.That(harness.Of(StunMethod.Refresh)[1].Value(StunAttributeType.MobilityTicket), Is.EqualTo(s_ticket));
        harness.Single<TurnClientEvent.Moved>();
    }

    [Test]
    public void What_was_under_way_is_asked_again_from_the_new_address()
    {
        ClientHarness harness = Movable();
        harness.Connected = false;
        harness.Permit(Peer);
        harness.Bind(OtherPeer);
        harness.Connected = true;
        harness.Sent.Clear();

        harness.Do(client => client.MoveTo(harness.Now));

        Assert.That(harness.Sent.Select(static request => request.Method), Is.EqualTo(new[] { StunMethod.Refresh, StunMethod.CreatePermission, StunMethod.ChannelBind }));
        Assert.That(harness.Client.HasPermission(Peer), Is.True);
        Assert.That(harness.Client.TryGetChannel(OtherPeer, out _), Is.True);
    }

    [TestCase(StunErrorCode.MobilityForbidden, TurnFailure.NotMovable)]
    [TestCase(StunErrorCode.BadRequest, TurnFailure.NotMovable)]
    [TestCase(StunErrorCode.WrongCredentials, TurnFailure.NotMovable)]
    [TestCase(StunErrorCode.AllocationMismatch, TurnFailure.AllocationGone)]
    [Rfc(8016, "3.2.2")]
    public void A_move_that_is_refused_loses_the_allocation(int code, TurnFailure failure)
    {
        ClientHarness harness = Movable();
        harness.Server.Next(StunMethod.Refresh, request => harness.Server.Error(request, code));

        harness.Do(client => client.MoveTo(harness.Now));

        TurnClientEvent.Lost lost = harness.Single<TurnClientEvent.Lost>();
        Assert.That(lost.Failure, Is.EqualTo(failure));
        Assert.That(lost.Code, Is.EqualTo(code));
        harness.Do(client => client.AllocateAnew(ScriptedServer.Address, harness.Now));
        Assert.That(harness.Client.State, Is.EqualTo(TurnClientState.Allocated));
    }

    [Test]
    public void A_move_without_an_answer_loses_the_allocation()
    {
        ClientHarness harness = Movable();
        harness.Connected = false;

        harness.Do(client => client.MoveTo(harness.Now));
        harness.Pass(Seconds(40));

        Assert.That(harness.Single<TurnClientEvent.Lost>().Failure, Is.EqualTo(TurnFailure.Timeout));
    }

    [Test]
    public void Without_a_ticket_the_allocation_cannot_move()
    {
        ClientHarness harness = WithAllocation(static options => options with { Mobility = true });
        Assert.That(harness.Client.CanMove, Is.False);

        harness.Do(client => client.MoveTo(harness.Now));

        Assert.That(harness.Single<TurnClientEvent.Lost>().Failure, Is.EqualTo(TurnFailure.NotMovable));
        Assert.That(harness.Sent, Is.Empty);
    }

    [Test]
    [Rfc(8016, "3.1.4")]
    public void A_server_that_forbids_mobility_is_asked_without()
    {
        var harness = new ClientHarness(static options => options with { Mobility = true });
        harness.Server.Next(StunMethod.Allocate, request => harness.Server.Error(request, StunErrorCode.MobilityForbidden));

        harness.Allocate();

        Assert.That(harness.Of(StunMethod.Allocate)[^1].Has(StunAttributeType.MobilityTicket), Is.False);
        Assert.That(harness.Single<TurnClientEvent.Allocated>().Movable, Is.False);
    }

    [TestCase(false, false)]
    [TestCase(true, true)]
    [Rfc(8016, "5")]
    public void Without_authentication_a_ticket_counts_over_TLS_only(bool secured, bool movable)
    {
        var harness = new ClientHarness(options => options with { Mobility = true, Secured = secured });
        harness.Server.Authenticates = false;
        harness.Server.Ticket = s_ticket;

        harness.Allocate();

        Assert.That(harness.Client.CanMove, Is.EqualTo(movable));
    }

    [Test]
    public void A_change_of_address_while_allocating_asks_again()
    {
        ClientHarness harness = new ClientHarness { Connected = false }.Allocate();
        harness.Connected = true;

        harness.Do(client => client.MoveTo(harness.Now));

        Assert.That(harness.Client.State, Is.EqualTo(TurnClientState.Allocated));
        Assert.That(harness.Of(StunMethod.Allocate)[1].Id, Is.Not.EqualTo(harness.Of(StunMethod.Allocate)[0].Id));
    }

    [Test]
    public void Closing_while_moving_shows_the_ticket()
    {
        ClientHarness harness = Movable();
        harness.Connected = false;
        harness.Do(client => client.MoveTo(harness.Now));
        harness.Connected = true;
        harness.Sent.Clear();

        harness.Close();

        Assert.That(harness.Of(StunMethod.Refresh).Single().Value(StunAttributeType.MobilityTicket), Is.EqualTo(s_ticket));
        Assert.That(harness.Of(StunMethod.Refresh).Single().Lifetime, Is.EqualTo(TimeSpan.Zero));
        harness.Single<TurnClientEvent.Closed>();
    }

    [Test]
    public void A_channel_wanted_again_while_moving_wakes_nobody_for_its_rest()
    {
        ClientHarness harness = Movable();
        harness.Bind(Peer);
        harness.Do(client => client.Release(Peer, harness.Now));
        harness.PassTo(890);
        harness.Connected = false;
        harness.Do(client => client.MoveTo(harness.Now));
        harness.Bind(Peer);

        harness.PassTo(910);
        harness.Connected = true;
        harness.Pass(Seconds(30));

        Assert.That(harness.Client.State, Is.EqualTo(TurnClientState.Allocated));
        Assert.That(harness.Client.TryGetChannel(Peer, out ushort number), Is.True);
        Assert.That(number, Is.EqualTo(0x4000));
    }

    private static ClientHarness Movable() => WithAllocation(static options => options with { Mobility = true }, static server => server.Ticket = s_ticket);
}
