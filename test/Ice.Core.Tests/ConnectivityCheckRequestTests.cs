using Ice.Core.Tests.Harness;
using Ice.Testing;
using Stun;
using static Ice.Core.Tests.Harness.Make;

namespace Ice.Core.Tests;

[TestFixture]
internal sealed class ConnectivityCheckRequestTests
{
    [Test]
    [Rfc(8445, "7.2.2")]
    [Rfc(8445, "7.2.4")]
    [Rfc(8445, "7.1.1")]
    [Rfc(8445, "7.1.3")]
    public void A_check_of_the_controlling_agent_carries_exactly_what_it_must()
    {
        TestAgent agent = Agent(new IceCoreOptions { TieBreaker = 0x0123_4567_89AB_CDEF }, out ScriptedPeer peer, localPreference: 4321);
        peer.Signal("10.0.0.2:1");
        SentDatagram check = agent.Checks.Single();
        Assert.Multiple(() =>
        {
            Assert.That(check.Path, Is.EqualTo(new IcePath(new BaseId(1), At("10.0.0.2:1"))));
            Assert.That(check.Message.Type, Is.EqualTo(new StunType(StunMethod.Binding, StunClass.Request)));
            Assert.That(check.Message.Username, Is.EqualTo($"{peer.Parameters.UsernameFragment}:{agent.Ufrag}"));
            Assert.That(check.Message.Priority, Is.EqualTo(Priority(PeerReflexivePreference, 4321)));
            Assert.That(check.Message.Controlling, Is.EqualTo(0x0123_4567_89AB_CDEF));
            Assert.That(check.Message.Controlled, Is.Null);
            Assert.That(check.Message.UseCandidate, Is.False, "regular nomination: first a check, then the nomination");
            Assert.That(check.Message.Verifies(peer.Parameters.Password), Is.True);
            Assert.That(check.Message.Verifies(agent.Password), Is.False);
            Assert.That(check.Message.Attributes[^1].Type, Is.EqualTo((ushort)StunAttributeType.Fingerprint));
            Assert.That(check.Message.Attributes[^2].Type, Is.EqualTo((ushort)StunAttributeType.MessageIntegrity));
            Assert.That(check.Message.Attributes, Has.Count.EqualTo(5), "USERNAME, PRIORITY, ICE-CONTROLLING, MESSAGE-INTEGRITY, FINGERPRINT");
        });
    }

    [Test]
    [Rfc(8445, "7.1.2")]
    [Rfc(8445, "7.1.3")]
    public void A_check_of_the_controlled_agent_has_ICE_CONTROLLED_and_never_USE_CANDIDATE()
    {
        TestAgent agent = Agent(new IceCoreOptions { Role = IceRole.Controlled, TieBreaker = 42 }, out ScriptedPeer peer);
        peer.Signal("10.0.0.2:1");
        agent.Network = peer.Answering(_ => At("10.0.0.1:5000"));
        // The nomination comes before the pair has succeeded: it triggers a check, which succeeds.
        peer.SendCheck(new BaseId(1), "10.0.0.2:1", useCandidate: true);
        agent.Advance(S(60));
        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Connected));
        Assert.Multiple(() =>
        {
            Assert.That(agent.Checks.Count(), Is.GreaterThan(10), "the check and the consent checks");
            Assert.That(agent.Checks.Select(c => c.Message.Controlled), Is.All.EqualTo(42));
            Assert.That(agent.Checks.Select(c => c.Message.Controlling), Is.All.Null);
            Assert.That(agent.Checks.Select(c => c.Message.UseCandidate), Is.All.False);
        });
    }

    [Test]
    [Rfc(8445, "7.1.1")]
    public void PRIORITY_is_that_of_a_peer_reflexive_candidate_of_the_component()
    {
        var agent = new TestAgent(new IceCoreOptions { Streams = [2] });
        agent.AddHost("10.0.0.1:5000", new ComponentId(0, 1), 77);
        agent.AddHost("10.0.0.1:5001", new ComponentId(0, 2), 77);
        var peer = new ScriptedPeer(agent);
        peer.SignalParameters();
        peer.Add(Host("10.0.0.2:1", foundation: "a", component: 1));
        peer.Add(Host("10.0.0.2:2", foundation: "b", component: 2));
        agent.Advance(Ms(100));
        Assert.That(
            agent.NewChecks.Select(c => (c.To.Port, c.Message.Priority)),
            Is.EquivalentTo(new[] { (1, (uint?)Priority(110, 77, 1)), (2, (uint?)Priority(110, 77, 2)) }));
    }

    [Test]
    [Rfc(8445, "16.1")]
    public void The_tie_breaker_is_the_same_in_all_requests_of_a_session_and_over_all_streams()
    {
        var agent = new TestAgent(new IceCoreOptions { Streams = [1, 1] });
        agent.AddHost("10.0.0.1:5000", new ComponentId(0, 1));
        agent.AddHost("10.0.0.1:5001", new ComponentId(1, 1));
        var peer = new ScriptedPeer(agent);
        foreach (int stream in new[] { 0, 1 })
        {
            peer.SignalParameters(stream);
            foreach (int i in Enumerable.Range(0, 4))
                peer.Add(Host($"10.0.{i}.2:1", foundation: $"s{stream}f{i}"), stream);
        }

        agent.Advance(S(2));
        Assert.That(agent.NewChecks.Count(), Is.EqualTo(8));
        Assert.That(agent.Checks.Select(c => c.Message.Controlling).Distinct().Count(), Is.EqualTo(1));
    }

    [Test]
    [Rfc(8445, "16.1")]
    public void The_tie_breaker_is_random()
    {
        ulong?[] all = [.. Enumerable.Range(1, 64).Select(seed =>
        {
            var agent = new TestAgent(seed: seed);
            agent.AddHost("10.0.0.1:5000");
            var peer = new ScriptedPeer(agent);
            peer.Signal("10.0.0.2:1");
            return agent.Checks.Single().Message.Controlling;
        })];
        Assert.That(all, Is.Unique.And.All.Not.Null);
    }

    [Test]
    [Rfc(8445, "7.2.4")]
    public void Every_transaction_has_an_id_of_its_own()
    {
        TestAgent agent = Agent(new IceCoreOptions(), out ScriptedPeer peer);
        peer.Signal([.. Enumerable.Range(2, 30).Select(i => $"10.0.0.{i}:1")]);
        agent.Advance(S(3));
        Assert.That(agent.Checks.GroupBy(c => c.To).Select(g => g.First().Message.Id), Is.Unique);
    }

    [Test]
    public void SOFTWARE_is_sent_only_when_asked_for()
    {
        TestAgent agent = Agent(new IceCoreOptions { Software = "test 1.0" }, out ScriptedPeer peer);
        peer.Signal("10.0.0.2:1");
        Assert.That(agent.Checks.Single().Message.Value(StunAttributeType.Software), Is.EqualTo("test 1.0"u8.ToArray()));
    }

    [Test]
    [Rfc(8445, "7.1.2")]
    public void A_request_never_names_a_role_and_its_opposite_and_the_check_never_leaves_from_a_reflexive_address()
    {
        var pair = new Pair();
        BaseId left = pair.Left.AddHost("10.0.0.1:1", pair.Now);
        pair.Right.AddHost("10.0.0.2:2", pair.Now);
        pair.Signal();
        pair.Drive(S(60));
        foreach (Pair.Flight flight in pair.Flights.Where(f => f.IsCheck))
        {
            Assert.That(flight.Message.Controlling is null, Is.Not.EqualTo(flight.Message.Controlled is null));
            Assert.That(flight.Message.UseCandidate && flight.Message.Controlling is null, Is.False);
        }

        Assert.That(pair.Left.Bases.Keys, Is.EqualTo(new[] { left }));
    }

    private static TestAgent Agent(IceCoreOptions options, out ScriptedPeer peer, int localPreference = 65535)
    {
        var agent = new TestAgent(options);
        agent.AddHost("10.0.0.1:5000", localPreference: localPreference);
        peer = new ScriptedPeer(agent, options.Role == IceRole.Controlling ? IceRole.Controlled : IceRole.Controlling);
        return agent;
    }
}
