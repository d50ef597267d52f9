using Ice.Testing;
using Stun;
using static Turn.Tests.Client.ClientHarness;

namespace Turn.Tests.Client;

/// <summary>Each error code of an Allocate response, and what RFC 8656 §7.4 says about it.</summary>
internal sealed class AllocateErrorTests
{
    private static readonly TransportAddress s_alternate = TransportAddress.Parse("203.0.113.11", 3478);

    [TestCase(StunErrorCode.BadRequest, null)]
    [TestCase(StunErrorCode.Forbidden, null)]
    [TestCase(StunErrorCode.UnknownAttribute, null)]
    [TestCase(StunErrorCode.AddressFamilyNotSupported, null)]
    [TestCase(StunErrorCode.WrongCredentials, null)]
    [TestCase(StunErrorCode.UnsupportedTransportProtocol, null)]
    [TestCase(StunErrorCode.PeerAddressFamilyMismatch, null)]
    [TestCase(StunErrorCode.AllocationQuotaReached, 60)]
    [TestCase(StunErrorCode.InsufficientCapacity, 60)]
    [TestCase(StunErrorCode.ServerError, 0)]
    [TestCase(599, 0)]
    [TestCase(499, null)]
    [TestCase(699, null)]
    [Rfc(8656, "7.4")]
    public void The_server_refuses(int code, int? retryAfter)
    {
        var harness = new ClientHarness();
        harness.Server.Next(StunMethod.Allocate, request => harness.Server.Error(request, code));

        harness.Allocate();

        TurnClientEvent.AllocationFailed failed = harness.Single<TurnClientEvent.AllocationFailed>();
        Assert.That(failed.Failure, Is.EqualTo(TurnFailure.Refused));
        Assert.That(failed.Code, Is.EqualTo(code));
        Assert.That(failed.RetryAfter, Is.EqualTo(retryAfter is { } seconds ? Seconds(seconds) : null));
        Assert.That(failed.Explanation, Does.Contain($"{code} As scripted").And.Not.Contain("\0"));
        Assert.That(harness.Client.State, Is.EqualTo(TurnClientState.Failed));
        harness.Pass(TimeSpan.FromMinutes(10));
        Assert.That(harness.Of(StunMethod.Allocate), Has.Length.EqualTo(2), "the client does not ask again by itself");
        if (retryAfter is null)
            Assert.That(() => harness.Client.Allocate(harness.Now), Throws.InvalidOperationException);
    }

    [TestCase(StunErrorCode.AllocationQuotaReached)]
    [TestCase(StunErrorCode.InsufficientCapacity)]
    [Rfc(8656, "7.4")]
    public void Asked_again_at_once_the_client_waits_a_minute(int code)
    {
        var harness = new ClientHarness();
        harness.Server.Next(StunMethod.Allocate, request => harness.Server.Error(request, code));
        harness.Allocate();
        harness.Pass(Seconds(10));
        harness.Sent.Clear();

        harness.Allocate();
        harness.Pass(TimeSpan.FromMinutes(2));

        Assert.That(harness.TimesOf(StunMethod.Allocate), Is.EqualTo(new[] { 60.0 }));
        Assert.That(harness.Client.State, Is.EqualTo(TurnClientState.Allocated));
    }

    [Test]
    [Rfc(8656, "7.4")]
    public void Without_the_even_port_that_was_asked_for_the_same_is_not_asked_again()
    {
        var harness = new ClientHarness(static options => options with { EvenPort = TurnEvenPort.Yes });
        harness.Server.Next(StunMethod.Allocate, request => harness.Server.Error(request, StunErrorCode.InsufficientCapacity));

        harness.Allocate();

        Assert.That(harness.Single<TurnClientEvent.AllocationFailed>().RetryAfter, Is.Null);
    }

    [Test]
    [Rfc(8656, "7.4")]
    public void A_server_that_does_not_know_DONT_FRAGMENT_is_asked_without()
    {
        var harness = new ClientHarness(static options => options with { DontFragment = true });
        harness.Server.Next(StunMethod.Allocate, request =>
        {
            Assert.That(request.Has(StunAttributeType.DontFragment), Is.True);
            return harness.Server.Error(request, StunErrorCode.UnknownAttribute, static box => box.Add(StunAttributeType.UnknownAttributes, [0, 0x1A]));
        });

        harness.Allocate();

        Assert.That(harness.Of(StunMethod.Allocate)[^1].Has(StunAttributeType.DontFragment), Is.False);
        Assert.That(harness.Single<TurnClientEvent.Allocated>().DontFragment, Is.False);
        harness.Permit(Peer);
        Assert.That(harness.Client.EncodeUnfragmentedData(Peer, "x"u8, new byte[200]), Is.Zero);
    }

    [Test]
    [Rfc(8656, "7.4")]
    public void Another_unknown_attribute_than_DONT_FRAGMENT_is_a_failure()
    {
        var harness = new ClientHarness(static options => options with { DontFragment = true });
        harness.Server.Next(StunMethod.Allocate, request => harness.Server.Error(request, StunErrorCode.UnknownAttribute, static box => box.Add(StunAttributeType.UnknownAttributes, [0, 0x17])));

        harness.Allocate();

        Assert.That(harness.Single<TurnClientEvent.AllocationFailed>().Code, Is.EqualTo(StunErrorCode.UnknownAttribute));
    }

    [Test]
    [Rfc(8656, "7.4")]
    public void A_tuple_in_use_is_left_for_another_three_times_at_most()
    {
        var harness = new ClientHarness();
        for (int i = 0; i < 3; i++)
            harness.Server.Next(StunMethod.Allocate, request => harness.Server.Error(request, StunErrorCode.AllocationMismatch));

        harness.Allocate();
        Assert.That(harness.Single<TurnClientEvent.TupleInUse>().Attempt, Is.EqualTo(1));
        Assert.That(harness.Client.State, Is.EqualTo(TurnClientState.NeedsTuple));
        harness.Do(client => client.AllocateAnew(ScriptedServer.Address, harness.Now));
        Assert.That(harness.Events.OfType<TurnClientEvent.TupleInUse>().Last().Attempt, Is.EqualTo(2));
        harness.Do(client => client.AllocateAnew(ScriptedServer.Address, harness.Now));

        TurnClientEvent.AllocationFailed failed = harness.Single<TurnClientEvent.AllocationFailed>();
        Assert.That(failed.Failure, Is.EqualTo(TurnFailure.TupleInUse));
        Assert.That(failed.RetryAfter, Is.EqualTo(TimeSpan.FromMinutes(2)));
        Assert.That(harness.Of(StunMethod.Allocate).Select(static request => request.Id).Distinct().Count(), Is.EqualTo(4));
        harness.Sent.Clear();
        harness.Do(client => client.AllocateAnew(ScriptedServer.Address, harness.Now));
        harness.Pass(TimeSpan.FromMinutes(3));
        Assert.That(harness.TimesOf(StunMethod.Allocate), Is.EqualTo(new[] { 120.0 }));
        Assert.That(harness.Client.State, Is.EqualTo(TurnClientState.Allocated));
    }

    [Test]
    public void A_tuple_in_use_is_believed_without_a_signature()
    {
        // docs/departures.md: coturn signs no 437 to an Allocate request.
        var harness = new ClientHarness();
        harness.Server.Next(StunMethod.Allocate, request => harness.Server.Error(request, StunErrorCode.AllocationMismatch, signed: false));

        harness.Allocate();
        Assert.That(harness.Single<TurnClientEvent.TupleInUse>().Attempt, Is.EqualTo(1));
        harness.Do(client => client.Reclaim(harness.Now));
        Assert.That(harness.Client.State, Is.EqualTo(TurnClientState.Allocated));
    }

    [Test]
    [Rfc(8656, "7.4")]
    public void A_tuple_that_a_former_run_left_behind_can_be_reclaimed()
    {
        var harness = new ClientHarness();
        harness.Server.Next(StunMethod.Allocate, request => harness.Server.Error(request, StunErrorCode.AllocationMismatch));
        harness.Allocate();

        harness.Do(client => client.Reclaim(harness.Now));

        Assert.That(harness.Of(StunMethod.Refresh).Single().Lifetime, Is.EqualTo(TimeSpan.Zero));
        Assert.That(harness.Client.State, Is.EqualTo(TurnClientState.Allocated));
        Assert.That(() => harness.Client.Reclaim(harness.Now), Throws.InvalidOperationException);
    }

    [Test]
    public void Reclaiming_what_is_not_there_allocates_all_the_same()
    {
        var harness = new ClientHarness();
        harness.Server.Next(StunMethod.Allocate, request => harness.Server.Error(request, StunErrorCode.AllocationMismatch));
        harness.Server.Next(StunMethod.Refresh, request => harness.Server.Error(request, StunErrorCode.AllocationMismatch));
        harness.Allocate();

        harness.Do(client => client.Reclaim(harness.Now));

        Assert.That(harness.Client.State, Is.EqualTo(TurnClientState.Allocated));
    }

    [Test]
    [Rfc(8656, "7.4")]
    [Rfc(8489, "10")]
    public void A_redirection_leads_to_the_other_server_with_the_same_credentials()
    {
        var harness = new ClientHarness();
        harness.Server.Next(StunMethod.Allocate, Redirect(harness, s_alternate));

        harness.Allocate();

        Assert.That(harness.Single<TurnClientEvent.Redirected>().Server, Is.EqualTo(s_alternate));
        Assert.That(harness.Client.State, Is.EqualTo(TurnClientState.NeedsTuple));
        harness.Do(client => client.AllocateAnew(s_alternate, harness.Now));
        Assert.That(harness.Client.Server, Is.EqualTo(s_alternate));
        Assert.That(harness.Client.State, Is.EqualTo(TurnClientState.Allocated));
        Assert.That(harness.Of(StunMethod.Allocate).Select(static request => request.IsSigned), Is.EqualTo(new[] { false, true, false, true }), "the other server has given no nonce yet");
    }

    [TestCase(false)]
    [TestCase(true)]
    [Rfc(8489, "14.8")]
    public void A_redirection_before_authentication_is_followed_only_if_the_owner_allows_it(bool allowed)
    {
        var harness = new ClientHarness(options => options with { FollowUnauthenticatedRedirects = allowed });
        harness.Server.Authenticates = false;
        harness.Server.Next(StunMethod.Allocate, Redirect(harness, s_alternate));

        harness.Allocate();

        Assert.That(harness.Events.OfType<TurnClientEvent.Redirected>().Count(), Is.EqualTo(allowed ? 1 : 0));
        Assert.That(harness.Client.GetDropCount(TurnDropReason.BadIntegrity), Is.EqualTo(allowed ? 0 : 1));
    }

    [TestCase(true, "other.example.org")]
    [TestCase(false, null)]
    [Rfc(8489, "10")]
    public void The_domain_of_the_other_server_counts_over_TLS_only(bool secured, string? expected)
    {
        var harness = new ClientHarness(options => options with { Secured = secured });
        harness.Server.Next(StunMethod.Allocate, request => harness.Server.Error(request, StunErrorCode.TryAlternate, static box =>
        {
            box.AddAddress(StunAttributeType.AlternateServer, s_alternate);
            box.AddText(StunAttributeType.AlternateDomain, "other.example.org");
        }));

        harness.Allocate();

        Assert.That(harness.Single<TurnClientEvent.Redirected>().Domain, Is.EqualTo(expected));
    }

    [Test]
    [Rfc(8489, "10")]
    public void Redirections_do_not_go_round_in_circles()
    {
        var harness = new ClientHarness();
        harness.Server.Next(StunMethod.Allocate, Redirect(harness, s_alternate));
        harness.Server.Next(StunMethod.Allocate, Redirect(harness, ScriptedServer.Address));

        harness.Allocate();
        harness.Do(client => client.AllocateAnew(s_alternate, harness.Now));

        TurnClientEvent.AllocationFailed failed = harness.Single<TurnClientEvent.AllocationFailed>();
        Assert.That(failed.Failure, Is.EqualTo(TurnFailure.RedirectLoop));
        Assert.That(failed.Code, Is.EqualTo(StunErrorCode.TryAlternate));
    }

    [Test]
    public void A_redirection_to_nowhere_is_a_failure()
    {
        var harness = new ClientHarness();
        harness.Server.Next(StunMethod.Allocate, request => harness.Server.Error(request, StunErrorCode.TryAlternate));

        harness.Allocate();

        Assert.That(harness.Single<TurnClientEvent.AllocationFailed>().Failure, Is.EqualTo(TurnFailure.RedirectLoop));
    }

    [Test]
    public void An_error_response_without_a_code_is_a_failure()
    {
        var harness = new ClientHarness();
        harness.Server.Next(StunMethod.Allocate, request => harness.Server.Finish(new WriterBox(request, StunClass.ErrorResponse)));

        harness.Allocate();

        Assert.That(harness.Single<TurnClientEvent.AllocationFailed>().Failure, Is.EqualTo(TurnFailure.BadResponse));
    }

    private static Func<SentRequest, byte[]?> Redirect(ClientHarness harness, TransportAddress server) =>
        request => harness.Server.Error(request, StunErrorCode.TryAlternate, box => box.AddAddress(StunAttributeType.AlternateServer, server));
}
