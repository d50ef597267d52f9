using Ice.Testing;
using Stun;
using static Turn.Tests.Client.ClientHarness;

namespace Turn.Tests.Client;

internal sealed class ChannelTests
{
    [Test]
    [Rfc(8656, "12")]
    public void Numbers_start_at_0x4000()
    {
        ClientHarness harness = WithAllocation();

        harness.Bind(Peer);
        harness.Bind(Peer.WithPort(1));

        Assert.That(harness.Of(StunMethod.ChannelBind).Select(static request => request.Channel), Is.EqualTo(new ushort?[] { 0x4000, 0x4001 }));
        Assert.That(harness.Of(StunMethod.ChannelBind)[0].Value(StunAttributeType.ChannelNumber), Is.EqualTo(new byte[] { 0x40, 0, 0, 0 }));
        Assert.That(harness.Events.OfType<TurnClientEvent.ChannelBound>().First(), Is.EqualTo(new TurnClientEvent.ChannelBound(Peer, 0x4000)));
        Assert.That(harness.Client.TryGetChannel(Peer, out ushort number), Is.True);
        Assert.That(number, Is.EqualTo(0x4000));
    }

    [Test]
    [Rfc(8656, "12")]
    public void All_4096_numbers_can_be_used_and_no_other()
    {
        ClientHarness harness = WithAllocation(static options => options with { MaxChannels = 4096, MaxPermissions = 4096 });

        for (int i = 0; i < 4097; i++)
            harness.Bind(Peer.WithPort(1000 + i));

        ushort?[] numbers = [.. harness.Of(StunMethod.ChannelBind).Select(static request => request.Channel)];
        Assert.That(numbers, Is.Unique);
        Assert.That(numbers, Has.Length.EqualTo(4096));
        Assert.That(numbers.Min(), Is.EqualTo(0x4000));
        Assert.That(numbers.Max(), Is.EqualTo(0x4FFF));
        Assert.That(harness.Single<TurnClientEvent.ChannelFailed>().Failure, Is.EqualTo(TurnFailure.LimitReached));
    }

    [Test]
    [Rfc(8656, "12")]
    public void Channels_are_refreshed_two_minutes_before_their_ten_are_over()
    {
        ClientHarness harness = WithAllocation();
        harness.Bind(Peer);

        harness.PassTo(1500);

        Assert.That(harness.TimesOf(StunMethod.ChannelBind), Is.EqualTo(new[] { 0.0, 480, 960, 1440 }));
        Assert.That(harness.Of(StunMethod.ChannelBind).Select(static request => request.Channel), Is.All.EqualTo(0x4000));
        Assert.That(harness.Of(StunMethod.ChannelBind).Select(static request => request.Peers.Single()), Is.All.EqualTo(Peer));
        Assert.That(harness.Events.OfType<TurnClientEvent.ChannelBound>().Count(), Is.EqualTo(1));
    }

    [Test]
    [Rfc(8656, "12.1")]
    public void The_permission_that_comes_with_a_channel_is_refreshed_more_often()
    {
        ClientHarness harness = WithAllocation();
        harness.Bind(Peer);
        Assert.That(harness.Client.HasPermission(Peer), Is.True);

        harness.PassTo(1000);

        // A ChannelBind at 480 s refreshes it too.
        Assert.That(harness.TimesOf(StunMethod.CreatePermission), Is.EqualTo(new[] { 240.0, 480, 720, 960 }));
        Assert.That(harness.Client.HasPermission(Peer), Is.True);
    }

    [Test]
    public void Data_goes_by_Send_indications_until_the_channel_is_bound()
    {
        ClientHarness harness = WithAllocation();
        harness.Permit(Peer);
        harness.Server.Drop(StunMethod.ChannelBind, 1);

        harness.Bind(Peer);
        byte[] before = harness.Encode(Peer, "hello");
        harness.Pass(Seconds(1));
        byte[] after = harness.Encode(Peer, "hello");

        Assert.That(StunMessage.TryParse(before, out StunMessage send, out _), Is.True);
        Assert.That(send.Method, Is.EqualTo(StunMethod.Send));
        Assert.That(after, Is.EqualTo(new byte[] { 0x40, 0, 0, 5, (byte)'h', (byte)'e', (byte)'l', (byte)'l', (byte)'o' }));
    }

    [Test]
    public void A_lost_answer_is_asked_for_again_and_data_goes_by_Send_meanwhile()
    {
        ClientHarness harness = WithAllocation();
        harness.Permit(Peer);
        harness.Server.Drop(StunMethod.ChannelBind, 9);

        harness.Bind(Peer);
        harness.Pass(Seconds(39));
        Assert.That(harness.Encode(Peer, "x")[0], Is.Zero);
        harness.Pass(Seconds(2.5));

        // Seven transmissions of the first request, then a second one with the same number.
        Assert.That(harness.Of(StunMethod.ChannelBind), Has.Length.EqualTo(10));
        Assert.That(harness.Of(StunMethod.ChannelBind).Select(static request => request.Id).Distinct().Count(), Is.EqualTo(2));
        Assert.That(harness.Of(StunMethod.ChannelBind).Select(static request => request.Channel).Distinct().Single(), Is.EqualTo(0x4000));
        harness.Single<TurnClientEvent.ChannelBound>();
        Assert.That(harness.Encode(Peer, "x")[0], Is.EqualTo(0x40));
    }

    [Test]
    public void Three_requests_without_an_answer_are_enough()
    {
        ClientHarness harness = WithAllocation();
        harness.Permit(Peer);
        harness.Server.Drop(StunMethod.ChannelBind, 1000);

        harness.Bind(Peer);
        harness.Pass(Seconds(120));

        Assert.That(harness.Of(StunMethod.ChannelBind).Select(static request => request.Id).Distinct().Count(), Is.EqualTo(3));
        Assert.That(harness.Single<TurnClientEvent.ChannelFailed>().Failure, Is.EqualTo(TurnFailure.Timeout));
        Assert.That(harness.Encode(Peer, "x"), Is.Not.Empty);
    }

    [TestCase(StunErrorCode.BadRequest)]
    [TestCase(StunErrorCode.Forbidden)]
    [TestCase(StunErrorCode.PeerAddressFamilyMismatch)]
    [TestCase(StunErrorCode.InsufficientCapacity)]
    [Rfc(8656, "12.3")]
    public void A_first_binding_that_is_refused_leaves_Send_indications(int code)
    {
        ClientHarness harness = WithAllocation();
        harness.Permit(Peer);
        harness.Server.Next(StunMethod.ChannelBind, request => harness.Server.Error(request, code));

        harness.Bind(Peer);

        Assert.That(harness.Single<TurnClientEvent.ChannelFailed>().Code, Is.EqualTo(code));
        Assert.That(harness.Client.State, Is.EqualTo(TurnClientState.Allocated));
        Assert.That(harness.Encode(Peer, "x")[0], Is.Zero);
    }

    [Test]
    [Rfc(8656, "12.3")]
    public void A_channel_that_the_server_sees_otherwise_ends_the_allocation()
    {
        ClientHarness harness = WithAllocation();
        harness.Bind(Peer);
        harness.Server.Next(StunMethod.ChannelBind, request => harness.Server.Error(request, StunErrorCode.BadRequest));

        harness.PassTo(480);

        Assert.That(harness.Single<TurnClientEvent.Lost>().Failure, Is.EqualTo(TurnFailure.ChannelsOutOfSync));
        Assert.That(harness.Of(StunMethod.Refresh).Single().Lifetime, Is.EqualTo(TimeSpan.Zero));
        harness.Allocate();
        Assert.That(harness.Client.State, Is.EqualTo(TurnClientState.Allocated));
    }

    [Test]
    public void A_new_allocation_waits_until_the_old_one_is_deleted()
    {
        ClientHarness harness = WithAllocation();
        harness.Bind(Peer);
        harness.Server.Next(StunMethod.ChannelBind, request => harness.Server.Error(request, StunErrorCode.BadRequest));
        harness.Server.Drop(StunMethod.Refresh, 2);
        harness.PassTo(480);

        harness.Allocate();
        Assert.That(harness.Of(StunMethod.Allocate), Is.Empty);
        harness.Pass(Seconds(2));

        Assert.That(harness.TimesOf(StunMethod.Refresh), Is.EqualTo(new[] { 480, 480.5, 481.5 }));
        Assert.That(harness.TimesOf(StunMethod.Allocate), Is.EqualTo(new[] { 481.5 }));
    }

    [Test]
    public void A_channel_that_cannot_be_refreshed_ends_and_Send_takes_over()
    {
        ClientHarness harness = WithAllocation();
        harness.Bind(Peer);
        harness.Server.Drop(StunMethod.ChannelBind, 1000);

        harness.PassTo(599);
        Assert.That(harness.Encode(Peer, "x")[0], Is.EqualTo(0x40));
        harness.PassTo(600);

        Assert.That(harness.Single<TurnClientEvent.ChannelFailed>().Failure, Is.EqualTo(TurnFailure.Expired));
        Assert.That(harness.Encode(Peer, "x")[0], Is.Zero);
    }

    [Test]
    [Rfc(8656, "12")]
    public void A_number_is_not_bound_to_another_peer_before_it_has_rested()
    {
        ClientHarness harness = WithAllocation(static options => options with { MaxChannels = 1 });
        harness.Bind(Peer);
        harness.Do(client => client.Release(Peer, harness.Now));

        // Ten minutes until it expires, and five more.
        harness.PassTo(899);
        harness.Bind(OtherPeer);
        Assert.That(harness.Single<TurnClientEvent.ChannelFailed>().Failure, Is.EqualTo(TurnFailure.LimitReached));
        harness.PassTo(900);
        harness.Bind(OtherPeer);

        Assert.That(harness.Of(StunMethod.ChannelBind).Select(static request => (request.Time.TotalSeconds, request.Channel, request.Peers[0])), Is.EqualTo(new[] { (0.0, (ushort?)0x4000, Peer), (900.0, (ushort?)0x4000, OtherPeer) }));
    }

    [Test]
    [Rfc(8656, "12")]
    public void A_peer_gets_its_old_number_again_while_that_rests()
    {
        ClientHarness harness = WithAllocation();
        harness.Bind(Peer);
        harness.Do(client => client.Release(Peer, harness.Now));
        harness.PassTo(700);

        harness.Bind(OtherPeer);
        harness.Bind(Peer);

        Assert.That(harness.Of(StunMethod.ChannelBind)[^1].Channel, Is.EqualTo(0x4000));
        Assert.That(harness.Of(StunMethod.ChannelBind)[^2].Channel, Is.EqualTo(0x4001));
    }

    [Test]
    [Rfc(8656, "12")]
    public void A_number_that_may_have_been_bound_without_an_answer_rests_too()
    {
        ClientHarness harness = WithAllocation(static options => options with { MaxChannels = 1 });
        harness.Server.Drop(StunMethod.ChannelBind, 21);
        harness.Bind(Peer);
        harness.PassTo(118.5);
        harness.Single<TurnClientEvent.ChannelFailed>();
        harness.Events.Clear();

        harness.PassTo(118.4 + 900);
        harness.Bind(OtherPeer);
        harness.Single<TurnClientEvent.ChannelFailed>();
        harness.PassTo(118.5 + 900);
        harness.Bind(OtherPeer);

        harness.Single<TurnClientEvent.ChannelBound>();
    }

    [Test]
    public void A_channel_asked_for_before_the_allocation_follows_it()
    {
        var harness = new ClientHarness();
        harness.Bind(Peer);
        Assert.That(harness.Sent, Is.Empty);

        harness.Allocate();

        harness.Single<TurnClientEvent.ChannelBound>();
    }

    [Test]
    public void A_channel_needs_a_port() =>
        Assert.That(static () => WithAllocation().Client.BindChannel(Peer.WithPort(0), Instant.Zero), Throws.ArgumentException);
}
