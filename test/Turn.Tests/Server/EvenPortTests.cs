using Ice.Testing;
using Stun;

namespace Turn.Tests.Server;

[TestFixture]
internal sealed class EvenPortTests
{
    private static readonly Attributes s_reserve = (ref w) => w.AddEvenPort(reserveNext: true);

    [Test]
    [Rfc(8656, "7.2")]
    public void An_even_port_is_even()
    {
        var rig = new ServerRig();
        for (int i = 1; i <= 50; i++)
            Assert.That(Reply.Relayed(rig.Client(port: i).Allocate((ref w) => w.AddEvenPort(false))).Port % 2, Is.Zero);
        Assert.That(rig.Core.RelayCount, Is.EqualTo(50));
    }

    [Test]
    [Rfc(8656, "7.2")]
    public void The_next_port_is_reserved_and_given_for_its_token()
    {
        var rig = new ServerRig();
        RigClient first = rig.Client();
        byte[] reply = first.Allocate(s_reserve);
        int port = Reply.Relayed(reply).Port;
        ulong token = Reply.Token(reply);
        Assert.That(port % 2, Is.Zero);
        Assert.That(first.Retransmit(), Is.EqualTo(reply));
        // A reservation is the server's: any user may claim it on any path.
        byte[] second = rig.Client(port: 2, stream: true, user: "bob", password: "hidden").Allocate((ref w) => w.AddReservationToken(token));
        Assert.That(Reply.Relayed(second).Port, Is.EqualTo(port + 1));
        Assert.That(Reply.Read(second).Has(StunAttributeType.ReservationToken), Is.False);
        Assert.That(rig.Client(port: 3).Code(StunMethod.Allocate, RigClient.Allocation((ref w) => w.AddReservationToken(token))), Is.EqualTo(508));
    }

    [Test]
    [Rfc(8656, "7.2")]
    public void A_reservation_is_held_for_thirty_seconds()
    {
        var rig = new ServerRig();
        ulong token = Reply.Token(rig.Client().Allocate(s_reserve));
        rig.Advance(29.999);
        Assert.That(rig.OpenRelays, Has.Count.EqualTo(2));
        rig.Advance(0.001);
        Assert.That(rig.OpenRelays, Has.Count.EqualTo(1));
        Assert.That(rig.Client(port: 2).Code(StunMethod.Allocate, RigClient.Allocation((ref w) => w.AddReservationToken(token))), Is.EqualTo(508));
    }

    [Test]
    [Rfc(8656, "7.2")]
    public void A_reservation_outlives_neither_the_server_nor_its_limit()
    {
        var rig = new ServerRig(o => o with { Policy = new RelayPolicy { MaxReservations = 1 } });
        _ = rig.Client().Allocate(s_reserve);
        Assert.That(rig.Client(port: 2).Code(StunMethod.Allocate, RigClient.Allocation(s_reserve)), Is.EqualTo(508));
        rig.Core.Close();
        rig.Pump();
        Assert.That(rig.OpenRelays, Is.Empty);
        Assert.That(rig.Core.EntryCount, Is.Zero);
    }

    [Test]
    [Rfc(8656, "7.2")]
    public void When_one_port_of_a_pair_is_taken_another_pair_is_tried([Values(0, 1)] int refused)
    {
        int opened = 0;
        var rig = new ServerRig { Opens = _ => opened++ != refused };
        int port = Reply.Relayed(rig.Client().Allocate(s_reserve)).Port;
        int[] ports = [.. rig.Events.OfType<TurnServerEvent.OpenRelay>().Select(e => e.Address.Port)];
        Assert.That(ports, Has.Length.EqualTo(4));
        Assert.That(port, Is.EqualTo(ports[2]));
        Assert.That(rig.OpenRelays, Has.Count.EqualTo(2));
        Assert.That(rig.Core.RelayCount, Is.EqualTo(2));
    }

    [Test]
    [Rfc(8656, "7.2")]
    public void Without_a_free_pair_the_answer_is_508()
    {
        var rig = new ServerRig(o => o with { MinRelayPort = 50001, MaxRelayPort = 50002 });
        Assert.That(rig.Client().Code(StunMethod.Allocate, RigClient.Allocation(s_reserve)), Is.EqualTo(508));
        Assert.That(Reply.Relayed(rig.Client().Allocate((ref w) => w.AddEvenPort(false))).Port, Is.EqualTo(50002));
        Assert.That(rig.Client(port: 2).Code(StunMethod.Allocate, RigClient.Allocation((ref w) => w.AddEvenPort(false))), Is.EqualTo(508));
    }

    [Test]
    [Rfc(8656, "7.2")]
    public void A_token_of_zero_or_of_nothing_is_508([Values(0ul, 1ul, ulong.MaxValue)] ulong token) =>
        Assert.That(new ServerRig().Client().Code(StunMethod.Allocate, RigClient.Allocation((ref w) => w.AddReservationToken(token))), Is.EqualTo(508));
}
