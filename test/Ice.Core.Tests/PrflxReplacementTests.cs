using Ice.Core.Tests.Harness;
using Ice.Testing;
using static Ice.Core.Tests.Harness.Make;

namespace Ice.Core.Tests;

/// <summary>A candidate that was learned from a check and is signalled afterwards: the pair stays what it is.</summary>
[TestFixture]
[Rfc(8445, "7.3.1.3")]
[Rfc(8838, "11")]
internal sealed class PrflxReplacementTests
{
    private static readonly BaseId s_base = new(1);

    [TestCase(CandidatePairState.InProgress)]
    [TestCase(CandidatePairState.Succeeded)]
    [TestCase(CandidatePairState.Failed)]
    public void The_pair_keeps_its_identity_and_its_state(CandidatePairState state)
    {
        TestAgent agent = Agent(out ScriptedPeer peer);
        peer.SignalParameters();
        peer.SendCheck(s_base, "10.0.0.2:1");
        SentDatagram check = agent.NewChecks.Single();
        if (state == CandidatePairState.Succeeded)
            peer.Succeed(check, "10.0.0.1:5000");
        if (state == CandidatePairState.Failed)
            peer.Fail(check, 400);
        CandidatePairInfo before = agent.Pairs.Single();
        Assert.That(before.State, Is.EqualTo(state));
        Assert.That(before.Remote.Type, Is.EqualTo(IceCandidateType.PeerReflexive));
        IceCandidate signalled = Candidate(IceCandidateType.ServerReflexive, At("10.0.0.2:1"), Priority(ServerReflexivePreference), "signalled");
        Assert.That(peer.Add(signalled), Is.Null);
        CandidatePairInfo after = agent.Pairs.Single();
        IceCandidate remote = agent.Core.GetRemoteCandidates().Single();
        Assert.Multiple(() =>
        {
            Assert.That(after.Id, Is.EqualTo(before.Id));
            Assert.That(after.State, Is.EqualTo(state));
            Assert.That(after.RequestsSent, Is.EqualTo(before.RequestsSent));
            Assert.That(after.Remote.Type, Is.EqualTo(IceCandidateType.ServerReflexive));
            Assert.That(remote.Foundation, Is.EqualTo("signalled"), "§7.3.1.3: it will signal the actual foundation for the candidate");
        });
    }

    [Test]
    public void A_nominated_pair_stays_nominated_and_selected()
    {
        TestAgent agent = Agent(out ScriptedPeer peer);
        agent.Network = peer.Answering(_ => At("10.0.0.1:5000"));
        peer.SignalParameters();
        peer.SendCheck(s_base, "10.0.0.2:1", useCandidate: true);
        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Connected));
        CandidatePairInfo before = agent.Selected!;
        agent.Forget();
        peer.Add(Host("10.0.0.2:1", foundation: "signalled"));
        agent.Advance(S(3));
        Assert.Multiple(() =>
        {
            Assert.That(agent.Selected!.Id, Is.EqualTo(before.Id));
            Assert.That(agent.Selected!.Nominated, Is.True);
            Assert.That(agent.Selected!.State, Is.EqualTo(CandidatePairState.Succeeded));
            Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Connected));
            Assert.That(agent.EventsOf<IceEvent.StateChanged>(), Is.Empty);
            Assert.That(agent.EventsOf<IceEvent.SendPathChanged>().Where(e => e.Pair is null), Is.Empty);
        });
    }

    [Test]
    [Rfc(8445, "8.1.1")]
    public void Of_several_nominated_pairs_the_best_is_selected_once_its_priority_is_signalled()
    {
        TestAgent agent = Agent(out ScriptedPeer peer);
        agent.Network = peer.Answering(_ => At("10.0.0.1:5000"));
        // A peer of RFC 5245 nominates with each check.
        peer.Parameters = peer.Parameters with { Options = [] };
        peer.SignalParameters();
        peer.SendCheck(s_base, "10.0.0.2:1", useCandidate: true);
        peer.Add(Host("10.0.0.3:1", Priority(HostPreference, 65534), "second"));
        peer.SendCheck(s_base, "10.0.0.3:1", useCandidate: true);
        agent.Advance(Ms(100));
        Assert.That(agent.Selected!.Path.Remote, Is.EqualTo(At("10.0.0.3:1")), "a host candidate before a peer-reflexive one");
        peer.Add(Host("10.0.0.2:1", Priority(HostPreference, 65535), "first"));
        Assert.Multiple(() =>
        {
            Assert.That(agent.Selected!.Path.Remote, Is.EqualTo(At("10.0.0.2:1")), "what the peer has selected, too");
            Assert.That(agent.EventsOf<IceEvent.SendPathChanged>().Last().Pair!.Path.Remote, Is.EqualTo(At("10.0.0.2:1")));
            Assert.That(agent.EventsOf<IceEvent.PairChanged>().Last(e => e.Pair.Path.Remote == At("10.0.0.2:1")).Pair.Selected, Is.True);
            Assert.That(agent.EventsOf<IceEvent.PairChanged>().Last(e => e.Pair.Path.Remote == At("10.0.0.3:1")).Pair.Selected, Is.False);
        });
    }

    [Test]
    [Rfc(8445, "8.1.1")]
    public void A_nominated_pair_goes_on_being_checked_until_its_priority_is_signalled()
    {
        TestAgent agent = Agent(out ScriptedPeer peer);
        agent.Network = peer.Answering(_ => At("10.0.0.1:5000"), only: s => s.To == At("10.0.0.3:1"));
        peer.Parameters = peer.Parameters with { Options = [] };
        peer.SignalParameters();
        peer.SendCheck(s_base, "10.0.0.2:1", useCandidate: true);
        peer.Add(Host("10.0.0.3:1", Priority(HostPreference, 65534), "second"));
        peer.SendCheck(s_base, "10.0.0.3:1", useCandidate: true);
        agent.Advance(Ms(100));
        Assert.That(agent.Selected!.Path.Remote, Is.EqualTo(At("10.0.0.3:1")));
        peer.Add(Host("10.0.0.2:1", Priority(HostPreference, 65535), "first"));
        peer.Succeed(agent.ChecksTo("10.0.0.2:1")[0], "10.0.0.1:5000");
        Assert.That(agent.Selected!.Path.Remote, Is.EqualTo(At("10.0.0.2:1")), "the peer has had its answer, and has selected it");
    }

    [Test]
    public void A_candidate_that_is_signalled_first_is_not_learned_a_second_time()
    {
        TestAgent agent = Agent(out ScriptedPeer peer);
        peer.SignalParameters();
        peer.Add(Host("10.0.0.2:1"));
        peer.SendCheck(s_base, "10.0.0.2:1");
        Assert.Multiple(() =>
        {
            Assert.That(agent.Core.GetRemoteCandidates().Single().Type, Is.EqualTo(IceCandidateType.Host));
            Assert.That(agent.Pairs, Has.Count.EqualTo(1));
        });
    }

    [Test]
    public void The_signalled_candidate_is_paired_with_the_other_bases_too()
    {
        TestAgent agent = Agent(out ScriptedPeer peer);
        BaseId other = agent.AddHost("10.0.7.1:5000", localPreference: 65534);
        peer.SignalParameters();
        peer.SendCheck(s_base, "10.0.0.2:1");
        Assert.That(agent.Pairs, Has.Count.EqualTo(1));
        peer.Add(Host("10.0.0.2:1", foundation: "signalled"));
        Assert.That(agent.Pairs.Select(p => p.Path.Base), Is.EquivalentTo(new[] { s_base, other }));
    }

    private static TestAgent Agent(out ScriptedPeer peer)
    {
        var agent = new TestAgent(new IceCoreOptions { Role = IceRole.Controlled });
        agent.AddHost("10.0.0.1:5000");
        peer = new ScriptedPeer(agent, IceRole.Controlling);
        return agent;
    }
}
