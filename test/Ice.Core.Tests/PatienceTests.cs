using Ice.Core.Tests.Harness;
using Ice.Testing;
using Stun;
using static Ice.Core.Tests.Harness.Make;

namespace Ice.Core.Tests;

/// <summary>Patiently Awaiting Connectivity: no failure before the PAC timer has run out.</summary>
[TestFixture]
[Rfc(8863, "4")]
internal sealed class PatienceTests
{
    private static readonly BaseId s_base = new(1);

    [Test]
    public void Without_any_candidate_of_the_peer_the_agent_fails_when_the_timer_ends_and_not_before()
    {
        TestAgent agent = Agent(new IceCoreOptions(), out ScriptedPeer peer);
        agent.Advance(S(7));
        peer.Signal();
        Instant start = agent.Now;
        agent.Advance(Ms(39_499));
        Assert.That(agent.Core.State, Is.Not.EqualTo(IceConnectionState.Failed));
        agent.Advance(Ms(1));
        (Instant At, IceEvent Event) failed = agent.Events.Last(e => e.Event is IceEvent.StateChanged);
        Assert.Multiple(() =>
        {
            Assert.That(failed.At - start, Is.EqualTo(Ms(39_500)), "it starts when the credentials of the peer are known");
            Assert.That(((IceEvent.StateChanged)failed.Event).State, Is.EqualTo(IceConnectionState.Failed));
            Assert.That(((IceEvent.StateChanged)failed.Event).Reason, Is.EqualTo(IceFailureReason.NoRemoteCandidates));
        });
    }

    [Test]
    public void Candidates_of_no_use_fail_only_when_the_timer_ends()
    {
        TestAgent agent = Agent(new IceCoreOptions(), out ScriptedPeer peer);
        peer.Signal("[2001:db8::2]:1");
        Assert.That(agent.Pairs, Is.Empty);
        agent.Advance(Ms(39_499));
        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Checking));
        agent.Advance(Ms(1));
        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Failed));
        Assert.That(agent.EventsOf<IceEvent.StateChanged>().Last().Reason, Is.EqualTo(IceFailureReason.NoCandidatePairs));
    }

    [Test]
    public void Pairs_that_all_failed_at_once_fail_the_session_only_when_the_timer_ends()
    {
        TestAgent agent = Agent(new IceCoreOptions(), out ScriptedPeer peer);
        peer.Signal("10.0.0.2:1");
        peer.Fail(agent.Checks.Single(), 400);
        agent.Advance(Ms(39_499));
        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Checking));
        agent.Advance(Ms(1));
        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Failed));
        Assert.That(agent.EventsOf<IceEvent.StateChanged>().Last().Reason, Is.EqualTo(IceFailureReason.AllChecksFailed));
    }

    [Test]
    public void A_check_of_the_peer_during_the_wait_connects()
    {
        TestAgent agent = Agent(new IceCoreOptions(), out ScriptedPeer peer);
        agent.Network = peer.Answering(_ => At("10.0.0.1:5000"));
        peer.Signal();
        agent.Advance(S(39));
        peer.SendCheck(s_base, "203.0.113.9:9");
        Assert.That(agent.AdvanceUntil(() => agent.Core.State == IceConnectionState.Connected, S(2)), Is.True);
        Assert.That(agent.Selected!.Remote.Type, Is.EqualTo(IceCandidateType.PeerReflexive));
    }

    [Test]
    [Rfc(8863, "5")]
    public void With_trickle_the_timer_runs_on_after_the_end_of_candidates()
    {
        TestAgent agent = Agent(new IceCoreOptions(), out ScriptedPeer peer);
        peer.SignalParameters();
        agent.Advance(S(10));
        peer.End();
        agent.Advance(S(29));
        Assert.That(agent.Core.State, Is.Not.EqualTo(IceConnectionState.Failed));
        agent.Advance(Ms(500));
        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Failed));
    }

    [Test]
    public void A_check_that_is_under_way_when_the_timer_ends_may_still_succeed()
    {
        TestAgent agent = Agent(new IceCoreOptions(), out ScriptedPeer peer);
        peer.Signal();
        agent.Advance(S(30));
        peer.SendCheck(s_base, "203.0.113.9:9");
        agent.Advance(S(20));
        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Checking), "the pair is neither failed nor succeeded yet");
        peer.Succeed(agent.NewChecks.Single(), "10.0.0.1:5000");
        agent.Network = peer.Answering(_ => At("10.0.0.1:5000"));
        Assert.That(agent.AdvanceUntil(() => agent.Core.State == IceConnectionState.Connected, S(2)), Is.True);
    }

    [Test]
    [Rfc(8863, "5")]
    [Rfc(8838, "8")]
    public void Without_end_of_candidates_the_session_fails_all_the_same_after_a_second_patience()
    {
        TestAgent agent = Agent(new IceCoreOptions(), out ScriptedPeer peer);
        peer.SignalParameters();
        agent.Advance(S(20));
        peer.Add(Host("10.0.0.2:1"));
        peer.Fail(agent.Checks.Single(), 400);
        agent.Advance(Ms(39_499));
        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Checking), "the peer may send more");
        agent.Advance(Ms(1));
        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Failed));
    }

    [Test]
    public void A_controlled_agent_whose_peer_nominates_nothing_fails_in_the_end_and_says_so()
    {
        var agent = new TestAgent(new IceCoreOptions { Role = IceRole.Controlled });
        agent.AddHost("10.0.0.1:5000");
        agent.Do(agent.Core.EndGatheringInputs);
        var peer = new ScriptedPeer(agent, IceRole.Controlling);
        agent.Network = peer.Answering(_ => At("10.0.0.1:5000"));
        peer.Signal("10.0.0.2:1");
        agent.Advance(Ms(39_499));
        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Checking));
        agent.Advance(Ms(1));
        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Failed));
        Assert.That(agent.EventsOf<IceEvent.StateChanged>().Last().Reason, Is.EqualTo(IceFailureReason.NotNominated));
    }

    [Test]
    public void The_duration_can_be_configured()
    {
        TestAgent agent = Agent(new IceCoreOptions { PatienceTimeout = S(5) }, out ScriptedPeer peer);
        peer.Signal();
        agent.Advance(Ms(4_999));
        Assert.That(agent.Core.State, Is.Not.EqualTo(IceConnectionState.Failed));
        agent.Advance(Ms(1));
        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Failed));
    }

    private static TestAgent Agent(IceCoreOptions options, out ScriptedPeer peer)
    {
        var agent = new TestAgent(options);
        agent.AddHost("10.0.0.1:5000");
        agent.Do(agent.Core.EndGatheringInputs);
        peer = new ScriptedPeer(agent);
        return agent;
    }
}
