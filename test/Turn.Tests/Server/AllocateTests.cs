using Ice.Testing;
using Stun;

namespace Turn.Tests.Server;

[TestFixture]
internal sealed class AllocateTests
{
    [Test]
    [Rfc(8656, "7.2")]
    public void An_allocation_has_a_relayed_address_a_lifetime_and_the_mapped_address()
    {
        var rig = new ServerRig();
        byte[] reply = rig.Client().Allocate();
        StunMessage message = Reply.Read(reply);
        Assert.That(message.TryGetRelayed(out TransportAddress relayed, out TransportAddress other), Is.True);
        Assert.That(relayed.SameAddress(ServerRig.RelayIPv4), Is.True);
        Assert.That(relayed.Port, Is.InRange(49152, 65535));
        Assert.That(other.IsNone, Is.True);
        Assert.That(Reply.Lifetime(reply), Is.EqualTo(600));
        Assert.That(message.TryGetXorAddress(StunAttributeType.XorMappedAddress, out TransportAddress mapped), Is.True);
        Assert.That(mapped, Is.EqualTo(ServerRig.Path().Client));
        Assert.That(message.TryGetText(StunAttributeType.Software, out string software), Is.True);
        Assert.That(software, Is.EqualTo("IceAgent"));
        Assert.That(rig.OpenRelays, Has.Count.EqualTo(1));
        Assert.That(rig.Only<TurnServerEvent.AllocationCreated>().User, Is.EqualTo("alice"));
    }

    [Test]
    [Rfc(8656, "7.2")]
    public void The_lifetime_is_at_least_the_default_and_at_most_the_servers([Values(0u, 1u, 599u, 600u, 601u, 1800u, 3600u, 3601u, uint.MaxValue)] uint asked)
    {
        var rig = new ServerRig();
        byte[] reply = rig.Client().Allocate((ref w) => w.AddUInt32(StunAttributeType.Lifetime, asked));
        double expected = Math.Clamp(asked, 600, 3600);
        Assert.That(Reply.Lifetime(reply), Is.EqualTo(expected));
        rig.Advance(expected - 0.001);
        Assert.That(rig.Core.AllocationCount, Is.EqualTo(1));
        rig.Advance(0.001);
        Assert.That(rig.Core.AllocationCount, Is.Zero);
        Assert.That(rig.Only<TurnServerEvent.AllocationEnded>().Reason, Is.EqualTo(AllocationEnd.Expired));
        Assert.That(rig.OpenRelays, Is.Empty);
        Assert.That(rig.Core.EntryCount, Is.Zero);
    }

    [Test]
    [Rfc(8656, "7.2")]
    public void A_retransmission_gets_the_same_answer_and_makes_nothing()
    {
        var rig = new ServerRig();
        RigClient client = rig.Client();
        byte[] first = client.Allocate();
        byte[]? again = client.Retransmit();
        Assert.That(again, Is.EqualTo(first));
        rig.Advance(10);
        Assert.That(Reply.Lifetime(client.Retransmit()), Is.EqualTo(590));
        Assert.That(rig.Core.AllocationCount, Is.EqualTo(1));
        Assert.That(rig.OpenRelays, Has.Count.EqualTo(1));
    }

    [Test]
    [Rfc(8656, "7.2")]
    public void A_retransmission_before_the_relay_is_open_waits_for_it()
    {
        var rig = new ServerRig { Opens = _ => null };
        RigClient client = rig.Client();
        Assert.That(client.Ask(StunMethod.Allocate, RigClient.Allocation()), Is.Null);
        Assert.That(client.Retransmit(), Is.Null);
        rig.Core.HandleRelayOpened(rig.Only<TurnServerEvent.OpenRelay>().Relay, rig.Now);
        rig.Pump();
        Assert.That(Reply.Code(rig.TakeReply()), Is.Zero);
        Assert.That(rig.TakeReply(), Is.Null);
    }

    [Test]
    [Rfc(8656, "7.2")]
    public void Another_Allocate_on_the_same_path_is_a_mismatch()
    {
        var rig = new ServerRig();
        RigClient client = rig.Client();
        _ = client.Allocate();
        Assert.That(client.Code(StunMethod.Allocate, RigClient.Allocation()), Is.EqualTo(437));
        Assert.That(rig.Core.AllocationCount, Is.EqualTo(1));
    }

    [Test]
    [Rfc(8656, "7.2")]
    public void The_transport_must_be_there_and_be_one_that_the_server_has()
    {
        var rig = new ServerRig();
        RigClient client = rig.Client();
        Assert.That(client.Code(StunMethod.Allocate), Is.EqualTo(400));
        Assert.That(client.Code(StunMethod.Allocate, (ref w) => w.Add(StunAttributeType.RequestedTransport, [17])), Is.EqualTo(400));
        Assert.That(client.Code(StunMethod.Allocate, RigClient.Allocation(transport: (TurnTransport)132)), Is.EqualTo(442));
        Assert.That(rig.Core.EntryCount, Is.Zero);
    }

    [Test]
    [Rfc(8656, "7.2")]
    public void Dont_fragment_is_unknown_to_a_server_that_cannot_set_it()
    {
        var rig = new ServerRig(o => o with { SupportsDontFragment = false });
        byte[]? reply = rig.Client().Ask(StunMethod.Allocate, RigClient.Allocation((ref w) => w.AddEmpty(StunAttributeType.DontFragment)));
        Assert.That(Reply.Code(reply), Is.EqualTo(420));
        Span<ushort> unknown = stackalloc ushort[4];
        Assert.That(Reply.Read(reply).TryGetUnknownAttributes(unknown, out int count), Is.True);
        Assert.That(count, Is.EqualTo(1));
        Assert.That(unknown[0], Is.EqualTo((ushort)StunAttributeType.DontFragment));
        _ = new ServerRig().Client().Allocate((ref w) => w.AddEmpty(StunAttributeType.DontFragment));
    }

    [Test]
    [Rfc(8656, "7.2")]
    public void An_address_family_that_is_not_relayed_is_440()
    {
        var rig = new ServerRig(o => o with { RelayIPv6 = default });
        RigClient client = rig.Client();
        Assert.That(client.Code(StunMethod.Allocate, RigClient.Allocation((ref w) => w.AddRequestedAddressFamily(TurnAddressFamily.IPv6))), Is.EqualTo(440));
        Assert.That(client.Code(StunMethod.Allocate, RigClient.Allocation((ref w) => w.AddRequestedAddressFamily((TurnAddressFamily)7))), Is.EqualTo(440));
        var onlyIPv6 = new ServerRig(o => o with { RelayIPv4 = default });
        Assert.That(onlyIPv6.Client().Code(StunMethod.Allocate, RigClient.Allocation()), Is.EqualTo(440));
        byte[] reply = onlyIPv6.Client().Allocate((ref w) => w.AddRequestedAddressFamily(TurnAddressFamily.IPv6));
        Assert.That(Reply.Relayed(reply).IsIPv6, Is.True);
    }

    [Test]
    [Rfc(8656, "7.2")]
    public void Attributes_that_exclude_each_other_are_400()
    {
        var rig = new ServerRig();
        RigClient client = rig.Client();
        Attributes[] wrong =
        [
            (ref w) => { w.AddReservationToken(5); w.AddEvenPort(false); },
            (ref w) => { w.AddReservationToken(5); w.AddRequestedAddressFamily(TurnAddressFamily.IPv4); },
            (ref w) => { w.AddReservationToken(5); w.AddAdditionalAddressFamily(TurnAddressFamily.IPv6); },
            (ref w) => { w.AddRequestedAddressFamily(TurnAddressFamily.IPv4); w.AddAdditionalAddressFamily(TurnAddressFamily.IPv6); },
            (ref w) => { w.AddEvenPort(true); w.AddAdditionalAddressFamily(TurnAddressFamily.IPv6); },
            (ref w) => w.AddAdditionalAddressFamily(TurnAddressFamily.IPv4),
            (ref w) => w.Add(StunAttributeType.EvenPort, [0x80, 0]),
            (ref w) => w.Add(StunAttributeType.ReservationToken, [1, 2, 3]),
            (ref w) => w.Add(StunAttributeType.RequestedAddressFamily, [1]),
            (ref w) => w.Add(StunAttributeType.Lifetime, [1]),
        ];
        foreach (Attributes attributes in wrong)
            Assert.That(client.Code(StunMethod.Allocate, RigClient.Allocation(attributes)), Is.EqualTo(400));
        Assert.That(rig.Core.EntryCount, Is.Zero);
    }

    [Test]
    [Rfc(8656, "7.2")]
    public void A_user_has_a_quota_and_the_server_a_capacity()
    {
        var rig = new ServerRig(o => o with { Policy = new RelayPolicy { MaxAllocationsPerUser = 2, MaxAllocations = 3 } });
        _ = rig.Client(port: 1).Allocate();
        RigClient second = rig.Client(port: 2);
        _ = second.Allocate();
        Assert.That(rig.Client(port: 3).Code(StunMethod.Allocate, RigClient.Allocation()), Is.EqualTo(486));
        _ = rig.Client(port: 4, user: "bob", password: "hidden").Allocate();
        Assert.That(rig.Client(port: 5, user: "bob", password: "hidden").Code(StunMethod.Allocate, RigClient.Allocation()), Is.EqualTo(508));
        _ = second.Get(StunMethod.Refresh, (ref w) => w.AddLifetime(TimeSpan.Zero));
        _ = rig.Client(port: 3).Allocate();
    }

    [Test]
    [Rfc(8656, "7.2")]
    public void A_client_can_be_sent_to_another_server_of_its_family()
    {
        TransportAddress alternate = TransportAddress.Parse("192.0.2.99", 3478);
        var rig = new ServerRig(o => o with { AlternateServer = alternate });
        byte[]? reply = rig.Client().Ask(StunMethod.Allocate, RigClient.Allocation());
        Assert.That(Reply.Code(reply), Is.EqualTo(300));
        Assert.That(Reply.Read(reply).HasMessageIntegritySha256, Is.True);
        Assert.That(Reply.Read(reply).TryGetAddress(StunAttributeType.AlternateServer, out TransportAddress told), Is.True);
        Assert.That(told, Is.EqualTo(alternate));
        _ = rig.Client("2001:db8::99").Allocate();
    }

    [Test]
    [Rfc(8656, "7.2")]
    public void A_port_that_the_system_refuses_is_replaced_until_there_were_enough()
    {
        int refused = 0;
        var rig = new ServerRig { Opens = _ => ++refused > 5 };
        _ = rig.Client().Allocate();
        int[] ports = [.. rig.Events.OfType<TurnServerEvent.OpenRelay>().Select(e => e.Address.Port)];
        Assert.That(ports, Has.Length.EqualTo(6).And.Unique);
        rig = new ServerRig { Opens = _ => false };
        Assert.That(rig.Client().Code(StunMethod.Allocate, RigClient.Allocation()), Is.EqualTo(508));
        Assert.That(rig.Events.OfType<TurnServerEvent.OpenRelay>().Count(), Is.EqualTo(TurnServerDefaults.MaxOpenAttempts));
        Assert.That(rig.Core.EntryCount, Is.Zero);
    }

    [Test]
    [Rfc(8656, "7.2")]
    public void Ports_are_random_within_the_range_and_run_out()
    {
        var rig = new ServerRig(o => o with { MinRelayPort = 50000, MaxRelayPort = 50009 });
        var ports = new List<int>();
        for (int i = 0; i < 10; i++)
            ports.Add(Reply.Relayed(rig.Client(port: 100 + i).Allocate()).Port);
        Assert.That(ports, Is.EquivalentTo(Enumerable.Range(50000, 10)).And.Not.Ordered);
        Assert.That(rig.Client(port: 99).Code(StunMethod.Allocate, RigClient.Allocation()), Is.EqualTo(508));
        // The other family has ports of its own.
        _ = rig.Client(port: 98).Allocate((ref w) => w.AddRequestedAddressFamily(TurnAddressFamily.IPv6));
    }

    [Test]
    [Rfc(8656, "21.4")]
    public void Tunneled_clients_are_refused([Values("2002:c000:204::1", "2001:0:1::1")] string address) =>
        Assert.That(new ServerRig().Client(address).Code(StunMethod.Allocate, RigClient.Allocation()), Is.EqualTo(403));

    [Test]
    public void Behind_a_one_to_one_NAT_clients_are_told_the_outer_address()
    {
        TransportAddress outer = TransportAddress.Parse("203.0.113.200", 0);
        var rig = new ServerRig(o => o with { RelayIPv4 = TransportAddress.Parse("10.0.0.5", 0), ExternalIPv4 = outer });
        TransportAddress relayed = Reply.Relayed(rig.Client().Allocate());
        Assert.That(relayed.SameAddress(outer), Is.True);
        Assert.That(rig.Only<TurnServerEvent.OpenRelay>().Address, Is.EqualTo(TransportAddress.Parse("10.0.0.5", relayed.Port)));
    }

    [Test]
    public void A_stopping_server_refuses_new_allocations_and_keeps_the_old()
    {
        var rig = new ServerRig();
        RigClient client = rig.Client();
        _ = client.Allocate();
        rig.Core.StopAccepting();
        Assert.That(rig.Client(port: 2).Code(StunMethod.Allocate, RigClient.Allocation()), Is.EqualTo(508));
        _ = client.Get(StunMethod.Refresh);
        rig.Core.Close();
        rig.Pump();
        Assert.That(rig.Core.EntryCount, Is.Zero);
        Assert.That(rig.OpenRelays, Is.Empty);
    }

    [Test]
    public void A_relay_that_is_lost_ends_its_allocation()
    {
        var rig = new ServerRig();
        RigClient client = rig.Client();
        _ = client.Allocate();
        rig.Core.HandleRelayFailed(rig.LastRelay, rig.Now);
        rig.Pump();
        Assert.That(rig.Only<TurnServerEvent.AllocationEnded>().Reason, Is.EqualTo(AllocationEnd.RelayLost));
        Assert.That(client.Code(StunMethod.Refresh), Is.EqualTo(437));
        Assert.That(rig.Core.EntryCount, Is.Zero);
    }

    [Test]
    public void Options_that_contradict_each_other_are_refused_at_once()
    {
        Assert.That(() => new ServerRig(o => o with { Users = null }), Throws.ArgumentException.With.Message.Contains("AllowAnonymous"));
        Assert.That(() => new ServerRig(o => o with { MinRelayPort = 5, MaxRelayPort = 4 }), Throws.ArgumentException);
        Assert.That(() => new ServerRig(o => o with { RelayIPv4 = TransportAddress.Parse("0.0.0.0", 0) }), Throws.ArgumentException.With.Message.Contains("ExternalIPv4"));
        Assert.That(() => new ServerRig(o => o with { RelayIPv4 = ServerRig.RelayIPv6 }), Throws.ArgumentException);
        Assert.That(() => new ServerRig(o => o with { MaxLifetime = TimeSpan.FromSeconds(10) }), Throws.ArgumentException);
    }
}
