using Ice.Core.Tests.Harness;
using Ice.Testing;
using Stun;
using static Ice.Core.Tests.Harness.Make;

namespace Ice.Core.Tests;

[TestFixture]
internal sealed class PruningTests
{
    [Test]
    [Rfc(8445, "6.1.2.4")]
    [Rfc(8838, "10")]
    public void A_reflexive_local_candidate_is_replaced_by_its_base_and_the_redundant_pair_is_removed()
    {
        var agent = new TestAgent();
        BaseId id = agent.AddHost("10.0.0.1:5000");
        agent.Network = sent => sent.To.Port == 3478
            ? new Craft { Class = StunClass.SuccessResponse, Id = sent.Message.Id, XorMapped = At("203.0.113.5:6000") }.ToBytes(new SeededEntropy(3))
            : null;
        agent.Do(now => agent.Core.AddServer(new GatheringServer(1, At("198.51.100.1:3478"), "stun:a"), now));
        Assert.That(agent.Core.GetLocalCandidates(), Has.Count.EqualTo(2));
        var peer = new ScriptedPeer(agent);
        peer.Signal("10.0.0.2:1", "10.0.0.3:1");
        agent.Advance(S(1));
        Assert.Multiple(() =>
        {
            Assert.That(agent.Pairs.Select(p => p.Path), Is.EquivalentTo(new[] { new IcePath(id, At("10.0.0.2:1")), new IcePath(id, At("10.0.0.3:1")) }));
            Assert.That(agent.Pairs.Select(p => p.Local.Type), Is.All.EqualTo(IceCandidateType.Host), "the pair of higher priority stays");
            Assert.That(agent.NewChecks.Count(), Is.EqualTo(2), "one check per pair");
        });
    }

    [Test]
    [Rfc(8445, "6.1.2.5")]
    [Rfc(8445, "19.5.1")]
    public void There_are_never_more_than_100_pairs_by_default_and_the_best_ones_stay()
    {
        var agent = new TestAgent();
        agent.AddHost("10.0.0.1:5000");
        var peer = new ScriptedPeer(agent);
        foreach (int i in Enumerable.Range(0, 250))
            agent.Core.AddRemoteCandidate(0, Host($"10.0.{i}.2:1", Priority(HostPreference, i), $"r{i}"), agent.Now);
        peer.SignalParameters();
        Assert.That(agent.Pairs, Has.Count.EqualTo(100));
        Assert.That(agent.Pairs.Select(p => p.Remote.Priority), Is.EqualTo(Enumerable.Range(150, 100).Reverse().Select(i => Priority(HostPreference, i))));
        agent.Advance(S(200));
        Assert.That(agent.NewChecks.Select(c => c.To).Distinct().Count(), Is.EqualTo(100));
    }

    [Test]
    [Rfc(8445, "6.1.2.5")]
    public void The_limit_of_pairs_can_be_configured()
    {
        var agent = new TestAgent(new IceCoreOptions { MaxPairs = 7 });
        agent.AddHost("10.0.0.1:5000");
        var peer = new ScriptedPeer(agent);
        peer.Signal([.. Enumerable.Range(0, 20).Select(i => $"10.0.{i}.2:1")]);
        Assert.That(agent.Pairs.Select(p => p.Remote.Address), Is.EqualTo(Enumerable.Range(0, 7).Select(i => At($"10.0.{i}.2:1"))));
    }

    [Test]
    [Rfc(8445, "6.1.2.5")]
    public void Pairs_are_discarded_evenly_over_the_checklists()
    {
        var agent = new TestAgent(new IceCoreOptions { Streams = [1, 1], MaxPairs = 10 });
        agent.AddHost("10.0.0.1:5000", new ComponentId(0, 1));
        agent.AddHost("10.0.0.1:5001", new ComponentId(1, 1));
        var peer = new ScriptedPeer(agent);
        foreach (int stream in new[] { 0, 1 })
        {
            foreach (int i in Enumerable.Range(0, 20))
                agent.Core.AddRemoteCandidate(stream, Host($"10.0.{i}.2:{stream + 1}", Priority(HostPreference, 1000 - i), $"r{i}"), agent.Now);
        }

        peer.SignalParameters();
        peer.SignalParameters(1);
        Assert.That(agent.Pairs.GroupBy(p => p.Component.Stream).Select(g => g.Count()), Is.EqualTo(new[] { 5, 5 }));
    }

    [Test]
    [Rfc(8838, "10")]
    [Rfc(8838, "11")]
    public void At_the_limit_a_failed_pair_makes_room_first_then_the_one_of_least_priority()
    {
        var agent = new TestAgent(new IceCoreOptions { MaxPairs = 3 });
        agent.AddHost("10.0.0.1:5000");
        var peer = new ScriptedPeer(agent);
        peer.SignalParameters();
        peer.Add(Host("10.0.0.2:1", Priority(HostPreference, 900), "r1"));
        peer.Add(Host("10.0.0.3:1", Priority(HostPreference, 800), "r2"));
        peer.Add(Host("10.0.0.4:1", Priority(HostPreference, 700), "r3"));
        Assert.That(agent.AdvanceUntil(() => agent.ChecksTo("10.0.0.2:1").Count == 1, S(1)), Is.True);
        peer.Fail(agent.ChecksTo("10.0.0.2:1")[0], 400);
        Assert.That(agent.PairTo("10.0.0.2:1").State, Is.EqualTo(CandidatePairState.Failed));
        peer.Add(Host("10.0.0.5:1", Priority(HostPreference, 100), "r4"));
        Assert.That(agent.Pairs.Select(p => p.Remote.Address), Is.EqualTo(new[] { At("10.0.0.3:1"), At("10.0.0.4:1"), At("10.0.0.5:1") }));
        peer.Add(Host("10.0.0.6:1", Priority(HostPreference, 750), "r5"));
        Assert.That(agent.Pairs.Select(p => p.Remote.Address), Is.EqualTo(new[] { At("10.0.0.3:1"), At("10.0.0.6:1"), At("10.0.0.4:1") }));
        peer.Add(Host("10.0.0.7:1", Priority(HostPreference, 50), "r6"));
        Assert.That(agent.Pairs, Has.Count.EqualTo(3));
        Assert.That(agent.Pairs.Select(p => p.Remote.Address), Does.Not.Contain(At("10.0.0.7:1")), "nothing has less priority: the new pair is not added");
    }
}
