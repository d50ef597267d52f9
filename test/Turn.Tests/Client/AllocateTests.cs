using Ice.Testing;
using Stun;
using static Turn.Tests.Client.ClientHarness;

namespace Turn.Tests.Client;

internal sealed class AllocateTests
{
    [Test]
    [Rfc(8656, "7.1")]
    public void The_first_request_is_not_signed_and_the_second_is()
    {
        ClientHarness harness = new ClientHarness().Allocate();

        SentRequest[] sent = harness.Of(StunMethod.Allocate);
        Assert.That(sent, Has.Length.EqualTo(2));
        Assert.That(sent[0].IsSigned, Is.False);
        Assert.That(sent[0].Has(StunAttributeType.Username), Is.False);
        Assert.That(sent[1].IsSigned, Is.True);
        Assert.That(sent[1].Id, Is.Not.EqualTo(sent[0].Id));
        Assert.That(sent[1].Value(StunAttributeType.RequestedTransport), Is.EqualTo(new byte[] { 17, 0, 0, 0 }));
        Assert.That(sent[1].Has(StunAttributeType.Software), Is.True);
        Assert.That(sent[1].Has(StunAttributeType.Lifetime), Is.False);
        Assert.That(sent[1].Has(StunAttributeType.RequestedAddressFamily), Is.False);
        TurnClientEvent.Allocated allocated = harness.Single<TurnClientEvent.Allocated>();
        Assert.That(allocated.IPv4, Is.EqualTo(ScriptedServer.Relayed4));
        Assert.That(allocated.IPv6.IsNone, Is.True);
        Assert.That(allocated.Mapped, Is.EqualTo(ScriptedServer.Mapped));
        Assert.That(allocated.Lifetime, Is.EqualTo(Seconds(600)));
        Assert.That(allocated.ReservationToken, Is.Null);
        Assert.That(harness.Client.State, Is.EqualTo(TurnClientState.Allocated));
        Assert.That(harness.Client.RelayedIPv4, Is.EqualTo(ScriptedServer.Relayed4));
    }

    [TestCase(TurnRelayFamily.IPv4, StunAttributeType.RequestedAddressFamily, 1)]
    [TestCase(TurnRelayFamily.IPv6, StunAttributeType.RequestedAddressFamily, 2)]
    [TestCase(TurnRelayFamily.Both, StunAttributeType.AdditionalAddressFamily, 2)]
    [Rfc(8656, "7.1")]
    public void A_family_is_asked_for(TurnRelayFamily family, StunAttributeType type, int value)
    {
        var harness = new ClientHarness(options => options with { RelayFamily = family });
        harness.Server.Relayed = family switch
        {
            TurnRelayFamily.IPv6 => [ScriptedServer.Relayed6],
            TurnRelayFamily.Both => [ScriptedServer.Relayed4, ScriptedServer.Relayed6],
            _ => [ScriptedServer.Relayed4],
        };

        harness.Allocate();

        SentRequest request = harness.Of(StunMethod.Allocate)[^1];
        Assert.That(request.Value(type), Is.EqualTo(new byte[] { (byte)value, 0, 0, 0 }));
        StunAttributeType other = type == StunAttributeType.RequestedAddressFamily ? StunAttributeType.AdditionalAddressFamily : StunAttributeType.RequestedAddressFamily;
        Assert.That(request.Has(other), Is.False);
        TurnClientEvent.Allocated allocated = harness.Single<TurnClientEvent.Allocated>();
        Assert.That(allocated.IPv4.IsNone, Is.EqualTo(family == TurnRelayFamily.IPv6));
        Assert.That(allocated.IPv6.IsNone, Is.EqualTo(family == TurnRelayFamily.IPv4));
    }

    [TestCase(StunErrorCode.AddressFamilyNotSupported)]
    [TestCase(StunErrorCode.InsufficientCapacity)]
    [Rfc(8656, "7.3")]
    public void Half_a_dual_allocation_tells_why_and_the_other_half_is_not_asked_for_again(int code)
    {
        var harness = new ClientHarness(options => options with { RelayFamily = TurnRelayFamily.Both });
        harness.Server.Next(StunMethod.Allocate, request => harness.Server.Success(request, box => box.Add(StunAttributeType.AddressErrorCode, [2, 0, (byte)(code / 100), (byte)(code % 100)])));

        harness.Allocate();
        harness.Pass(TimeSpan.FromMinutes(5));

        Assert.That(harness.Single<TurnClientEvent.Allocated>().AddressErrorCode, Is.EqualTo(code));
        Assert.That(harness.Of(StunMethod.Allocate), Has.Length.EqualTo(2));
    }

    [Test]
    public void A_server_that_does_not_know_dual_allocations_gives_one_address()
    {
        var harness = new ClientHarness(options => options with { RelayFamily = TurnRelayFamily.Both });

        harness.Allocate();

        Assert.That(harness.Single<TurnClientEvent.Allocated>().AddressErrorCode, Is.Zero);
        Assert.That(harness.Client.RelayedIPv6.IsNone, Is.True);
    }

    [TestCase(TurnEvenPort.Yes, 0)]
    [TestCase(TurnEvenPort.YesAndReserveNext, 0x80)]
    [Rfc(8656, "7.1")]
    public void An_even_port_is_asked_for_and_the_token_of_the_next_is_told(TurnEvenPort evenPort, int value)
    {
        var harness = new ClientHarness(options => options with { EvenPort = evenPort });
        harness.Server.Next(StunMethod.Allocate, request => harness.Server.Success(request, static box => box.Add(StunAttributeType.ReservationToken, [1, 2, 3, 4, 5, 6, 7, 8])));

        harness.Allocate();

        Assert.That(harness.Of(StunMethod.Allocate)[^1].Value(StunAttributeType.EvenPort), Is.EqualTo(new[] { (byte)value }));
        Assert.That(harness.Single<TurnClientEvent.Allocated>().ReservationToken, Is.EqualTo(0x0102030405060708));
    }

    [Test]
    [Rfc(8656, "7.1")]
    public void A_reserved_port_is_asked_for_by_its_token()
    {
        ClientHarness harness = new ClientHarness(static options => options with { ReservationToken = 0x0102030405060708 }).Allocate();

        SentRequest request = harness.Of(StunMethod.Allocate)[^1];
        Assert.That(request.Value(StunAttributeType.ReservationToken), Is.EqualTo(new byte[] { 1, 2, 3, 4, 5, 6, 7, 8 }));
        Assert.That(request.Has(StunAttributeType.EvenPort), Is.False);
        Assert.That(request.Has(StunAttributeType.RequestedAddressFamily), Is.False);
    }

    [Test]
    [Rfc(8656, "7.1")]
    public void Options_that_cannot_be_together_are_refused_at_once()
    {
        Assert.That(static () => new ClientHarness(static o => o with { ReservationToken = 1, EvenPort = TurnEvenPort.Yes }), Throws.ArgumentException);
        Assert.That(static () => new ClientHarness(static o => o with { ReservationToken = 1, RelayFamily = TurnRelayFamily.IPv6 }), Throws.ArgumentException);
        Assert.That(static () => new ClientHarness(static o => o with { ReservationToken = 1, RelayFamily = TurnRelayFamily.Both }), Throws.ArgumentException);
        Assert.That(static () => new ClientHarness(static o => o with { RelayFamily = TurnRelayFamily.Both, EvenPort = TurnEvenPort.YesAndReserveNext }), Throws.ArgumentException);
        Assert.That(static () => new ClientHarness(static o => o with { Transport = TurnTransport.Tcp }), Throws.ArgumentException);
        Assert.That(static () => new ClientHarness(static o => o with { Transport = TurnTransport.Tcp, Reliable = true, DontFragment = true }), Throws.ArgumentException);
        Assert.That(static () => new ClientHarness(static o => o with { Lifetime = TimeSpan.Zero }), Throws.ArgumentException);
        Assert.That(static () => new ClientHarness(static o => o with { Software = new string('x', 128) }), Throws.ArgumentException);
        Assert.That(static () => new ClientHarness(static o => o with { Server = TransportAddress.Parse("192.0.2.1", 0) }), Throws.ArgumentException);
        Assert.That(static () => new ClientHarness(static o => o with { MaxChannels = 4097 }), Throws.InstanceOf<ArgumentException>());
    }

    [Test]
    [Rfc(8656, "7.3")]
    public void A_relayed_address_of_a_family_that_was_not_asked_for_is_deleted_again()
    {
        var harness = new ClientHarness();
        harness.Server.Relayed = [ScriptedServer.Relayed6];

        harness.Allocate();

        TurnClientEvent.AllocationFailed failed = harness.Single<TurnClientEvent.AllocationFailed>();
        Assert.That(failed.Failure, Is.EqualTo(TurnFailure.UnexpectedAddressFamily));
        Assert.That(failed.RetryAfter, Is.Null);
        Assert.That(harness.Of(StunMethod.Refresh).Single().Lifetime, Is.EqualTo(TimeSpan.Zero));
        Assert.That(() => harness.Client.Allocate(harness.Now), Throws.InvalidOperationException);
    }

    [TestCase(StunAttributeType.XorRelayedAddress)]
    [TestCase(StunAttributeType.Lifetime)]
    public void A_success_that_holds_nothing_of_use_is_deleted_again(StunAttributeType missing)
    {
        var harness = new ClientHarness();
        harness.Server.Next(StunMethod.Allocate, request => harness.Server.Success(request, box => box.Remove(missing)));

        harness.Allocate();

        Assert.That(harness.Single<TurnClientEvent.AllocationFailed>().Failure, Is.EqualTo(TurnFailure.BadResponse));
        Assert.That(harness.Of(StunMethod.Refresh).Single().Lifetime, Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    [Rfc(8489, "6.3.3")]
    public void A_success_with_an_unknown_required_attribute_fails()
    {
        var harness = new ClientHarness();
        harness.Server.Next(StunMethod.Allocate, request => harness.Server.Success(request, static box => box.AddUInt32((StunAttributeType)0x7777, 1)));

        harness.Allocate();

        Assert.That(harness.Single<TurnClientEvent.AllocationFailed>().Failure, Is.EqualTo(TurnFailure.BadResponse));
    }

    [Test]
    [Rfc(8656, "5")]
    public void A_server_without_authentication_is_used_as_it_is()
    {
        var harness = new ClientHarness(static options => options with { Credential = null });
        harness.Server.Authenticates = false;

        harness.Allocate();

        Assert.That(harness.Client.State, Is.EqualTo(TurnClientState.Allocated));
        Assert.That(harness.Of(StunMethod.Allocate), Has.Length.EqualTo(1));
    }

    [Test]
    public void Requests_are_sent_again_over_datagrams_until_the_client_gives_up()
    {
        var harness = new ClientHarness { Connected = false };

        harness.Allocate();
        harness.Pass(TimeSpan.FromMinutes(1));

        Assert.That(harness.TimesOf(StunMethod.Allocate), Is.EqualTo(new[] { 0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5 }));
        Assert.That(harness.Sent.Select(static request => Convert.ToHexString(request.Bytes)).Distinct(), Has.Exactly(1).Items);
        TurnClientEvent.AllocationFailed failed = harness.Single<TurnClientEvent.AllocationFailed>();
        Assert.That(failed.Failure, Is.EqualTo(TurnFailure.Timeout));
        Assert.That(failed.RetryAfter, Is.EqualTo(TimeSpan.Zero));
        Assert.That(harness.Client.NextTimeout.IsNever, Is.True);
    }

    [Test]
    public void Requests_are_sent_once_over_streams()
    {
        var harness = new ClientHarness(static options => options with { Reliable = true }) { Connected = false };

        harness.Allocate();
        harness.Pass(Seconds(39.4));
        Assert.That(harness.Events, Is.Empty);
        harness.Pass(Seconds(1));

        Assert.That(harness.Of(StunMethod.Allocate), Has.Length.EqualTo(1));
        Assert.That(harness.Single<TurnClientEvent.AllocationFailed>().Failure, Is.EqualTo(TurnFailure.Timeout));
    }

    [Test]
    public void After_a_failure_the_client_can_try_again()
    {
        var harness = new ClientHarness { Connected = false };
        harness.Allocate();
        harness.Pass(TimeSpan.FromMinutes(1));

        harness.Connected = true;
        harness.Allocate();

        Assert.That(harness.Client.State, Is.EqualTo(TurnClientState.Allocated));
        Assert.That(() => harness.Client.Allocate(harness.Now), Throws.InvalidOperationException);
    }

    [Test]
    public void With_external_pacing_nothing_leaves_before_its_turn()
    {
        ClientHarness harness = new ClientHarness(static options => options with { PacedExternally = true }).Allocate();

        Assert.That(harness.Sent, Is.Empty);
        Assert.That(harness.Client.HasWaiting, Is.True);
        harness.Do(client => Assert.That(client.StartNext(harness.Now), Is.True));
        Assert.That(harness.Sent, Has.Count.EqualTo(1), "the answer to the 401 waits for its turn too");
        Assert.That(harness.Client.HasWaiting, Is.True);
        harness.Do(client => client.StartNext(harness.Now));
        Assert.That(harness.Client.State, Is.EqualTo(TurnClientState.Allocated));
        Assert.That(harness.Client.HasWaiting, Is.False);
        Assert.That(harness.Client.StartNext(harness.Now), Is.False);
    }

    [Test]
    public void With_external_pacing_a_new_permission_goes_before_a_channel()
    {
        ClientHarness harness = new ClientHarness(static options => options with { PacedExternally = true }).Allocate();
        harness.Do(client => client.StartNext(harness.Now));
        harness.Do(client => client.StartNext(harness.Now));
        harness.Sent.Clear();

        harness.Bind(Peer);
        Assert.That(harness.Client.NextIsUrgent, Is.False);
        harness.Permit(OtherPeer);
        Assert.That(harness.Client.NextIsUrgent, Is.True);
        harness.Do(client => client.StartNext(harness.Now));
        harness.Do(client => client.StartNext(harness.Now));

        Assert.That(harness.Sent.Select(static request => request.Method), Is.EqualTo(new[] { StunMethod.CreatePermission, StunMethod.ChannelBind }));
        Assert.That(harness.Client.HasWaiting, Is.False);
    }

    [Test]
    public void At_most_ten_transactions_are_under_way()
    {
        ClientHarness harness = WithAllocation();
        harness.Server.Drop(StunMethod.ChannelBind, 100);
        for (int i = 0; i < 25; i++)
            harness.Bind(Peer.WithPort(1000 + i));

        Assert.That(harness.Of(StunMethod.ChannelBind).Select(static request => request.Id).Distinct().Count(), Is.EqualTo(10));
    }

    [Test]
    public void Round_trips_longer_than_the_RTO_make_it_longer()
    {
        ClientHarness harness = new ClientHarness { Connected = false }.Allocate();
        harness.Pass(Seconds(0.4));
        harness.Receive(harness.Server.Challenge(harness.Sent[0], StunErrorCode.Unauthenticated));
        harness.Pass(Seconds(0.4));
        harness.Receive(harness.Server.Success(harness.Sent[1]));
        harness.Sent.Clear();

        harness.Permit(Peer);
        harness.Pass(Seconds(5));

        // One measurement of 400 ms: 400 + 4 * 200.
        Assert.That(harness.TimesOf(StunMethod.CreatePermission), Is.EqualTo(new[] { 0.8, 2.0, 4.4 }).Within(1e-6));
    }
}
