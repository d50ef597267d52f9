using Ice.Testing;
using Stun;
using static Turn.Tests.Client.ClientHarness;

namespace Turn.Tests.Client;

internal sealed class PermissionTests
{
    [Test]
    [Rfc(8656, "10.1")]
    public void Many_peers_share_one_request()
    {
        ClientHarness harness = WithAllocation();
        TransportAddress[] peers = [.. Enumerable.Range(1, 10).Select(static i => TransportAddress.Parse($"192.0.2.{i}", 1000 + i))];

        harness.Permit(peers);

        Assert.That(harness.Of(StunMethod.CreatePermission).Single().Peers.Select(static peer => peer.WithPort(0)), Is.EquivalentTo(peers.Select(static peer => peer.WithPort(0))));
        Assert.That(harness.Of(StunMethod.CreatePermission).Single().IsSigned, Is.True);
        Assert.That(harness.Events.OfType<TurnClientEvent.PermissionReady>().Select(static ready => ready.Peer), Is.EquivalentTo(peers));
        Assert.That(peers.All(harness.Client.HasPermission), Is.True);
    }

    [Test]
    public void More_peers_than_fit_into_a_datagram_take_more_requests()
    {
        ClientHarness harness = WithAllocation();
        TransportAddress[] peers = [.. Enumerable.Range(1, 30).Select(static i => TransportAddress.Parse($"192.0.2.{i}", 1000))];

        harness.Permit(peers);

        Assert.That(harness.Of(StunMethod.CreatePermission).Select(static request => request.Peers.Length), Is.EqualTo(new[] { 12, 12, 6 }));
        Assert.That(peers.All(harness.Client.HasPermission), Is.True);
    }

    [Test]
    [Rfc(8656, "9")]
    public void A_permission_is_for_the_address_whatever_the_port()
    {
        ClientHarness harness = WithAllocation();

        harness.Permit(Peer, Peer.WithPort(1));

        Assert.That(harness.Of(StunMethod.CreatePermission).Single().Peers, Has.Length.EqualTo(1));
        Assert.That(harness.Client.HasPermission(Peer.WithPort(9999)), Is.True);
        Assert.That(harness.Client.HasPermission(OtherPeer), Is.False);
    }

    [Test]
    [Rfc(8656, "9")]
    public void Permissions_are_refreshed_a_minute_before_their_five_are_over()
    {
        ClientHarness harness = WithAllocation();
        harness.Permit(Peer);

        harness.PassTo(1000);

        Assert.That(harness.TimesOf(StunMethod.CreatePermission), Is.EqualTo(new[] { 0.0, 240, 480, 720, 960 }));
        Assert.That(harness.Events.OfType<TurnClientEvent.PermissionReady>().Count(), Is.EqualTo(1));
    }

    [Test]
    public void Permissions_that_are_due_soon_are_refreshed_together()
    {
        ClientHarness harness = WithAllocation();
        harness.Permit(Peer);
        harness.PassTo(20);
        harness.Permit(OtherPeer);
        harness.PassTo(60);
        harness.Permit(Peer.WithPort(1), TransportAddress.Parse("192.0.2.9", 9));
        harness.Sent.Clear();

        harness.PassTo(500);

        Assert.That(harness.TimesOf(StunMethod.CreatePermission), Is.EqualTo(new[] { 240.0, 300, 480 }));
        Assert.That(harness.Of(StunMethod.CreatePermission).Select(static request => request.Peers.Length), Is.EqualTo(new[] { 2, 1, 2 }));
    }

    [Test]
    public void Permissions_asked_for_before_the_allocation_follow_it()
    {
        var harness = new ClientHarness();
        harness.Permit(Peer, PeerV6);
        Assert.That(harness.Sent, Is.Empty);

        harness.Allocate();

        Assert.That(harness.Of(StunMethod.CreatePermission).Single().Peers, Is.EqualTo(new[] { Peer }));
        Assert.That(harness.Single<TurnClientEvent.PermissionFailed>().Peer, Is.EqualTo(PeerV6));
    }

    [Test]
    [Rfc(8656, "10.1")]
    public void A_peer_of_another_family_is_not_asked_for()
    {
        ClientHarness harness = WithAllocation();

        harness.Permit(PeerV6);
        harness.Bind(PeerV6);

        Assert.That(harness.Sent, Is.Empty);
        TurnClientEvent.PermissionFailed failed = harness.Single<TurnClientEvent.PermissionFailed>();
        Assert.That(failed.Failure, Is.EqualTo(TurnFailure.AddressFamilyMismatch));
        Assert.That(failed.Code, Is.EqualTo(443));
        Assert.That(harness.Single<TurnClientEvent.ChannelFailed>().Failure, Is.EqualTo(TurnFailure.AddressFamilyMismatch));
    }

    [Test]
    [Rfc(8656, "10.1")]
    public void A_dual_allocation_takes_peers_of_both_families()
    {
        ClientHarness harness = WithAllocation(
            static options => options with { RelayFamily = TurnRelayFamily.Both },
            static server => server.Relayed = [ScriptedServer.Relayed4, ScriptedServer.Relayed6]);

        harness.Permit(Peer, PeerV6);

        Assert.That(harness.Of(StunMethod.CreatePermission).Single().Peers, Is.EquivalentTo(new[] { Peer, PeerV6 }));
    }

    [Test]
    public void A_peer_that_the_server_forbids_does_not_take_the_others_along()
    {
        ClientHarness harness = WithAllocation();
        TransportAddress[] peers = [.. Enumerable.Range(1, 8).Select(static i => TransportAddress.Parse($"192.0.2.{i}", 1000))];
        TransportAddress bad = peers[5];
        for (int i = 0; i < 20; i++)
            harness.Server.Next(StunMethod.CreatePermission, request => request.Peers.Contains(bad) ? harness.Server.Error(request, StunErrorCode.Forbidden) : harness.Server.Success(request));

        harness.Permit(peers);

        TurnClientEvent.PermissionFailed failed = harness.Single<TurnClientEvent.PermissionFailed>();
        Assert.That(failed.Peer, Is.EqualTo(bad));
        Assert.That(failed.Code, Is.EqualTo(StunErrorCode.Forbidden));
        Assert.That(harness.Events.OfType<TurnClientEvent.PermissionReady>().Count(), Is.EqualTo(7));
        Assert.That(harness.Of(StunMethod.CreatePermission), Has.Length.EqualTo(7));
        harness.PassTo(300);
        Assert.That(harness.Client.HasPermission(bad), Is.False);
        Assert.That(harness.Client.HasPermission(peers[0]), Is.True);
    }

    [TestCase(StunErrorCode.BadRequest)]
    [TestCase(StunErrorCode.Forbidden)]
    [TestCase(StunErrorCode.PeerAddressFamilyMismatch)]
    [TestCase(StunErrorCode.InsufficientCapacity)]
    [TestCase(StunErrorCode.WrongCredentials)]
    public void A_permission_that_is_refused_is_reported_with_its_code(int code)
    {
        ClientHarness harness = WithAllocation();
        harness.Server.Next(StunMethod.CreatePermission, request => harness.Server.Error(request, code));

        harness.Permit(Peer);

        TurnClientEvent.PermissionFailed failed = harness.Single<TurnClientEvent.PermissionFailed>();
        Assert.That(failed.Failure, Is.EqualTo(TurnFailure.Refused));
        Assert.That(failed.Code, Is.EqualTo(code));
        Assert.That(harness.Client.State, Is.EqualTo(TurnClientState.Allocated));
        harness.Events.Clear();
        harness.Permit(Peer);
        harness.Single<TurnClientEvent.PermissionReady>();
    }

    [Test]
    public void A_lost_answer_is_asked_for_again_with_the_same_request()
    {
        ClientHarness harness = WithAllocation();
        harness.Server.Drop(StunMethod.CreatePermission, 2);

        harness.Permit(Peer);
        harness.Pass(Seconds(2));

        Assert.That(harness.TimesOf(StunMethod.CreatePermission), Is.EqualTo(new[] { 0, 0.5, 1.5 }));
        Assert.That(harness.Of(StunMethod.CreatePermission).Select(static request => request.Id).Distinct().Count(), Is.EqualTo(1));
        harness.Single<TurnClientEvent.PermissionReady>();
    }

    [Test]
    public void A_permission_that_cannot_be_refreshed_ends_after_five_minutes()
    {
        ClientHarness harness = WithAllocation();
        harness.Permit(Peer);
        harness.Server.Drop(StunMethod.CreatePermission, 1000);

        harness.PassTo(299);
        Assert.That(harness.Client.HasPermission(Peer), Is.True);
        harness.PassTo(300);

        Assert.That(harness.Client.HasPermission(Peer), Is.False);
        Assert.That(harness.Single<TurnClientEvent.PermissionFailed>().Failure, Is.EqualTo(TurnFailure.Expired));
    }

    [Test]
    public void A_released_permission_is_left_to_expire()
    {
        ClientHarness harness = WithAllocation();
        harness.Permit(Peer);
        harness.Do(client => client.Release(Peer, harness.Now));
        harness.Sent.Clear();

        harness.PassTo(299);
        Assert.That(harness.Client.HasPermission(Peer), Is.True);
        harness.PassTo(301);

        Assert.That(harness.Of(StunMethod.CreatePermission), Is.Empty);
        Assert.That(harness.Client.HasPermission(Peer), Is.False);
        Assert.That(harness.Events.OfType<TurnClientEvent.PermissionFailed>(), Is.Empty);
    }

    [Test]
    public void Asking_for_what_is_there_is_answered_at_once()
    {
        ClientHarness harness = WithAllocation();
        harness.Permit(Peer);
        harness.Permit(Peer);

        Assert.That(harness.Events.OfType<TurnClientEvent.PermissionReady>().Count(), Is.EqualTo(2));
        Assert.That(harness.Of(StunMethod.CreatePermission), Has.Length.EqualTo(1));
    }

    [Test]
    public void The_number_of_permissions_is_limited()
    {
        ClientHarness harness = WithAllocation(static options => options with { MaxPermissions = 1 });

        harness.Permit(Peer, OtherPeer);

        Assert.That(harness.Single<TurnClientEvent.PermissionFailed>().Failure, Is.EqualTo(TurnFailure.LimitReached));
        Assert.That(() => harness.Client.CreatePermission([TransportAddress.None], harness.Now), Throws.ArgumentException);
    }
}
