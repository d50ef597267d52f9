using Ice.Core.Tests.Harness;
using Ice.Testing;
using Stun;
using static Ice.Core.Tests.Harness.Make;

namespace Ice.Core.Tests.Traversal;

/// <summary>What an agent with <see cref="IceCoreOptions.Traversal"/> puts on the wire, and when.</summary>
[TestFixture]
internal sealed class ProbeTests
{
    private static readonly IceCoreOptions s_options = new() { Traversal = new IceTraversalOptions() };
    private static readonly string[] s_servers = ["198.51.100.1:3478", "198.51.100.2:3478", "198.51.100.3:3478"];

    [Test]
    [Rfc(4787, "4.1")]
    public void The_next_mappings_of_a_sequential_NAT_are_signaled_as_server_reflexive_candidates()
    {
        var agent = new TestAgent(s_options);
        Gather(agent, 5000, 5001);
        IceCandidate[] reflexive = Reflexive(agent);
        IceCandidate[] predicted = reflexive[2..];
        Assert.Multiple(() =>
        {
            Assert.That(reflexive.Select(static c => c.Port), Is.EqualTo(Enumerable.Range(5000, 18)));
            Assert.That(reflexive.Select(static c => c.RelatedAddress), Is.All.EqualTo(At("10.0.0.1:5000")));
            Assert.That(reflexive.Select(static c => c.Priority).Distinct().Count(), Is.EqualTo(18), "RFC 8445 §5.1.2: each a priority of its own");
            Assert.That(predicted.Select(static c => c.Priority).Max(), Is.LessThan(reflexive[..2].Min(static c => c.Priority)), "those that servers saw come first");
            Assert.That(predicted.Select(static c => c.Priority), Is.Ordered.Descending, "the likeliest comes first");
            Assert.That(predicted.Select(static c => c.Priority >> 24), Is.All.EqualTo(100), "the type preference of server-reflexive candidates");
            Assert.That(agent.Core.GetLocalCandidates().Select(static c => c.Foundation), Is.Unique, "a frozen one would be checked too late");
            Assert.That(reflexive[2].ToString(), Does.Match("^candidate:\\d+ 1 udp \\d+ 203.0.113.5 5002 typ srflx raddr 10.0.0.1 rport 5000$"));
            Assert.That(agent.EventsOf<IceEvent.PortsPredicted>().Last().Pattern.ToString(), Is.EqualTo("sequential step 1"));
            Assert.That(agent.EventsOf<IceEvent.GatheringCompleted>().Count(), Is.EqualTo(1));
        });
    }

    [Test]
    public void A_third_sample_extends_the_prediction_and_repeats_nothing()
    {
        var agent = new TestAgent(s_options);
        Gather(agent, 5000, 5002, 5004);
        Assert.That(Reflexive(agent).Select(static c => c.Port), Is.Unique);
        Assert.That(Reflexive(agent).Select(static c => c.Port), Does.Contain(5006).And.Contain(5036));
    }

    [Test]
    public void Checks_that_left_before_or_between_the_requests_to_the_servers_took_mappings_too()
    {
        var agent = new TestAgent(s_options);
        var peer = new ScriptedPeer(agent);
        peer.SignalParameters();
        agent.AddHost("10.0.0.1:5000");
        peer.Add(Host("192.0.2.1:4000"));
        peer.Add(Host("192.0.2.2:4000", Priority(HostPreference, 65534), "r2"));
        agent.Settle();
        Gather(agent, 5001, 5003);
        // By then: 5000 for the first check, 5001, 5002 for the second, 5003.
        Assert.That(agent.Sent.DistinctBy(static s => s.To).Select(static s => s.To.ToString()), Is.EqualTo(new[] { "192.0.2.1:4000", s_servers[0], "192.0.2.2:4000", s_servers[1] }));
        Assert.That(Reflexive(agent).Select(static c => c.Port), Is.SupersetOf(new[] { 5000, 5002, 5004 }));
    }

    [TestCase(5000, 5000, Description = "endpoint-independent")]
    [TestCase(5000, 40_000, Description = "random")]
    public void Nothing_is_predicted_where_nothing_can_be(int first, int second)
    {
        var agent = new TestAgent(s_options);
        Gather(agent, first, second);
        Assert.That(Reflexive(agent), Has.Length.EqualTo(first == second ? 1 : 2));
    }

    [Test]
    public void Nothing_is_predicted_unless_asked_for([Values] bool zero)
    {
        var agent = new TestAgent(new IceCoreOptions { Traversal = zero ? new IceTraversalOptions { PredictPorts = 0 } : null });
        Gather(agent, 5000, 5001);
        Assert.That(Reflexive(agent), Has.Length.EqualTo(2));
    }

    [Test]
    [Rfc(8445, "7.2.2")]
    public void A_probe_is_a_connectivity_check_that_no_pair_stands_for()
    {
        TestAgent agent = Facing(5000, 5001);
        agent.Advance(S(1.1));
        SentDatagram probe = agent.Checks.First(static c => c.To.Port == 5002);
        var peer = _peer!;
        Assert.Multiple(() =>
        {
            Assert.That(probe.To.WithPort(0), Is.EqualTo(At("203.0.113.5:0")));
            Assert.That(probe.Message.Username, Is.EqualTo($"{peer.Parameters.UsernameFragment}:{agent.Ufrag}"));
            Assert.That(probe.Message.Verifies(peer.Parameters.Password), Is.True);
            Assert.That(probe.Message.HasFingerprint, Is.True);
            Assert.That(probe.Message.Priority, Is.EqualTo(Priority(PeerReflexivePreference)));
            Assert.That(probe.Message.Controlling, Is.Not.Null);
            Assert.That(probe.Message.UseCandidate, Is.False);
            Assert.That(agent.Pairs.Select(static p => p.Path.Remote.Port), Is.EquivalentTo(new[] { 5000, 5001 }));
            Assert.That(agent.Core.GetRemoteCandidates(), Has.Count.EqualTo(2));
        });
        agent.Advance(S(60));
        Assert.That(agent.Checks.GroupBy(static c => c.Message.Id).Where(static g => g.First().To.Port > 5001).Select(static g => g.Count()), Is.All.EqualTo(1), "never repeated");
    }

    [Test]
    public void Probes_begin_when_the_ordinary_checks_have_had_their_turn_and_keep_to_the_budget()
    {
        TestAgent agent = Facing(5000, 5001);
        agent.Advance(S(20));
        SentDatagram[] probes = [.. agent.Checks.Where(static c => c.To.Port is not (5000 or 5001))];
        Assert.Multiple(() =>
        {
            Assert.That(probes[0].At - agent.Checks.First().At, Is.EqualTo(S(1)));
            Assert.That(probes.Zip(probes[1..], static (x, y) => y.At - x.At), Is.All.GreaterThanOrEqualTo(Ms(10)), "100 a second");
            Assert.That(probes[^1].At - agent.Checks.First().At, Is.LessThan(S(15)), "the time is over");
            Assert.That(probes, Has.Length.LessThanOrEqualTo(1024));
            Assert.That(agent.Core.ProbesSent, Is.EqualTo(probes.Length));
            Assert.That(probes.Take(16).Select(static p => p.To.Port), Is.EqualTo(Enumerable.Range(5002, 16)), "the likeliest first");
            Assert.That(probes.Count(static p => p.To.Port == 5002), Is.GreaterThan(3), "in rounds");
        });
        Assert.That(agent.EventsOf<IceEvent.ProbingChanged>().Select(static e => e.Kind), Is.EqualTo(new[] { IceProbing.PredictedPorts, IceProbing.None }));
    }

    [Test]
    public void Random_ports_of_an_unpredictable_peer_are_probed_once_each_up_to_the_limit()
    {
        TestAgent agent = Facing(5000, 40_000, guessSockets: 256);
        agent.Advance(S(20));
        int[] ports = [.. agent.Checks.Select(static c => c.To.Port).Where(static p => p is not (5000 or 40_000))];
        Assert.That(ports, Has.Length.EqualTo(1024).And.Unique.And.All.InRange(1024, 65_535));
        Assert.That(agent.Checks.Last(static c => c.To.Port is not (5000 or 40_000)).At - agent.Checks.First().At, Is.InRange(S(11.2), S(11.3)));
    }

    [Test]
    public void Random_ports_are_not_probed_unless_guessing_is_asked_for()
    {
        TestAgent agent = Facing(5000, 40_000);
        agent.Advance(S(20));
        Assert.That(agent.Checks.Select(static c => c.To.Port), Is.All.EqualTo(5000).Or.EqualTo(40_000));
    }

    [Test]
    public void A_triggered_check_does_not_wait_behind_probes()
    {
        TestAgent agent = Facing(5000, 5001);
        agent.Advance(S(3));
        IReadOnlyList<SentDatagram> sent = _peer!.Send(_peer.Check(), _base, "203.0.113.5:5007");
        Assert.That(sent.Select(static s => (s.To.Port, s.Message.IsRequest)), Is.EqualTo(new[] { (5007, false), (5007, true) }), "the answer and the triggered check, at once");
    }

    [Test]
    public void Probing_stops_when_a_direct_pair_is_valid()
    {
        TestAgent agent = Facing(5000, 5001);
        agent.Advance(S(3));
        SentDatagram check = _peer!.Send(_peer.Check(), _base, "203.0.113.5:5007")[1];
        Assert.That(_peer.Succeed(check, "198.51.100.77:6000"), Is.EqualTo(InputResult.Handled));
        long before = agent.Core.ProbesSent;
        agent.Advance(S(10));
        Assert.That(agent.Core.ProbesSent, Is.EqualTo(before));
        Assert.That(agent.Selected?.Path.Remote ?? agent.Pairs.First(static p => p.State == CandidatePairState.Succeeded).Path.Remote, Is.EqualTo(At("203.0.113.5:5007")));
    }

    [Test]
    public void Nobody_without_the_password_makes_the_agent_probe()
    {
        var agent = new TestAgent(s_options);
        _peer = new ScriptedPeer(agent);
        agent.AddHost("10.0.0.1:5000", id: 1);
        _peer.Signal("203.0.113.5:5000");
        agent.Advance(S(2));
        Craft forged = _peer.Check() with { Password = "a password that is not ours" };
        for (int port = 6000; port < 6100; port++)
            _peer.Send(forged, new BaseId(1), $"203.0.113.5:{port}");
        agent.Advance(S(20));
        Assert.That(agent.Core.ProbesSent, Is.Zero);
        Assert.That(agent.Checks.Select(static c => c.To.Port), Is.All.EqualTo(5000));
    }

    [Test]
    public void The_answer_to_a_probe_changes_nothing()
    {
        TestAgent agent = Facing(5000, 5001);
        agent.Advance(S(1.1));
        SentDatagram probe = agent.Checks.First(static c => c.To.Port == 5002);
        agent.Receive(probe.Path, _peer!.Success(probe, At("198.51.100.77:6000")));
        Assert.That(agent.Pairs.Select(static p => p.State), Has.None.EqualTo(CandidatePairState.Succeeded));
        Assert.That(agent.Core.GetDropCount(DropReason.UnknownTransaction), Is.EqualTo(1));
    }

    [Test]
    public void Two_bases_of_a_peer_behind_an_ordinary_NAT_are_not_probed()
    {
        var agent = new TestAgent(s_options);
        _peer = new ScriptedPeer(agent);
        agent.AddHost("10.0.0.1:5000");
        _peer.SignalParameters();
        _peer.Add(Reflexive(5000, 1) with { RelatedAddress = At("192.168.1.2:7000") });
        _peer.Add(Reflexive(5001, 2) with { RelatedAddress = At("192.168.1.2:7001") });
        agent.Advance(S(20));
        Assert.That(agent.Core.ProbesSent, Is.Zero);
    }

    [Test]
    public void A_peer_that_hides_its_addresses_is_known_by_its_external_address()
    {
        var agent = new TestAgent(s_options);
        _peer = new ScriptedPeer(agent);
        agent.AddHost("10.0.0.1:5000");
        _peer.SignalParameters();
        // As browsers write it (RFC 8828, RFC 8839 §5.1).
        _peer.Add(IceCandidate.Parse("candidate:1 1 udp 1686052607 203.0.113.5 5000 typ srflx raddr 0.0.0.0 rport 0"));
        _peer.Add(IceCandidate.Parse("candidate:2 1 udp 1686052351 203.0.113.5 5001 typ srflx raddr 0.0.0.0 rport 0"));
        agent.Advance(S(3));
        Assert.That(agent.Checks.Select(static c => c.To.Port), Does.Contain(5002));
    }

    [Test]
    public void A_NAT_of_ours_that_is_unpredictable_has_sockets_opened_which_send_and_are_closed_again()
    {
        var agent = new TestAgent(new IceCoreOptions { Traversal = new IceTraversalOptions { GuessSockets = 8 } });
        _peer = new ScriptedPeer(agent);
        Gather(agent, 5000, 40_000);
        _peer.SignalParameters();
        _peer.Add(Reflexive(7000, 1));
        Assert.That(agent.EventsOf<IceEvent.OpenGuessBases>(), Is.Empty);
        agent.Advance(S(1.1));
        IceEvent.OpenGuessBases open = agent.EventsOf<IceEvent.OpenGuessBases>().Single();
        Assert.That(open.Count, Is.EqualTo(8));
        int candidates = agent.Core.GetLocalCandidates().Count;
        for (int i = 0; i < open.Count; i++)
        {
            int port = 9000 + i;
            agent.Do(now => agent.Core.AddBase(new BaseId(port), ComponentId.First, At($"10.0.0.1:{port}"), new BaseTraits { ForGuessing = true }, now));
        }

        agent.Advance(S(1));
        Assert.Multiple(() =>
        {
            Assert.That(agent.Checks.Where(static c => c.Path.Base.Value >= 9000).Select(static c => c.Path), Is.EquivalentTo(
                Enumerable.Range(9000, 8).Select(static port => new IcePath(new BaseId(port), At("203.0.113.5:7000")))));
            Assert.That(agent.Core.GetLocalCandidates(), Has.Count.EqualTo(candidates), "nothing is signaled");
            Assert.That(agent.Pairs.Select(static p => p.Path.Base.Value), Is.All.LessThan(9000), "nothing is paired");
        });
        agent.Advance(S(20));
        Assert.That(agent.EventsOf<IceEvent.CloseGuessBases>().Single().Bases.Select(static b => b.Value), Is.EquivalentTo(Enumerable.Range(9000, 8)));
        Assert.That(agent.Checks.Count(static c => c.Path.Base.Value >= 9000), Is.EqualTo(24), "three times each in 15 s");
    }

    [Test]
    public void A_restart_begins_anew_and_closes_the_sockets_of_the_session_before()
    {
        var agent = new TestAgent(new IceCoreOptions { Traversal = new IceTraversalOptions { GuessSockets = 2 } });
        _peer = new ScriptedPeer(agent);
        Gather(agent, 5000, 40_000);
        _peer.SignalParameters();
        _peer.Add(Reflexive(7000, 1));
        agent.Advance(S(1.1));
        agent.Do(now => agent.Core.AddBase(new BaseId(9000), ComponentId.First, At("10.0.0.1:9000"), new BaseTraits { ForGuessing = true }, now));
        agent.Do(now => agent.Core.Restart(null, now));
        Assert.That(agent.EventsOf<IceEvent.CloseGuessBases>().Single().Bases, Is.EqualTo(new[] { new BaseId(9000) }));
        // One that was being opened comes too late.
        agent.Do(now => agent.Core.AddBase(new BaseId(9001), ComponentId.First, At("10.0.0.1:9001"), new BaseTraits { ForGuessing = true }, now));
        Assert.That(agent.EventsOf<IceEvent.CloseGuessBases>().Last().Bases, Is.EqualTo(new[] { new BaseId(9001) }));
    }

    [Test]
    public void Options_that_cannot_be_are_refused()
    {
        Assert.That(() => new TestAgent(s_options with { Mode = IceMode.Lite }), Throws.ArgumentException.With.Message.Contains("full agent"));
        Assert.That(() => new TestAgent(s_options with { RelayOnly = true }), Throws.ArgumentException.With.Message.Contains("direct paths"));
        Assert.That(() => new TestAgent(new IceCoreOptions { Traversal = new() { ProbesPerSecond = 201 } }), Throws.ArgumentException.With.Message.Contains("RFC 8445 §14.2"));
        Assert.That(() => new TestAgent(new IceCoreOptions { Traversal = new() { GuessSockets = 5000 } }), Throws.ArgumentException.With.Message.Contains("1024"));
        Assert.That(() => new TestAgent(new IceCoreOptions { Traversal = new() { Duration = S(60) } }), Throws.ArgumentException.With.Message.Contains("30 s"));
        Assert.That(() => new TestAgent().Core.AddBase(new BaseId(1), ComponentId.First, At("10.0.0.1:1"), new BaseTraits { ForGuessing = true }, Start), Throws.InvalidOperationException.With.Message.Contains("Traversal"));
    }

    private static readonly BaseId _base = new(1);

    private ScriptedPeer? _peer;

    /// <summary>An agent that is told of a peer whose base two servers saw at these ports.</summary>
    private TestAgent Facing(int first, int second, int guessSockets = 0)
    {
        var agent = new TestAgent(new IceCoreOptions { Traversal = new IceTraversalOptions { GuessSockets = guessSockets } });
        _peer = new ScriptedPeer(agent);
        agent.AddHost("10.0.0.1:5000", id: 1);
        _peer.SignalParameters();
        _peer.Add(Reflexive(first, 1));
        _peer.Add(Reflexive(second, 2));
        return agent;
    }

    private static IceCandidate Reflexive(int port, int number) =>
        Candidate(IceCandidateType.ServerReflexive, At($"203.0.113.5:{port}"), Priority(ServerReflexivePreference, 65535 - number), $"s{number}") with { RelatedAddress = At("192.168.1.2:7000") };

    private static IceCandidate[] Reflexive(TestAgent agent) => [.. agent.Core.GetLocalCandidates().Where(static c => c.Type == IceCandidateType.ServerReflexive)];

    /// <summary>Asks as many servers as there are ports, which see these.</summary>
    private static void Gather(TestAgent agent, params int[] ports)
    {
        if (agent.Core.GetLocalCandidates().Count == 0)
            agent.AddHost("10.0.0.1:5000");
        var entropy = new SeededEntropy(3);
        agent.Network = sent => Array.IndexOf(s_servers, sent.To.ToString()) is >= 0 and int index
            ? new Craft { Class = StunClass.SuccessResponse, Id = sent.Message.Id, XorMapped = At($"203.0.113.5:{ports[index]}") }.ToBytes(entropy)
            : null;
        for (int i = 0; i < ports.Length; i++)
        {
            int index = i;
            agent.Do(now => agent.Core.AddServer(new GatheringServer(index, At(s_servers[index]), $"stun:{index}"), now));
        }

        agent.Do(now => agent.Core.EndGatheringInputs(now));
        agent.Advance(Ms(400));
    }
}
