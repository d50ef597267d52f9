using Ice.Core.Tests.Harness;
using Ice.Testing;
using Stun;
using static Ice.Core.Tests.Harness.Make;

namespace Ice.Core.Tests;

[TestFixture]
internal sealed class GatheringTests
{
    private static readonly GatheringServer s_server = new(1, At("198.51.100.1:3478"), "stun:stun.example.org");
    private static readonly GatheringServer s_second = new(2, At("198.51.100.2:3478"), "stun:stun2.example.org");

    [Test]
    [Rfc(8445, "5.1.1.1")]
    public void A_base_gives_one_host_candidate_on_its_own_address()
    {
        var agent = new TestAgent();
        agent.AddHost("10.0.0.1:5000");
        IceEvent.LocalCandidate gathered = agent.EventsOf<IceEvent.LocalCandidate>().Single();
        Assert.Multiple(() =>
        {
            Assert.That(gathered.Stream, Is.Zero);
            Assert.That(gathered.Candidate.Type, Is.EqualTo(IceCandidateType.Host));
            Assert.That(gathered.Candidate.Address, Is.EqualTo(At("10.0.0.1:5000")));
            Assert.That(gathered.Candidate.RelatedAddress.IsNone, Is.True);
            Assert.That(gathered.Candidate.Transport, Is.EqualTo(IceTransport.Udp));
            Assert.That(gathered.Candidate.Component, Is.EqualTo(1));
            Assert.That(gathered.Candidate.Priority, Is.EqualTo(Priority(HostPreference)));
            Assert.That(gathered.Candidate.Foundation, Has.Length.InRange(1, 32));
            Assert.That(agent.Core.GetLocalCandidates(), Has.Count.EqualTo(1));
        });
    }

    [Test]
    public void A_server_that_no_base_can_ask_is_reported_with_the_reason_once_all_bases_are_known()
    {
        var agent = new TestAgent();
        agent.AddHost("10.0.0.1:5000");
        agent.Do(now => agent.Core.AddServer(new GatheringServer(7, At("[2001:db8::7]:3478"), "stun:six.example.org"), now));
        Assert.That(agent.EventsOf<IceEvent.ServerResult>(), Is.Empty);
        agent.Do(now => agent.Core.EndGatheringInputs(now));
        IceEvent.ServerResult result = agent.EventsOf<IceEvent.ServerResult>().Single();
        Assert.Multiple(() =>
        {
            Assert.That(result.Base, Is.Null);
            Assert.That(result.Failure, Does.Contain("no local address"));
            Assert.That(agent.Core.GatheringState, Is.EqualTo(GatheringState.Complete));
        });
    }

    [Test]
    [Rfc(8445, "5.1.1.1")]
    public void Every_component_of_every_stream_gets_a_candidate_of_its_own()
    {
        var agent = new TestAgent(new IceCoreOptions { Streams = [2, 1] });
        agent.AddHost("10.0.0.1:5000", new ComponentId(0, 1));
        agent.AddHost("10.0.0.1:5001", new ComponentId(0, 2));
        agent.AddHost("10.0.0.1:5002", new ComponentId(1, 1));
        Assert.That(
            agent.EventsOf<IceEvent.LocalCandidate>().Select(e => (e.Stream, e.Candidate.Component, e.Candidate.Address.Port)),
            Is.EqualTo(new[] { (0, 1, 5000), (0, 2, 5001), (1, 1, 5002) }));
    }

    [Test]
    [Rfc(8445, "5.1.1.1")]
    public void Components_are_numbered_from_1_without_gaps()
    {
        var agent = new TestAgent(new IceCoreOptions { Streams = [2] });
        agent.AddHost("10.0.0.1:5001", new ComponentId(0, 1));
        agent.AddHost("10.0.0.1:5002", new ComponentId(0, 2));
        Assert.Multiple(() =>
        {
            Assert.That(() => agent.AddHost("10.0.0.1:5000", new ComponentId(0, 0)), Throws.InstanceOf<ArgumentException>());
            Assert.That(() => agent.AddHost("10.0.0.1:5003", new ComponentId(0, 3)), Throws.InstanceOf<ArgumentException>());
            Assert.That(() => agent.AddHost("10.0.0.1:5003", new ComponentId(1, 1)), Throws.InstanceOf<ArgumentException>());
            Assert.That(agent.Core.GetLocalCandidates().Select(c => c.Component), Is.EqualTo(new[] { 1, 2 }));
        });
    }

    [Test]
    [Rfc(8445, "5.1.1.2")]
    public void A_server_is_asked_from_every_base_of_its_family_without_credentials()
    {
        var agent = new TestAgent();
        BaseId v4 = agent.AddHost("10.0.0.1:5000");
        agent.AddHost("[2001:db8::1]:5000", localPreference: 65534);
        agent.Do(now => agent.Core.AddServer(s_server, now));
        agent.Advance(Ms(400));
        SentDatagram request = agent.Sent.Single();
        Assert.Multiple(() =>
        {
            Assert.That(request.Path, Is.EqualTo(new IcePath(v4, s_server.Address)));
            Assert.That(request.Message.Type, Is.EqualTo(new StunType(StunMethod.Binding, StunClass.Request)));
            Assert.That(request.Message.Username, Is.Null);
            Assert.That(request.Message.HasIntegrity, Is.False);
            Assert.That(request.Message.Priority, Is.Null);
            Assert.That(request.Message.Controlling, Is.Null);
        });
    }

    [Test]
    [Rfc(8445, "5.1.1.2")]
    [Rfc(8445, "14.2")]
    public void New_transactions_to_servers_leave_one_per_Ta()
    {
        var agent = new TestAgent();
        agent.AddHost("10.0.0.1:5000");
        agent.AddHost("10.0.1.1:5000", localPreference: 65534);
        agent.Do(now => agent.Core.AddServer(s_server, now));
        agent.Do(now => agent.Core.AddServer(s_second, now));
        agent.Advance(Ms(400));
        Assert.Multiple(() =>
        {
            Assert.That(agent.Sent.Select(s => (s.At - Start).TotalMilliseconds), Is.EqualTo(new[] { 0d, 50, 100, 150 }));
            Assert.That(agent.Sent.Select(s => s.Path).Distinct().Count(), Is.EqualTo(4));
        });
    }

    [Test]
    [Rfc(8445, "5.1.1.2")]
    public void The_answer_gives_a_server_reflexive_candidate_based_on_the_host_candidate()
    {
        var agent = new TestAgent();
        agent.AddHost("10.0.0.1:5000");
        agent.Do(now => agent.Core.AddServer(s_server, now));
        agent.Advance(Ms(20));
        AnswerServer(agent, agent.Sent.Single(), "203.0.113.5:6000");
        IceCandidate[] candidates = [.. agent.EventsOf<IceEvent.LocalCandidate>().Select(e => e.Candidate)];
        Assert.That(candidates, Has.Length.EqualTo(2));
        IceEvent.ServerResult result = agent.EventsOf<IceEvent.ServerResult>().Single();
        Assert.Multiple(() =>
        {
            Assert.That(candidates[1].Type, Is.EqualTo(IceCandidateType.ServerReflexive));
            Assert.That(candidates[1].Address, Is.EqualTo(At("203.0.113.5:6000")));
            Assert.That(candidates[1].RelatedAddress, Is.EqualTo(At("10.0.0.1:5000")));
            Assert.That(candidates[1].Priority, Is.EqualTo(Priority(ServerReflexivePreference)));
            Assert.That(candidates[1].Foundation, Is.Not.EqualTo(candidates[0].Foundation));
            Assert.That(result.Failure, Is.Null);
            Assert.That(result.Elapsed, Is.EqualTo(Ms(20)));
            Assert.That(result.Server, Is.EqualTo(s_server));
        });
    }

    [Test]
    [Rfc(8445, "5.1.1.2")]
    public void A_server_of_the_old_kind_that_sends_MAPPED_ADDRESS_only_gives_a_candidate_too()
    {
        var agent = new TestAgent();
        agent.AddHost("10.0.0.1:5000");
        agent.Do(now => agent.Core.AddServer(s_server, now));
        SentDatagram request = agent.Sent.Single();
        var answer = new Craft { Class = StunClass.SuccessResponse, Id = request.Message.Id, Mapped = At("203.0.113.5:6000"), Fingerprint = false };
        agent.Receive(request.Path, answer.ToBytes(new SeededEntropy(3)));
        Assert.That(agent.Core.GetLocalCandidates().Select(c => c.Address), Is.EqualTo(new[] { At("10.0.0.1:5000"), At("203.0.113.5:6000") }));
    }

    [Test]
    [Rfc(8445, "5.1.3")]
    public void A_reflexive_candidate_that_equals_its_base_is_redundant()
    {
        var agent = new TestAgent();
        agent.AddHost("203.0.113.5:6000");
        agent.Do(now => agent.Core.AddServer(s_server, now));
        AnswerServer(agent, agent.Sent.Single(), "203.0.113.5:6000");
        Assert.Multiple(() =>
        {
            Assert.That(agent.EventsOf<IceEvent.LocalCandidate>().Single().Candidate.Type, Is.EqualTo(IceCandidateType.Host));
            Assert.That(agent.Core.GetLocalCandidates(), Has.Count.EqualTo(1));
        });
    }

    [Test]
    [Rfc(8445, "5.1.3")]
    public void The_same_reflexive_candidate_from_two_servers_is_signalled_once()
    {
        var agent = new TestAgent();
        agent.AddHost("10.0.0.1:5000");
        agent.Do(now => agent.Core.AddServer(s_server, now));
        agent.Do(now => agent.Core.AddServer(s_second, now));
        agent.Advance(Ms(100));
        foreach (SentDatagram request in agent.Sent.ToArray())
            AnswerServer(agent, request, "203.0.113.5:6000");
        Assert.That(agent.EventsOf<IceEvent.LocalCandidate>().Count(e => e.Candidate.Type == IceCandidateType.ServerReflexive), Is.EqualTo(1));
    }

    [Test]
    [Rfc(8445, "5.1.1.2")]
    public void ALTERNATE_SERVER_in_a_Binding_response_is_ignored()
    {
        var agent = new TestAgent();
        agent.AddHost("10.0.0.1:5000");
        agent.Do(now => agent.Core.AddServer(s_server, now));
        SentDatagram request = agent.Sent.Single();
        var answer = new Craft
        {
            Class = StunClass.ErrorResponse,
            Id = request.Message.Id,
            ErrorCode = 300,
            Extra = [((ushort)StunAttributeType.AlternateServer, [0, 1, 0x0D, 0x96, 198, 51, 100, 9])],
        };
        agent.Receive(request.Path, answer.ToBytes(new SeededEntropy(3)));
        agent.Advance(S(60));
        Assert.Multiple(() =>
        {
            Assert.That(agent.Sent.Select(s => s.To), Is.All.EqualTo(s_server.Address));
            Assert.That(agent.EventsOf<IceEvent.ServerResult>().Single().Failure, Is.Not.Null);
        });
    }

    [Test]
    [Rfc(8445, "14.3")]
    [Rfc(8489, "6.2.1")]
    public void A_silent_server_is_asked_seven_times_and_given_up_after_39_5_seconds()
    {
        var agent = new TestAgent();
        agent.AddHost("10.0.0.1:5000");
        agent.Do(now => agent.Core.AddServer(s_server, now));
        agent.Do(agent.Core.EndGatheringInputs);
        agent.Advance(S(60));
        (Instant At, IceEvent Event) result = agent.Events.Single(e => e.Event is IceEvent.ServerResult);
        (Instant At, IceEvent Event) completed = agent.Events.Single(e => e.Event is IceEvent.GatheringCompleted);
        Assert.Multiple(() =>
        {
            Assert.That(agent.Sent.Select(s => (s.At - Start).TotalMilliseconds), Is.EqualTo(new[] { 0d, 500, 1500, 3500, 7500, 15500, 31500 }));
            Assert.That(agent.Sent.Select(s => s.Message.Id).Distinct().Count(), Is.EqualTo(1));
            Assert.That(result.At - Start, Is.EqualTo(Ms(39_500)));
            Assert.That(completed.At - Start, Is.EqualTo(Ms(39_500)));
        });
    }

    [Test]
    [Rfc(8445, "14.3")]
    public void The_RTO_of_gathering_grows_with_the_number_of_candidates_to_gather()
    {
        // RTO = MAX (500ms, Ta * (Num-Of-Cands)) = 100 ms * 8 servers = 800 ms.
        var agent = new TestAgent(new IceCoreOptions { Pacing = Ms(100) });
        foreach (int i in Enumerable.Range(1, 8))
            agent.Core.AddServer(new GatheringServer(i, At($"198.51.100.{i}:3478"), $"stun:s{i}"), agent.Now);
        agent.AddHost("10.0.0.1:5000");
        agent.Advance(Ms(2000));
        foreach (IGrouping<TransportAddress, SentDatagram> server in agent.Sent.GroupBy(s => s.To))
            Assert.That((server.ElementAt(1).At - server.First().At).TotalMilliseconds, Is.EqualTo(800), $"{server.Key}");
    }

    [Test]
    [Rfc(8445, "5.1.1.4")]
    public void A_reflexive_candidate_is_kept_alive_by_new_Binding_requests_until_ICE_completes()
    {
        var agent = new TestAgent();
        BaseId id = agent.AddHost("10.0.0.1:5000");
        agent.Do(now => agent.Core.AddServer(s_server, now));
        AnswerServer(agent, agent.Sent.Single(), "203.0.113.5:6000");
        TransactionId first = agent.Sent.Single().Message.Id;
        agent.Forget();
        agent.Network = sent => sent.To == s_server.Address ? ServerAnswer(sent, "203.0.113.5:6000") : null;
        agent.Advance(S(120));
        SentDatagram[] refreshes = [.. agent.Sent.Where(s => s.To == s_server.Address)];
        Assert.That(refreshes, Has.Length.InRange(4, 12), "often enough for a NAT that forgets after 30 s (RFC 4787), and no flood");
        Assert.That(refreshes.Select(r => r.Path.Base), Is.All.EqualTo(id));
        Assert.That(refreshes.Select(r => r.Message.Id).Append(first), Is.Unique);
        Assert.That(refreshes.Zip(refreshes.Skip(1), (a, b) => b.At - a.At), Is.All.LessThanOrEqualTo(S(30)));

        var peer = new ScriptedPeer(agent);
        agent.Network = sent => sent.To == s_server.Address ? ServerAnswer(sent, "203.0.113.5:6000") : sent.IsCheck ? peer.Success(sent, At("10.0.0.1:5000")) : null;
        peer.Signal("10.0.0.2:5000");
        agent.Advance(S(5));
        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Connected));
        agent.Forget();
        agent.Advance(S(120));
        Assert.That(agent.Sent.Where(s => s.To == s_server.Address), Is.Empty);
    }

    [Test]
    [Rfc(8445, "5.1.1.4")]
    public void A_refresh_that_was_lost_does_not_end_the_refreshing()
    {
        var agent = new TestAgent();
        agent.AddHost("10.0.0.1:5000");
        agent.Do(now => agent.Core.AddServer(s_server, now));
        AnswerServer(agent, agent.Sent.Single(), "203.0.113.5:6000");
        agent.Advance(S(60));
        Assert.That(agent.Sent.Select(s => s.Message.Id).Distinct().Count(), Is.EqualTo(2), "one refresh, repeated and given up");
        agent.Advance(S(30));
        Assert.That(agent.Sent.Select(s => s.Message.Id).Distinct().Count(), Is.EqualTo(3));
        Assert.That(agent.EventsOf<IceEvent.ServerResult>().Count(), Is.EqualTo(1), "gathering had ended before");
    }

    [Test]
    [Rfc(8445, "10")]
    [Rfc(8445, "14.2")]
    public void The_parameters_say_ice2_and_trickle_and_the_pacing()
    {
        Assert.Multiple(() =>
        {
            Assert.That(new TestAgent().Core.LocalParameters.Options, Is.EquivalentTo(new[] { "ice2", "trickle" }));
            Assert.That(new TestAgent().Core.LocalParameters.PacingMilliseconds, Is.EqualTo(50));
            Assert.That(new TestAgent(new IceCoreOptions { Mode = IceMode.Lite, Role = IceRole.Controlled }).Core.LocalParameters.PacingMilliseconds, Is.Null);
            var own = IceParameters.Create(new SeededEntropy(4)) with { Options = ["other"] };
            IceParameters completed = new TestAgent(new IceCoreOptions { LocalParameters = own, Pacing = Ms(20) }).Core.LocalParameters;
            Assert.That(completed.Options, Is.EquivalentTo(new[] { "other", "ice2", "trickle" }));
            Assert.That(completed.PacingMilliseconds, Is.EqualTo(20));
            Assert.That((completed.UsernameFragment, completed.Password), Is.EqualTo((own.UsernameFragment, own.Password)));
        });
    }

    [Test]
    [Rfc(8445, "5.1.1.4")]
    public void A_base_that_goes_away_takes_its_candidates_and_pairs_along_and_a_new_one_brings_its_own()
    {
        var agent = new TestAgent();
        BaseId first = agent.AddHost("10.0.0.1:5000");
        var peer = new ScriptedPeer(agent);
        peer.SignalParameters();
        peer.Add(Host("10.0.0.2:5000"));
        agent.Do(now => agent.Core.RemoveBase(first, now));
        Assert.That(agent.Core.GetLocalCandidates(), Is.Empty);
        Assert.That(agent.Pairs, Is.Empty);
        agent.Forget();
        BaseId second = agent.AddHost("10.0.7.1:5000");
        agent.Advance(S(10));
        Assert.That(agent.EventsOf<IceEvent.LocalCandidate>().Single().Candidate.Address, Is.EqualTo(At("10.0.7.1:5000")));
        Assert.That(agent.Sent, Is.Not.Empty);
        Assert.That(agent.Sent.Select(s => s.Path.Base), Is.All.EqualTo(second));
    }

    [Test]
    public void Gathering_is_complete_only_when_every_transaction_has_ended()
    {
        var agent = new TestAgent();
        Assert.That(agent.Core.GatheringState, Is.EqualTo(GatheringState.New));
        agent.AddHost("10.0.0.1:5000");
        agent.Do(now => agent.Core.AddServer(s_server, now));
        Assert.That(agent.Core.GatheringState, Is.EqualTo(GatheringState.Gathering));
        agent.Do(agent.Core.EndGatheringInputs);
        Assert.That(agent.Core.GatheringState, Is.EqualTo(GatheringState.Gathering));
        AnswerServer(agent, agent.Sent.Single(), "203.0.113.5:6000");
        Assert.Multiple(() =>
        {
            Assert.That(agent.Core.GatheringState, Is.EqualTo(GatheringState.Complete));
            Assert.That(agent.Events.Last().Event, Is.InstanceOf<IceEvent.GatheringCompleted>());
        });
    }

    [Test]
    public void A_server_answer_from_elsewhere_or_with_another_id_is_refused()
    {
        var agent = new TestAgent();
        BaseId id = agent.AddHost("10.0.0.1:5000");
        agent.Do(now => agent.Core.AddServer(s_server, now));
        SentDatagram request = agent.Sent.Single();
        Assert.Multiple(() =>
        {
            Assert.That(agent.Receive(new IcePath(id, At("198.51.100.66:3478")), ServerAnswer(request, "203.0.113.66:1")), Is.EqualTo(InputResult.Dropped));
            Assert.That(agent.Core.GetDropCount(DropReason.WrongSource), Is.EqualTo(1));
            var other = new Craft { Class = StunClass.SuccessResponse, XorMapped = At("203.0.113.66:1") };
            Assert.That(agent.Receive(request.Path, other.ToBytes(new SeededEntropy(9))), Is.EqualTo(InputResult.Dropped));
            Assert.That(agent.Core.GetDropCount(DropReason.UnknownTransaction), Is.EqualTo(1));
            Assert.That(agent.Core.GetLocalCandidates(), Has.Count.EqualTo(1));
        });
        AnswerServer(agent, request, "203.0.113.5:6000");
        Assert.That(agent.Core.GetLocalCandidates(), Has.Count.EqualTo(2));
    }

    [Test]
    [Rfc(8828, "5.2")]
    public void A_private_base_signals_its_reflexive_candidate_only_and_does_not_tell_its_address()
    {
        var agent = new TestAgent();
        agent.AddHost("10.0.0.1:5000", signalHost: false);
        agent.Do(now => agent.Core.AddServer(s_server, now));
        AnswerServer(agent, agent.Sent.Single(), "203.0.113.5:6000");
        IceCandidate candidate = agent.EventsOf<IceEvent.LocalCandidate>().Single().Candidate;
        Assert.Multiple(() =>
        {
            Assert.That(candidate.Type, Is.EqualTo(IceCandidateType.ServerReflexive));
            Assert.That(candidate.RelatedAddress.SameAddress(At("10.0.0.1:5000")), Is.False);
        });
    }

    [Test]
    [Rfc(8445, "5.3")]
    public void Credentials_have_at_least_24_and_128_random_bits_and_differ_from_agent_to_agent()
    {
        var entropy = new SeededEntropy(1);
        IceParameters[] all = [.. Enumerable.Range(1, 500).Select(_ => new IceCore(new IceCoreOptions(), entropy, Start).LocalParameters)];
        Assert.Multiple(() =>
        {
            // Each character carries 6 bits: 4 characters are 24 bits, 22 are 132.
            Assert.That(all.Select(p => p.UsernameFragment.Length), Is.All.InRange(4, 256));
            Assert.That(all.Select(p => p.Password.Length), Is.All.InRange(22, 256));
            Assert.That(all.Select(p => p.UsernameFragment), Is.Unique);
            Assert.That(all.Select(p => p.Password), Is.Unique);
            for (int i = 0; i < all[0].Password.Length; i++)
                Assert.That(all.Select(p => p.Password[i]).Distinct().Count(), Is.GreaterThanOrEqualTo(60), $"character {i} of the password is drawn from all 64");
            for (int i = 0; i < all[0].UsernameFragment.Length; i++)
                Assert.That(all.Select(p => p.UsernameFragment[i]).Distinct().Count(), Is.GreaterThanOrEqualTo(60), $"character {i} of the fragment is drawn from all 64");
        });
    }

    private static byte[] ServerAnswer(SentDatagram request, string mapped) =>
        new Craft { Class = StunClass.SuccessResponse, Id = request.Message.Id, XorMapped = At(mapped) }.ToBytes(new SeededEntropy(3));

    private static void AnswerServer(TestAgent agent, SentDatagram request, string mapped) => agent.Receive(request.Path, ServerAnswer(request, mapped));
}
