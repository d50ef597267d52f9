using Ice.Testing;
using Stun;
using static Turn.Tests.Client.ClientHarness;

namespace Turn.Tests.Client;

internal sealed class AuthenticationTests
{
    private const StunSecurityFeatures AllFeatures = StunSecurityFeatures.PasswordAlgorithms | StunSecurityFeatures.UsernameAnonymity;

    [Test]
    [Rfc(8489, "9.2.5")]
    [Rfc(8656, "6")]
    public void Sha256_and_the_hashed_username_are_used_where_the_server_asks_for_them()
    {
        var harness = new ClientHarness();
        harness.Server.Features = AllFeatures;

        harness.Allocate();

        SentRequest request = harness.Of(StunMethod.Allocate)[^1];
        Assert.That(harness.Client.State, Is.EqualTo(TurnClientState.Allocated));
        Assert.That(request.Has(StunAttributeType.UserHash), Is.True);
        Assert.That(request.Has(StunAttributeType.Username), Is.False);
        Assert.That(request.Parse().HasMessageIntegritySha256, Is.True);
        Assert.That(request.Parse().HasMessageIntegrity, Is.False);
        Assert.That(request.Value(StunAttributeType.PasswordAlgorithm), Is.EqualTo(new byte[] { 0, 2, 0, 0 }));
    }

    [Test]
    [Rfc(8489, "9.2.5")]
    public void Md5_is_used_with_servers_that_know_nothing_else()
    {
        ClientHarness harness = new ClientHarness().Allocate();

        SentRequest request = harness.Of(StunMethod.Allocate)[^1];
        Assert.That(request.Has(StunAttributeType.Username), Is.True);
        Assert.That(request.Parse().HasMessageIntegrity, Is.True);
        Assert.That(request.Has(StunAttributeType.PasswordAlgorithm), Is.False);
    }

    [Test]
    [Rfc(8489, "9.2.1")]
    public void A_challenge_from_which_the_algorithms_were_taken_is_refused()
    {
        var harness = new ClientHarness();
        harness.Server.Features = StunSecurityFeatures.PasswordAlgorithms;
        harness.Connected = false;
        harness.Allocate();
        byte[] challenge = harness.Server.Challenge(harness.Sent[0], StunErrorCode.Unauthenticated, static box => box.Remove(StunAttributeType.PasswordAlgorithms));

        harness.Receive(challenge);

        Assert.That(harness.Single<TurnClientEvent.AllocationFailed>().Failure, Is.EqualTo(TurnFailure.ChallengeRefused));
    }

    [Test]
    [Rfc(8656, "7.4")]
    public void A_wrong_password_ends_after_one_signed_request()
    {
        var harness = new ClientHarness(static options => options with { Credential = new LongTermCredential(ScriptedServer.Username, "wrong") });

        harness.Allocate();

        TurnClientEvent.AllocationFailed failed = harness.Single<TurnClientEvent.AllocationFailed>();
        Assert.That(failed.Failure, Is.EqualTo(TurnFailure.CredentialsRefused));
        Assert.That(failed.Code, Is.EqualTo(StunErrorCode.Unauthenticated));
        Assert.That(failed.RetryAfter, Is.Null);
        Assert.That(harness.Sent, Has.Count.EqualTo(2));
    }

    [Test]
    public void Without_credentials_a_challenge_cannot_be_met()
    {
        ClientHarness harness = new ClientHarness(static options => options with { Credential = null }).Allocate();

        Assert.That(harness.Single<TurnClientEvent.AllocationFailed>().Failure, Is.EqualTo(TurnFailure.CredentialsRefused));
        Assert.That(harness.Sent, Has.Count.EqualTo(1));
    }

    [Test]
    [Rfc(8656, "8.3")]
    public void A_new_nonce_is_no_failure()
    {
        ClientHarness harness = WithAllocation();
        harness.Server.Nonce = "fedcba9876543210";

        harness.Permit(Peer);

        SentRequest[] sent = harness.Of(StunMethod.CreatePermission);
        Assert.That(sent.Select(static request => request.Nonce), Is.EqualTo(new[] { "0123456789abcdef", "fedcba9876543210" }));
        Assert.That(sent[0].Id, Is.Not.EqualTo(sent[1].Id));
        harness.Single<TurnClientEvent.PermissionReady>();
    }

    [Test]
    public void Many_requests_that_one_new_nonce_meets_all_go_through()
    {
        ClientHarness harness = WithAllocation();
        harness.Connected = false;
        for (int i = 0; i < 10; i++)
            harness.Bind(Peer.WithPort(1000 + i));
        SentRequest[] first = harness.Of(StunMethod.ChannelBind);
        Assert.That(first, Has.Length.EqualTo(10));
        harness.Server.Nonce = "fedcba9876543210";
        harness.Connected = true;

        foreach (SentRequest request in first)
            harness.Receive(harness.Server.Challenge(request, StunErrorCode.StaleNonce));

        Assert.That(harness.Events.OfType<TurnClientEvent.ChannelBound>().Count(), Is.EqualTo(10));
    }

    [Test]
    public void A_nonce_that_goes_stale_every_few_seconds_loses_nothing()
    {
        ClientHarness harness = WithAllocation();
        harness.Permit(Peer);
        for (int i = 0; i < 200; i++)
        {
            harness.Server.Nonce = $"nonce {i}";
            harness.Pass(Seconds(30));
        }

        Assert.That(harness.Client.State, Is.EqualTo(TurnClientState.Allocated));
        Assert.That(harness.Client.HasPermission(Peer), Is.True);
        Assert.That(harness.Events.OfType<TurnClientEvent.PermissionFailed>(), Is.Empty);
    }

    [Test]
    public void A_server_that_calls_every_nonce_stale_is_given_up()
    {
        ClientHarness harness = WithAllocation();
        for (int i = 0; i < 20; i++)
        {
            int number = i;
            harness.Server.Next(StunMethod.CreatePermission, request =>
            {
                harness.Server.Nonce = $"nonce {number}";
                return harness.Server.Challenge(request, StunErrorCode.StaleNonce);
            });
        }

        harness.Permit(Peer);

        Assert.That(harness.Single<TurnClientEvent.PermissionFailed>().Failure, Is.EqualTo(TurnFailure.CredentialsRefused));
        Assert.That(harness.Of(StunMethod.CreatePermission), Has.Length.LessThan(12));
    }

    [Test]
    [Rfc(8489, "9.2.5")]
    public void A_success_that_is_not_authenticated_is_refused_once_authentication_has_started()
    {
        var harness = new ClientHarness();
        harness.Server.Next(StunMethod.Allocate, request => harness.Server.Success(request, signed: false));

        harness.Allocate();

        Assert.That(harness.Events, Is.Empty);
        Assert.That(harness.Client.State, Is.EqualTo(TurnClientState.Allocating));
        Assert.That(harness.Client.GetDropCount(TurnDropReason.BadIntegrity), Is.EqualTo(1));
        harness.Pass(Seconds(1));
        Assert.That(harness.Client.State, Is.EqualTo(TurnClientState.Allocated), "the true answer to the retransmission counts");
    }

    [Test]
    public void Only_forged_successes_end_as_a_violation_of_integrity()
    {
        var harness = new ClientHarness();
        for (int i = 0; i < 7; i++)
            harness.Server.Next(StunMethod.Allocate, request => harness.Server.Success(request, signed: false));

        harness.Allocate();
        harness.Pass(TimeSpan.FromMinutes(1));

        Assert.That(harness.Single<TurnClientEvent.AllocationFailed>().Failure, Is.EqualTo(TurnFailure.IntegrityViolated));
        Assert.That(harness.Client.GetDropCount(TurnDropReason.BadIntegrity), Is.EqualTo(7));
    }

    [Test]
    public void Over_a_stream_a_forged_success_ends_the_request_at_once()
    {
        var harness = new ClientHarness(static options => options with { Reliable = true });
        harness.Server.Next(StunMethod.Allocate, request => harness.Server.Success(request, signed: false));

        harness.Allocate();

        Assert.That(harness.Single<TurnClientEvent.AllocationFailed>().Failure, Is.EqualTo(TurnFailure.IntegrityViolated));
    }

    [Test]
    public void The_answer_to_the_unsigned_request_does_not_count_after_the_challenge()
    {
        ClientHarness harness = new ClientHarness { Connected = false }.Allocate();
        SentRequest unsigned = harness.Sent[0];
        harness.Receive(harness.Server.Challenge(unsigned, StunErrorCode.Unauthenticated));

        TurnInput result = harness.Receive(harness.Server.Success(unsigned, signed: false));

        Assert.That(result, Is.EqualTo(TurnInput.Dropped));
        Assert.That(harness.Client.GetDropCount(TurnDropReason.UnknownTransaction), Is.EqualTo(1));
        Assert.That(harness.Client.State, Is.EqualTo(TurnClientState.Allocating));
    }

    [Test]
    public void A_challenge_too_long_to_be_answered_in_a_datagram_is_refused()
    {
        ClientHarness harness = new ClientHarness { Connected = false }.Allocate();
        harness.Server.Nonce = new string('n', 763);
        byte[] challenge = harness.Server.Challenge(harness.Sent[0], StunErrorCode.Unauthenticated, static box =>
        {
            box.Remove(StunAttributeType.Realm);
            box.AddText(StunAttributeType.Realm, new string('r', 763));
        });

        harness.Receive(challenge);

        Assert.That(harness.Single<TurnClientEvent.AllocationFailed>().Failure, Is.EqualTo(TurnFailure.ChallengeRefused));
    }

    [Test]
    public void A_list_of_algorithms_without_end_is_refused()
    {
        ClientHarness harness = new ClientHarness { Connected = false }.Allocate();
        byte[] list = new byte[60_000];
        for (int i = 1; i < list.Length; i += 4)
            list[i] = 2;

        harness.Receive(harness.Server.Challenge(harness.Sent[0], StunErrorCode.Unauthenticated, box => box.Add(StunAttributeType.PasswordAlgorithms, list)));

        Assert.That(harness.Single<TurnClientEvent.AllocationFailed>().Failure, Is.EqualTo(TurnFailure.ChallengeRefused));
    }

    [Test]
    public void Secrets_are_in_no_text()
    {
        ClientHarness harness = new ClientHarness(static options => options with { Credential = new LongTermCredential("user", "topsecret") }).Allocate();

        Assert.That(string.Join("; ", harness.Events) + harness.Client, Does.Not.Contain("topsecret"));
    }
}
