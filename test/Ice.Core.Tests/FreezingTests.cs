using Ice.Core.Tests.Harness;
using Ice.Testing;
using static Ice.Core.Tests.Harness.Make;

namespace Ice.Core.Tests;

[TestFixture]
internal sealed class FreezingTests
{
    private static readonly (int Stream, string[] Foundations)[] s_table =
    [
        (0, ["f1", "f2", "f3"]),
        (1, ["f1", "f2", "f3", "f4"]),
        (2, ["f1", "f5"]),
    ];

    [Test]
    [Rfc(8445, "6.1.2.6")]
    public void Of_each_foundation_exactly_the_first_pair_waits_as_in_Table_1()
    {
        TestAgent agent = TableAgent(out _);
        var waiting = agent.Pairs.Where(p => p.State != CandidatePairState.Frozen).Select(p => (p.Component.Stream, p.Remote.Foundation)).ToList();
        Assert.Multiple(() =>
        {
            Assert.That(agent.Pairs, Has.Count.EqualTo(9));
            Assert.That(waiting, Is.EquivalentTo(new[] { (0, "f1"), (0, "f2"), (0, "f3"), (1, "f4"), (2, "f5") }));
            Assert.That(agent.Pairs.Count(p => p.State == CandidatePairState.InProgress), Is.EqualTo(1), "the first check leaves at once");
        });
    }

    [Test]
    [Rfc(8445, "7.2.5.3.3")]
    public void A_success_unfreezes_the_pairs_of_the_same_foundation_in_all_checklists_and_no_others()
    {
        TestAgent agent = TableAgent(out ScriptedPeer peer);
        SentDatagram first = agent.NewChecks.Single();
        Assert.That(agent.Pairs.Single(p => p.State == CandidatePairState.InProgress).Remote.Foundation, Is.EqualTo("f1"));
        peer.Succeed(first, "10.0.0.1:5000");
        Assert.Multiple(() =>
        {
            Assert.That(State(agent, 0, "f1"), Is.EqualTo(CandidatePairState.Succeeded));
            Assert.That(State(agent, 1, "f1"), Is.Not.EqualTo(CandidatePairState.Frozen));
            Assert.That(State(agent, 2, "f1"), Is.Not.EqualTo(CandidatePairState.Frozen));
            Assert.That(State(agent, 1, "f2"), Is.EqualTo(CandidatePairState.Frozen));
            Assert.That(State(agent, 1, "f3"), Is.EqualTo(CandidatePairState.Frozen));
        });
    }

    [Test]
    [Rfc(8445, "7.2.5.2")]
    [Rfc(8445, "6.1.4.2")]
    public void A_failure_does_not_touch_others_but_a_frozen_pair_of_a_foundation_without_checks_has_its_turn()
    {
        // One foundation only: the pair of the second stream waits for the first one.
        var agent = new TestAgent(new IceCoreOptions { Streams = [1, 1] });
        agent.AddHost("10.0.0.1:5000", new ComponentId(0, 1));
        agent.AddHost("10.0.0.1:5001", new ComponentId(1, 1));
        var peer = new ScriptedPeer(agent);
        agent.Core.AddRemoteCandidate(0, Host("10.0.0.2:1", foundation: "f"), agent.Now);
        agent.Core.AddRemoteCandidate(1, Host("10.0.0.2:2", foundation: "f"), agent.Now);
        agent.Core.SetRemoteParameters(0, peer.Parameters, agent.Now);
        agent.Core.SetRemoteParameters(1, peer.Parameters, agent.Now);
        agent.Settle();
        agent.Advance(Ms(400));
        Assert.That(agent.NewChecks.Select(c => c.To.Port), Is.EqualTo(new[] { 1 }));
        Assert.That(agent.Pairs.Single(p => p.Component.Stream == 1).State, Is.EqualTo(CandidatePairState.Frozen));
        peer.Fail(agent.NewChecks.Single(), 400);
        agent.Advance(Ms(50));
        Assert.That(agent.NewChecks.Select(c => c.To.Port), Is.EqualTo(new[] { 1, 2 }));
        Assert.That(agent.Pairs.Single(p => p.Component.Stream == 0).State, Is.EqualTo(CandidatePairState.Failed));
    }

    [Test]
    [Rfc(8445, "6.1.2.6")]
    public void With_two_streams_of_two_components_the_lowest_component_of_the_first_checklist_goes_first()
    {
        var agent = new TestAgent(new IceCoreOptions { Streams = [2, 2] });
        var peer = new ScriptedPeer(agent);
        foreach (int stream in new[] { 0, 1 })
        {
            foreach (int component in new[] { 1, 2 })
                agent.AddHost($"10.0.0.1:{5000 + (10 * stream) + component}", new ComponentId(stream, component));
        }

        foreach (int stream in new[] { 0, 1 })
        {
            foreach (int component in new[] { 1, 2 })
                agent.Core.AddRemoteCandidate(stream, Host($"10.0.0.2:{5000 + (10 * stream) + component}", foundation: "f", component: component), agent.Now);
        }

        agent.Core.SetRemoteParameters(0, peer.Parameters, agent.Now);
        agent.Core.SetRemoteParameters(1, peer.Parameters, agent.Now);
        agent.Settle();
        Assert.Multiple(() =>
        {
            Assert.That(agent.Pairs.Single(p => p.State != CandidatePairState.Frozen).Component, Is.EqualTo(new ComponentId(0, 1)));
            Assert.That(agent.Pairs.Count(p => p.State == CandidatePairState.Frozen), Is.EqualTo(3));
        });
        peer.Succeed(agent.NewChecks.Single(), "10.0.0.1:5001");
        Assert.That(agent.Pairs.Where(p => p.State == CandidatePairState.Frozen), Is.Empty);
    }

    [Test]
    [Rfc(8838, "12")]
    public void A_pair_that_comes_later_waits_when_it_is_topmost_or_its_foundation_succeeded_and_is_frozen_otherwise()
    {
        // The rules of Trickle ICE: 1 topmost pair of its foundation, 2 foundation with success, 3 all others.
        var agent = new TestAgent(new IceCoreOptions { Streams = [2], Pacing = S(1) });
        agent.AddHost("10.0.0.1:5001", new ComponentId(0, 1));
        agent.AddHost("10.0.0.1:5002", new ComponentId(0, 2));
        var peer = new ScriptedPeer(agent);
        peer.Parameters = peer.Parameters with { PacingMilliseconds = 1000 };
        peer.SignalParameters();
        peer.Add(Host("10.0.0.2:1", foundation: "f1", component: 1));
        peer.Add(Host("10.0.0.2:2", foundation: "f1", component: 2));
        Assert.That(agent.PairTo("10.0.0.2:2").State, Is.EqualTo(CandidatePairState.Frozen), "rule 3");
        peer.Add(Host("10.0.0.3:1", foundation: "f2", component: 1));
        Assert.That(agent.PairTo("10.0.0.3:1").State, Is.EqualTo(CandidatePairState.Waiting), "rule 1");
        peer.Succeed(agent.ChecksTo("10.0.0.2:1")[0], "10.0.0.1:5001");
        Assert.That(agent.PairTo("10.0.0.2:2").State, Is.Not.EqualTo(CandidatePairState.Frozen), "RFC 8445 §7.2.5.3.3");
        peer.Add(Host("10.0.0.4:2", Priority(HostPreference, 1, 2), "f1", component: 2));
        Assert.That(agent.PairTo("10.0.0.4:2").State, Is.EqualTo(CandidatePairState.Waiting), "rule 2");
    }

    private static CandidatePairState State(TestAgent agent, int stream, string foundation) =>
        agent.Pairs.Single(p => p.Component.Stream == stream && p.Remote.Foundation == foundation).State;

    private static TestAgent TableAgent(out ScriptedPeer peer)
    {
        var agent = new TestAgent(new IceCoreOptions { Streams = [1, 1, 1] });
        peer = new ScriptedPeer(agent);
        foreach ((int stream, _) in s_table)
            agent.AddHost($"10.0.0.1:{5000 + stream}", new ComponentId(stream, 1));
        foreach ((int stream, string[] foundations) in s_table)
        {
            foreach (string f in foundations)
                agent.Core.AddRemoteCandidate(stream, Host($"10.0.{f[1]}.2:{100 + stream}", Priority(HostPreference, 1000 - f[1]), f), agent.Now);
        }

        // The parameters last, so that no check leaves before the checklists are whole.
        for (int stream = 0; stream < s_table.Length; stream++)
            agent.Core.SetRemoteParameters(stream, peer.Parameters, agent.Now);
        agent.Settle();
        return agent;
    }
}
