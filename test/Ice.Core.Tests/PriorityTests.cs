using Ice.Core.Tests.Harness;
using Ice.Testing;
using static Ice.Core.Tests.Harness.Make;

namespace Ice.Core.Tests;

[TestFixture]
internal sealed class PriorityTests
{
    [TestCase(65535, 1, 2130706431u)]
    [TestCase(65535, 2, 2130706430u)]
    [TestCase(65535, 256, 2130706176u)]
    [TestCase(0, 1, 2113929471u)]
    [TestCase(32542, 1, 2122260223u)]
    [Rfc(8445, "5.1.2.1")]
    public void A_host_candidate_has_the_priority_of_the_formula(int localPreference, int component, uint expected)
    {
        var agent = new TestAgent(new IceCoreOptions { Streams = [256] });
        agent.AddHost("10.0.0.1:5000", new ComponentId(0, component), localPreference);
        Assert.That(agent.Core.GetLocalCandidates().Single().Priority, Is.EqualTo(expected));
    }

    [Test]
    [Rfc(8445, "5.1.2.1")]
    public void Every_candidate_of_a_stream_has_a_priority_of_its_own_also_with_several_servers()
    {
        var agent = new TestAgent(new IceCoreOptions { Streams = [2] });
        agent.AddHost("10.0.0.1:5000", new ComponentId(0, 1), 65535);
        agent.AddHost("10.0.1.1:5000", new ComponentId(0, 1), 65534);
        agent.AddHost("10.0.0.1:5001", new ComponentId(0, 2), 65535);
        agent.AddHost("10.0.1.1:5001", new ComponentId(0, 2), 65534);
        int port = 1000;
        agent.Network = sent => new Craft { Class = Stun.StunClass.SuccessResponse, Id = sent.Message.Id, XorMapped = At($"203.0.113.5:{port++}") }
            .ToBytes(new SeededEntropy(5));
        agent.Do(now => agent.Core.AddServer(new GatheringServer(1, At("198.51.100.1:3478"), "stun:a"), now));
        agent.Do(now => agent.Core.AddServer(new GatheringServer(2, At("198.51.100.2:3478"), "stun:b"), now));
        agent.Advance(S(2));
        IReadOnlyList<IceCandidate> candidates = agent.Core.GetLocalCandidates();
        Assert.Multiple(() =>
        {
            Assert.That(candidates, Has.Count.EqualTo(12), "4 hosts and 8 reflexive");
            Assert.That(candidates.Select(c => c.Priority), Is.Unique);
            Assert.That(candidates.Select(c => c.Priority), Is.All.InRange(1u, int.MaxValue));
            Assert.That(candidates.Where(c => c.Type == IceCandidateType.ServerReflexive).Select(c => c.Priority >> 24), Is.All.EqualTo(100u));
            Assert.That(candidates.Where(c => c.Type == IceCandidateType.Host).Select(c => c.Priority >> 24), Is.All.EqualTo(126u));
            Assert.That(candidates.Select(c => 256 - (int)(c.Priority & 0xFF)), Is.EqualTo(candidates.Select(c => c.Component)));
        });
    }

    [Test]
    [Rfc(8445, "5.1.2.2")]
    public void Type_preferences_are_the_recommended_ones()
    {
        Assert.Multiple(() =>
        {
            Assert.That(CandidatePriority.TypePreference(IceCandidateType.Host), Is.EqualTo(126));
            Assert.That(CandidatePriority.TypePreference(IceCandidateType.PeerReflexive), Is.EqualTo(110));
            Assert.That(CandidatePriority.TypePreference(IceCandidateType.ServerReflexive), Is.EqualTo(100));
            Assert.That(CandidatePriority.TypePreference(IceCandidateType.Relayed), Is.EqualTo(0));
        });
    }

    [TestCase(-1, 1)]
    [TestCase(65536, 1)]
    [TestCase(0, 0)]
    [TestCase(0, 257)]
    [Rfc(8445, "5.1.2.1")]
    public void A_local_preference_or_component_out_of_range_is_refused(int localPreference, int component) =>
        Assert.That(() => CandidatePriority.Compute(IceCandidateType.Host, localPreference, component), Throws.InstanceOf<ArgumentOutOfRangeException>());

    [Test]
    [Rfc(8445, "5.1.2.1")]
    public void The_extremes_of_the_formula_are_within_1_and_2_to_the_31_minus_1()
    {
        Assert.Multiple(() =>
        {
            Assert.That(CandidatePriority.Compute(IceCandidateType.Host, 65535, 1), Is.EqualTo(2_130_706_431u));
            Assert.That(CandidatePriority.Compute(IceCandidateType.Relayed, 0, 255), Is.EqualTo(1u));
            Assert.That(CandidatePriority.Compute(IceCandidateType.Relayed, 0, 256), Is.EqualTo(1u), "never 0: a priority is 1 or more");
        });
    }

    [Test]
    [Rfc(8445, "5.1.2")]
    public void Bases_that_were_given_the_same_preference_have_different_priorities_all_the_same()
    {
        var agent = new TestAgent();
        foreach (int i in Enumerable.Range(1, 5))
            agent.AddHost($"10.0.0.{i}:5000", localPreference: i < 4 ? 65535 : 0);
        var peer = new ScriptedPeer(agent);
        peer.Signal("10.0.9.9:1");
        agent.Advance(S(1));
        Assert.Multiple(() =>
        {
            Assert.That(agent.Core.GetLocalCandidates().Select(c => c.Priority), Is.Unique);
            Assert.That(agent.Core.GetLocalCandidates()[0].Priority, Is.EqualTo(Priority(HostPreference)));
            Assert.That(agent.NewChecks.Select(c => c.Message.Priority), Is.Unique.And.Exactly(5).Items);
        });
    }

    [TestCase(IceRole.Controlling)]
    [TestCase(IceRole.Controlled)]
    [Rfc(8445, "6.1.2.3")]
    public void A_pair_has_the_priority_of_the_formula_from_either_side(IceRole role)
    {
        var agent = new TestAgent(new IceCoreOptions { Role = role });
        agent.AddHost("10.0.0.1:5000", localPreference: 1000);
        var peer = new ScriptedPeer(agent, role == IceRole.Controlling ? IceRole.Controlled : IceRole.Controlling);
        peer.SignalParameters();
        uint ours = Priority(HostPreference, 1000);
        uint[] theirs = [ours - 5, ours, ours + 5];
        foreach (int i in Enumerable.Range(0, 3))
            peer.Add(Host($"10.0.0.{i + 2}:5000", theirs[i], $"r{i}"));
        foreach (int i in Enumerable.Range(0, 3))
        {
            ulong expected = role == IceRole.Controlling ? PairPriority(ours, theirs[i]) : PairPriority(theirs[i], ours);
            Assert.That(agent.PairTo($"10.0.0.{i + 2}:5000").Priority, Is.EqualTo(expected));
        }

        Assert.That(agent.Pairs.Select(p => p.Priority), Is.Ordered.Descending, "§6.1.2.3: the checklist is in decreasing order");
    }
}
