using Ice.Core.Tests.Harness;
using Ice.Testing;
using static Ice.Core.Tests.Harness.Make;

namespace Ice.Core.Tests;

[TestFixture]
internal sealed class TrickleTests
{
    [Test]
    [Rfc(8838, "8")]
    public void A_checklist_stays_running_as_long_as_the_peer_may_send_candidates_and_fails_after_the_end_of_them()
    {
        // The candidates are ended after the PAC timer (RFC 8863), so that nothing but the indication is waited for.
        TestAgent agent = Agent(new IceCoreOptions { PatienceTimeout = S(50) }, out ScriptedPeer peer);
        agent.Do(agent.Core.EndGatheringInputs);
        peer.SignalParameters();
        peer.Add(Host("10.0.0.2:1"));
        peer.Fail(agent.Checks.Single(), 400);
        agent.Advance(S(45));
        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Checking));
        peer.Add(Host("10.0.0.3:1", foundation: "r2"));
        agent.Advance(Ms(50));
        Assert.That(agent.ChecksTo("10.0.0.3:1"), Has.Count.EqualTo(1));
        peer.Fail(agent.ChecksTo("10.0.0.3:1")[0], 400);
        peer.End();
        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Checking), "RFC 8863");
        agent.Advance(S(5));
        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Failed));
    }

    [Test]
    [Rfc(8838, "14")]
    public void Candidates_after_the_end_of_candidates_are_ignored()
    {
        TestAgent agent = Agent(new IceCoreOptions(), out ScriptedPeer peer);
        peer.Signal("10.0.0.2:1");
        Assert.Multiple(() =>
        {
            Assert.That(peer.Add(Host("10.0.0.3:1", foundation: "r2")), Is.Not.Null);
            Assert.That(agent.Core.GetRemoteCandidates(), Has.Count.EqualTo(1));
            Assert.That(agent.Pairs, Has.Count.EqualTo(1));
        });
    }

    [Test]
    [Rfc(8838, "14")]
    public void The_end_of_candidates_of_one_stream_does_not_end_another()
    {
        var agent = new TestAgent(new IceCoreOptions { Streams = [1, 1] });
        agent.AddHost("10.0.0.1:1", new ComponentId(0, 1));
        agent.AddHost("10.0.0.1:2", new ComponentId(1, 1));
        var peer = new ScriptedPeer(agent);
        peer.SignalParameters();
        peer.SignalParameters(1);
        peer.End();
        Assert.That(peer.Add(Host("10.0.0.2:1")), Is.Not.Null);
        Assert.That(peer.Add(Host("10.0.0.2:2"), stream: 1), Is.Null);
    }

    [Test]
    [Rfc(8838, "11")]
    public void A_remote_candidate_without_a_local_one_is_kept_and_paired_when_a_local_one_comes()
    {
        var agent = new TestAgent();
        var peer = new ScriptedPeer(agent);
        peer.SignalParameters();
        peer.Add(Host("10.0.0.2:1"));
        agent.Advance(S(1));
        Assert.That(agent.Pairs, Is.Empty);
        agent.AddHost("10.0.0.1:5000");
        Assert.That(agent.Pairs, Has.Count.EqualTo(1));
        Assert.That(agent.NewChecks.Single().At, Is.EqualTo(Start + S(1)));
    }

    [Test]
    [Rfc(8838, "11")]
    public void A_candidate_that_comes_during_the_checks_is_checked_in_its_turn()
    {
        TestAgent agent = Agent(new IceCoreOptions(), out ScriptedPeer peer);
        peer.SignalParameters();
        peer.Add(Host("10.0.0.2:1", Priority(HostPreference, 100), "a"));
        peer.Add(Host("10.0.0.3:1", Priority(HostPreference, 90), "b"));
        peer.Add(Host("10.0.0.4:1", Priority(HostPreference, 80), "c"));
        agent.Advance(Ms(20));
        peer.Add(Host("10.0.0.5:1", Priority(HostPreference, 200), "d"));
        agent.Advance(Ms(500));
        Assert.That(agent.NewChecks.Select(c => c.To), Is.EqualTo(new[] { 2, 5, 3, 4 }.Select(i => At($"10.0.0.{i}:1"))));
        Assert.That(agent.NewChecks.Select(c => (c.At - Start).TotalMilliseconds), Is.EqualTo(new[] { 0d, 50, 100, 150 }));
    }

    [Test]
    [Rfc(8838, "9")]
    public void The_same_candidate_twice_is_the_same_pair()
    {
        TestAgent agent = Agent(new IceCoreOptions(), out ScriptedPeer peer);
        peer.SignalParameters();
        peer.Add(Host("10.0.0.2:1"));
        int id = agent.Pairs.Single().Id;
        peer.Add(Host("10.0.0.2:1"));
        agent.Advance(S(1));
        Assert.Multiple(() =>
        {
            Assert.That(agent.Pairs.Single().Id, Is.EqualTo(id));
            Assert.That(agent.Core.GetRemoteCandidates(), Has.Count.EqualTo(1));
            Assert.That(agent.NewChecks.Count(), Is.EqualTo(1));
        });
    }

    [Test]
    [Rfc(8838, "10")]
    public void A_pair_whose_check_is_under_way_is_not_removed_by_a_better_redundant_one()
    {
        // The server-reflexive candidate comes late: its pair is redundant with that of its base and changes nothing.
        TestAgent agent = Agent(new IceCoreOptions(), out ScriptedPeer peer);
        peer.SignalParameters();
        peer.Add(Host("10.0.0.2:1"));
        int id = agent.Pairs.Single().Id;
        Assert.That(agent.Pairs.Single().State, Is.EqualTo(CandidatePairState.InProgress));
        agent.Network = sent => sent.To.Port == 3478
            ? new Craft { Class = Stun.StunClass.SuccessResponse, Id = sent.Message.Id, XorMapped = At("203.0.113.5:6000") }.ToBytes(new SeededEntropy(3))
            : null;
        agent.Do(now => agent.Core.AddServer(new GatheringServer(1, At("198.51.100.1:3478"), "stun:a"), now));
        agent.Advance(Ms(200));
        Assert.That(agent.Core.GetLocalCandidates(), Has.Count.EqualTo(2));
        Assert.That(agent.Pairs.Single().Id, Is.EqualTo(id));
        Assert.That(agent.NewChecks.Count(), Is.EqualTo(1));
    }

    [Test]
    [Rfc(8838, "13")]
    public void No_candidate_is_signalled_after_GatheringCompleted()
    {
        TestAgent agent = Agent(new IceCoreOptions(), out _);
        agent.Do(now => agent.Core.AddServer(new GatheringServer(1, At("198.51.100.1:3478"), "stun:a"), now));
        agent.Do(agent.Core.EndGatheringInputs);
        SentDatagram request = agent.Sent.Single();
        agent.Advance(S(60));
        agent.Receive(request.Path, new Craft { Class = Stun.StunClass.SuccessResponse, Id = request.Message.Id, XorMapped = At("203.0.113.5:6000") }.ToBytes(new SeededEntropy(3)));
        int completed = agent.Events.FindIndex(e => e.Event is IceEvent.GatheringCompleted);
        Assert.Multiple(() =>
        {
            Assert.That(completed, Is.Positive);
            Assert.That(agent.Events.Skip(completed).Where(e => e.Event is IceEvent.LocalCandidate), Is.Empty);
            Assert.That(agent.EventsOf<IceEvent.GatheringCompleted>().Count(), Is.EqualTo(1));
        });
    }

    [Test]
    [Rfc(8838, "13")]
    public void No_candidate_is_signalled_after_the_nomination()
    {
        TestAgent agent = Agent(new IceCoreOptions { Role = IceRole.Controlled }, out ScriptedPeer peer);
        agent.Do(now => agent.Core.AddServer(new GatheringServer(1, At("198.51.100.1:3478"), "stun:a"), now));
        agent.Do(agent.Core.EndGatheringInputs);
        SentDatagram request = agent.Sent.Single();
        agent.Network = peer.Answering(_ => At("10.0.0.1:5000"));
        peer.Signal("10.0.0.2:1");
        agent.Advance(Ms(100));
        peer.SendCheck(new BaseId(1), "10.0.0.2:1", useCandidate: true);
        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Connected));
        agent.Forget();
        agent.Receive(request.Path, new Craft { Class = Stun.StunClass.SuccessResponse, Id = request.Message.Id, XorMapped = At("203.0.113.5:6000") }.ToBytes(new SeededEntropy(3)));
        Assert.Multiple(() =>
        {
            Assert.That(agent.EventsOf<IceEvent.LocalCandidate>(), Is.Empty);
            Assert.That(agent.EventsOf<IceEvent.ServerResult>().Single().Failure, Is.Null, "what the server answered is told all the same");
            Assert.That(agent.Core.GatheringState, Is.EqualTo(GatheringState.Complete));
        });
    }

    [Test]
    [Rfc(8838, "13")]
    public void A_base_that_comes_after_the_nomination_waits_for_the_next_session()
    {
        TestAgent agent = Agent(new IceCoreOptions { Role = IceRole.Controlled }, out ScriptedPeer peer);
        agent.Network = peer.Answering(_ => At("10.0.0.1:5000"));
        peer.Signal("10.0.0.2:1");
        peer.SendCheck(new BaseId(1), "10.0.0.2:1", useCandidate: true);
        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Connected));
        agent.Forget();
        agent.AddHost("10.0.7.1:5000", localPreference: 65534);
        Assert.That(agent.EventsOf<IceEvent.LocalCandidate>(), Is.Empty);
        agent.Do(now => agent.Core.Restart(null, now));
        Assert.That(agent.EventsOf<IceEvent.LocalCandidate>().Select(e => e.Candidate.Address), Is.EqualTo(new[] { At("10.0.0.1:5000"), At("10.0.7.1:5000") }));
    }

    [Test]
    [Rfc(8838, "17")]
    public void Components_are_signalled_in_order()
    {
        var agent = new TestAgent(new IceCoreOptions { Streams = [2] });
        agent.AddHost("10.0.0.1:1", new ComponentId(0, 1));
        agent.AddHost("10.0.0.1:2", new ComponentId(0, 2));
        Assert.That(agent.EventsOf<IceEvent.LocalCandidate>().Select(e => e.Candidate.Component), Is.EqualTo(new[] { 1, 2 }));
    }

    [Test]
    [Rfc(8838, "8")]
    public void Two_agents_that_trickle_one_candidate_at_a_time_connect()
    {
        foreach (int seed in Enumerable.Range(1, 10))
        {
            var pair = new Pair(seed: seed);
            pair.SignalParameters();
            pair.Left.AddHost("10.0.0.1:1", pair.Now);
            pair.Drive(Ms(70));
            pair.SignalCandidates(pair.Left);
            pair.Drive(Ms(70));
            pair.Right.AddHost("10.0.0.2:2", pair.Now);
            pair.Drive(Ms(70));
            pair.SignalCandidates(pair.Right);
            Assert.That(
                pair.DriveUntil(() => pair.Left.Core.State == IceConnectionState.Connected && pair.Right.Core.State == IceConnectionState.Connected, S(10)),
                Is.True,
                $"seed {seed}");
        }
    }
    private static TestAgent Agent(IceCoreOptions options, out ScriptedPeer peer)
    {
        var agent = new TestAgent(options);
        agent.AddHost("10.0.0.1:5000");
        peer = new ScriptedPeer(agent, options.Role == IceRole.Controlling ? IceRole.Controlled : IceRole.Controlling);
        return agent;
    }
}
