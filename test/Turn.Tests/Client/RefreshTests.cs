using Ice.Testing;
using Stun;
using static Turn.Tests.Client.ClientHarness;

namespace Turn.Tests.Client;

internal sealed class RefreshTests
{
    [Test]
    [Rfc(8656, "8")]
    public void The_allocation_is_refreshed_a_minute_before_it_expires()
    {
        ClientHarness harness = WithAllocation();

        harness.Pass(TimeSpan.FromHours(1));

        Assert.That(harness.TimesOf(StunMethod.Refresh), Is.EqualTo(new[] { 540.0, 1080, 1620, 2160, 2700, 3240 }));
        Assert.That(harness.Of(StunMethod.Refresh).Select(static request => request.Lifetime), Is.All.Null);
        Assert.That(harness.Of(StunMethod.Refresh)[0].Has(StunAttributeType.Software), Is.True);
        Assert.That(harness.Of(StunMethod.Refresh)[0].Has(StunAttributeType.MobilityTicket), Is.False);
        Assert.That(harness.Events.OfType<TurnClientEvent.Refreshed>().Count(), Is.EqualTo(6));
    }

    [TestCase(3600, 3540)]
    [TestCase(600, 540)]
    [TestCase(121, 61)]
    [TestCase(120, 60)]
    [TestCase(20, 10)]
    [TestCase(1, 0.5)]
    [Rfc(8656, "7.3")]
    public void What_counts_is_the_lifetime_that_the_server_gave(int lifetime, double refreshAt)
    {
        ClientHarness harness = WithAllocation(static options => options with { Lifetime = TimeSpan.FromSeconds(1200) }, server => server.Lifetime = Seconds(lifetime));

        Assert.That(harness.Client.ExpiresAt, Is.EqualTo(Instant.FromOrigin(Seconds(lifetime))));
        harness.PassTo(refreshAt);

        Assert.That(harness.TimesOf(StunMethod.Refresh), Is.EqualTo(new[] { refreshAt }));
        Assert.That(harness.Of(StunMethod.Refresh)[0].Lifetime, Is.EqualTo(Seconds(1200)));
    }

    [Test]
    [Rfc(8656, "8.3")]
    public void The_lifetime_of_the_refresh_response_counts_from_then_on()
    {
        ClientHarness harness = WithAllocation(null, static server => server.Lifetime = TimeSpan.FromSeconds(20));
        harness.Server.Lifetime = Seconds(600);

        harness.PassTo(10);
        harness.Sent.Clear();
        harness.PassTo(600);

        Assert.That(harness.TimesOf(StunMethod.Refresh), Is.EqualTo(new[] { 550.0 }));
    }

    [Test]
    public void A_lost_answer_to_a_refresh_is_made_up_for()
    {
        ClientHarness harness = WithAllocation();
        harness.Server.Drop(StunMethod.Refresh, 3);

        harness.PassTo(600);

        Assert.That(harness.TimesOf(StunMethod.Refresh), Is.EqualTo(new[] { 540, 540.5, 541.5, 543.5 }));
        Assert.That(harness.Client.ExpiresAt, Is.EqualTo(Instant.FromOrigin(Seconds(1140))), "counted from the first request");
    }

    [Test]
    public void A_refresh_that_times_out_is_tried_again_until_the_allocation_expires()
    {
        ClientHarness harness = WithAllocation();
        harness.Connected = false;

        harness.PassTo(599);
        Assert.That(harness.Client.State, Is.EqualTo(TurnClientState.Allocated));
        Assert.That(harness.Of(StunMethod.Refresh).Select(static request => request.Id).Distinct().Count(), Is.EqualTo(2));
        harness.PassTo(600);

        Assert.That(harness.Single<TurnClientEvent.Lost>().Failure, Is.EqualTo(TurnFailure.Expired));
        Assert.That(harness.Client.State, Is.EqualTo(TurnClientState.Failed));
        Assert.That(harness.Client.NextTimeout.IsNever, Is.True);
    }

    [Test]
    public void A_refresh_that_the_server_refuses_is_tried_again_and_may_succeed()
    {
        ClientHarness harness = WithAllocation();
        harness.Server.Next(StunMethod.Refresh, request => harness.Server.Error(request, StunErrorCode.ServerError));

        harness.PassTo(1000);

        Assert.That(harness.TimesOf(StunMethod.Refresh), Is.EqualTo(new[] { 540.0, 570 }));
        Assert.That(harness.Client.State, Is.EqualTo(TurnClientState.Allocated));
    }

    [Test]
    [Rfc(8656, "7.4")]
    public void Credentials_that_have_expired_last_as_long_as_the_allocation()
    {
        ClientHarness harness = WithAllocation();
        harness.Server.Next(StunMethod.Refresh, request => harness.Server.Challenge(request, StunErrorCode.Unauthenticated));

        harness.PassTo(599);
        Assert.That(harness.Client.State, Is.EqualTo(TurnClientState.Allocated));
        Assert.That(harness.Of(StunMethod.Refresh), Has.Length.EqualTo(1));
        harness.PassTo(601);

        Assert.That(harness.Single<TurnClientEvent.Lost>().Failure, Is.EqualTo(TurnFailure.CredentialsRefused));
    }

    [TestCase(StunMethod.Refresh)]
    [TestCase(StunMethod.CreatePermission)]
    [TestCase(StunMethod.ChannelBind)]
    [Rfc(8656, "5")]
    public void A_mismatch_says_that_the_allocation_is_gone(StunMethod method)
    {
        ClientHarness harness = WithAllocation();
        harness.Permit(OtherPeer);
        harness.Server.Next(method, request => harness.Server.Error(request, StunErrorCode.AllocationMismatch));

        harness.Permit(Peer);
        harness.Bind(Peer);
        harness.PassTo(540);

        TurnClientEvent.Lost lost = harness.Single<TurnClientEvent.Lost>();
        Assert.That(lost.Failure, Is.EqualTo(TurnFailure.AllocationGone));
        Assert.That(lost.Code, Is.EqualTo(StunErrorCode.AllocationMismatch));
        Assert.That(harness.Client.RelayedIPv4.IsNone, Is.True);
        Assert.That(harness.Client.HasPermission(OtherPeer), Is.False);
        Assert.That(harness.Encode(OtherPeer, "x"), Is.Empty);
    }

    [Test]
    public void After_a_loss_the_client_starts_afresh()
    {
        ClientHarness harness = WithAllocation();
        harness.Bind(Peer);
        harness.Server.Next(StunMethod.Refresh, request => harness.Server.Error(request, StunErrorCode.AllocationMismatch));
        harness.PassTo(540);

        harness.Do(client => client.AllocateAnew(ScriptedServer.Address, harness.Now));
        harness.Bind(OtherPeer);

        Assert.That(harness.Client.State, Is.EqualTo(TurnClientState.Allocated));
        Assert.That(harness.Of(StunMethod.ChannelBind)[^1].Channel, Is.EqualTo(0x4000), "channels belong to one allocation");
    }

    [Test]
    [Rfc(8656, "8")]
    public void Closing_deletes_the_allocation()
    {
        ClientHarness harness = WithAllocation();
        harness.Permit(Peer);

        harness.Close();

        Assert.That(harness.Of(StunMethod.Refresh).Single().Lifetime, Is.EqualTo(TimeSpan.Zero));
        harness.Single<TurnClientEvent.Closed>();
        Assert.That(harness.Client.State, Is.EqualTo(TurnClientState.Closed));
        Assert.That(harness.Client.NextTimeout.IsNever, Is.True);
        Assert.That(() => harness.Permit(Peer), Throws.InvalidOperationException);
        Assert.That(harness.Encode(Peer, "x"), Is.Empty);
    }

    [Test]
    [Rfc(8656, "8.3")]
    public void Closing_what_is_gone_already_is_as_good()
    {
        ClientHarness harness = WithAllocation();
        harness.Server.Next(StunMethod.Refresh, request => harness.Server.Error(request, StunErrorCode.AllocationMismatch));

        harness.Close();

        harness.Single<TurnClientEvent.Closed>();
        Assert.That(harness.Events.OfType<TurnClientEvent.Lost>(), Is.Empty);
    }

    [Test]
    public void Closing_survives_a_new_nonce_and_lost_answers()
    {
        ClientHarness harness = WithAllocation();
        harness.Server.Drop(StunMethod.Refresh, 2);
        harness.Server.Nonce = "another";

        harness.Close();
        Assert.That(harness.Client.State, Is.EqualTo(TurnClientState.Closing));
        harness.Pass(Seconds(10));

        Assert.That(harness.Of(StunMethod.Refresh), Has.Length.EqualTo(4));
        harness.Single<TurnClientEvent.Closed>();
    }

    [Test]
    public void Closing_ends_when_the_server_does_not_answer()
    {
        ClientHarness harness = WithAllocation();
        harness.Connected = false;

        harness.Close();
        harness.Pass(Seconds(40));

        harness.Single<TurnClientEvent.Closed>();
    }

    [Test]
    public void An_allocation_that_is_made_while_closing_is_deleted()
    {
        ClientHarness harness = new ClientHarness { Connected = false }.Allocate();
        harness.Receive(harness.Server.Challenge(harness.Sent[0], StunErrorCode.Unauthenticated));
        SentRequest signed = harness.Sent[^1];
        harness.Close();
        Assert.That(harness.Client.State, Is.EqualTo(TurnClientState.Closing));
        harness.Connected = true;

        harness.Receive(harness.Server.Success(signed));

        Assert.That(harness.Of(StunMethod.Refresh).Single().Lifetime, Is.EqualTo(TimeSpan.Zero));
        harness.Single<TurnClientEvent.Closed>();
        Assert.That(harness.Events.OfType<TurnClientEvent.Allocated>(), Is.Empty);
    }

    [Test]
    public void Closing_before_anything_was_made_sends_nothing_more()
    {
        ClientHarness harness = new ClientHarness { Connected = false }.Allocate();
        harness.Close();
        harness.Connected = true;

        harness.Receive(harness.Server.Challenge(harness.Sent[0], StunErrorCode.Unauthenticated));

        harness.Single<TurnClientEvent.Closed>();
        Assert.That(harness.Sent, Has.Count.EqualTo(1));
    }
}
