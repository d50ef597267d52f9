using Ice.Core;
using Ice.Testing;
using Stun;

namespace Ice.Simulation.Tests;

/// <summary>Two agents in a scripted network, with times that can be told to the millisecond.</summary>
public class AgentTests
{
    private static readonly TimeSpan s_oneWay = TimeSpan.FromMilliseconds(20);

    [Test]
    [Rfc(7675, "5.1")]
    public void An_idle_hour_with_consent_checks_stays_connected()
    {
        ScenarioWorld world = Connect(new Scenario { Seed = 1, Offerer = Side(IceRole.Controlling, Access.Nat), Answerer = Side(IceRole.Controlled, Access.Nat) });
        int states = world.Offerer.Log.Count(static entry => entry.Event is IceEvent.StateChanged);
        world.Network.RunFor(TimeSpan.FromHours(1));
        Assert.That(world.Offerer.State, Is.EqualTo(IceConnectionState.Connected));
        Assert.That(world.Answerer.State, Is.EqualTo(IceConnectionState.Connected));
        Assert.That(world.Offerer.Log.Count(static entry => entry.Event is IceEvent.StateChanged), Is.EqualTo(states), "not even for a moment");
        // One every 4 to 6 s: 600 to 900 in an hour.
        Assert.That(world.Offerer.Core.GetSelectedPair(ComponentId.First)!.ConsentRequestsSent, Is.InRange(600, 900));
        Assert.That(world.Offerer.Core.GetSelectedPair(ComponentId.First)!.RequestsSent, Is.LessThan(10), "nothing else is checked any more");
    }

    [Test]
    [Rfc(8445, "11")]
    public void An_idle_hour_with_a_lite_agent_keeps_the_mapping_of_the_NAT()
    {
        var scenario = new Scenario { Seed = 1, Offerer = Side(IceRole.Controlling, Access.Nat), Answerer = Side(IceRole.Controlled, Access.Public) with { Mode = IceMode.Lite, UsesStun = false } };
        ScenarioWorld world = Connect(scenario);
        world.Network.RunFor(TimeSpan.FromHours(1));
        Assert.That(world.Answerer.SendData(ComponentId.First, "still there?"), Is.True);
        world.Network.RunFor(TimeSpan.FromSeconds(1));
        Assert.That(world.Offerer.Received.Select(static data => data.Text), Is.EqualTo(new[] { "still there?" }), "the mapping must have stayed");
    }

    [Test]
    [Rfc(7675, "5.1")]
    public void A_cut_link_is_reported_and_consent_expires_thirty_seconds_after_the_last_answer()
    {
        ScenarioWorld world = Connect(new Scenario { Seed = 3, Offerer = Side(IceRole.Controlling), Answerer = Side(IceRole.Controlled) });
        var watch = new AnswerWatch();
        world.Offerer.AddObserver(watch);
        world.Network.RunFor(TimeSpan.FromSeconds(60));
        world.Offerer.Interfaces[0].Link.Cut();
        Instant lastAnswer = watch.LastAnswer;
        world.Network.RunFor(TimeSpan.FromSeconds(31));
        (Instant Time, IceEvent.StateChanged Event)[] states = [.. States(world.Offerer).TakeLast(2)];
        Assert.That(states.Select(static state => state.Event.State), Is.EqualTo(new[] { IceConnectionState.Disconnected, IceConnectionState.Failed }));
        Assert.That(states.Select(static state => state.Event.Reason), Is.EqualTo(new[] { IceFailureReason.NotAnswering, IceFailureReason.ConsentExpired }));
        Assert.That(states[0].Time - lastAnswer, Is.EqualTo(IceDefaults.DisconnectedAfter));
        Assert.That(states[1].Time - lastAnswer, Is.EqualTo(TimeSpan.FromSeconds(30)));
        Assert.That(states[1].Event.Explanation, Is.Not.Empty);
        Assert.That(world.Offerer.SendData(ComponentId.First, "no"), Is.False, "nothing may be sent without consent");
    }

    [Test]
    public void A_short_cut_is_survived()
    {
        ScenarioWorld world = Connect(new Scenario { Seed = 4, Offerer = Side(IceRole.Controlling), Answerer = Side(IceRole.Controlled) });
        world.Network.RunFor(TimeSpan.FromSeconds(20));
        world.Offerer.Interfaces[0].Link.Cut();
        world.Network.RunFor(TimeSpan.FromSeconds(18));
        Assert.That(world.Offerer.State, Is.EqualTo(IceConnectionState.Disconnected));
        world.Offerer.Interfaces[0].Link.Restore();
        world.Network.RunFor(TimeSpan.FromSeconds(7));
        Assert.That(world.Offerer.State, Is.EqualTo(IceConnectionState.Connected));
        Assert.That(world.Answerer.State, Is.EqualTo(IceConnectionState.Connected));
    }

    [Test]
    public void A_NAT_that_reboots_is_survived_by_a_restart()
    {
        ScenarioWorld world = Connect(new Scenario
        {
            Seed = 5,
            Offerer = Side(IceRole.Controlling, Access.Nat) with { Interfaces = [Nic(Access.Nat) with { Nat = new NatOptions { PortAssignment = NatPortAssignment.Random } }] },
            Answerer = Side(IceRole.Controlled, Access.Nat),
        });
        ((Nat)world.Offerer.Interfaces[0].Realm.GetGateway(ipv6: false)!).Reboot();
        world.Network.RunFor(TimeSpan.FromSeconds(40));
        Assert.That(world.Offerer.State, Is.EqualTo(IceConnectionState.Failed), "the peer's filter does not know the new port");
        world.Signaling.Restart(world.Offerer);
        Assert.That(world.Network.RunUntil(() => AreConnected(world), TimeSpan.FromSeconds(10)), Is.True);
    }

    [Test]
    public void An_interface_that_goes_away_ends_its_path_and_a_restart_finds_the_other()
    {
        ScenarioWorld world = Connect(new Scenario
        {
            Seed = 6,
            Offerer = new SideScenario { Role = IceRole.Controlling, Interfaces = [Nic(Access.Public), Nic(Access.Public)] },
            Answerer = Side(IceRole.Controlled),
        });
        world.Offerer.RemoveInterface(world.Offerer.Interfaces[0]);
        Assert.That(world.Offerer.State, Is.EqualTo(IceConnectionState.Failed));
        Assert.That(world.Offerer.Reason, Is.EqualTo(IceFailureReason.InterfaceLost));
        world.Signaling.Restart(world.Offerer);
        Assert.That(world.Network.RunUntil(() => AreConnected(world), TimeSpan.FromSeconds(10)), Is.True);
        Assert.That(world.Offerer.GetSendPath(ComponentId.First)!.Local.Address.SameAddress(world.Offerer.Interfaces[1].Addresses[0]), Is.True);
    }

    [Test]
    [Rfc(8489, "6.2.1")]
    public void A_check_without_an_answer_is_sent_seven_times_at_the_times_that_the_RTO_gives()
    {
        ScenarioWorld world = Build(new Scenario { Seed = 7, Trickle = TrickleMode.None, Offerer = Side(IceRole.Controlling), Answerer = Side(IceRole.Controlled) });
        var watch = new SendWatch(world.Answerer.Interfaces[0].Addresses[0]);
        world.Offerer.AddObserver(watch);
        world.Signaling.Start();
        // The answer has come through the signaling by then; the checks have not begun.
        Assert.That(world.Network.RunUntil(() => world.Offerer.Core.GetPairs().Count > 0, TimeSpan.FromSeconds(5)), Is.True);
        world.Answerer.Interfaces[0].Link.Cut();
        world.Network.RunFor(TimeSpan.FromSeconds(60));
        IGrouping<TransactionId, Instant>[] transactions = [.. watch.Sent.GroupBy(static sent => sent.Id, static sent => sent.Time)];
        Assert.That(transactions, Has.Length.EqualTo(1));
        Instant first = transactions[0].First();
        Assert.That(
            transactions[0].Select(time => (time - first).TotalMilliseconds),
            Is.EqualTo(new double[] { 0, 500, 1_500, 3_500, 7_500, 15_500, 31_500 }));
        CandidatePairInfo pair = world.Offerer.Core.GetPairs()[0];
        Assert.That((pair.RequestsSent, pair.Retransmissions), Is.EqualTo((1, 6)));
        (Instant Time, IceEvent.StateChanged Event) failed = States(world.Offerer).Last();
        Assert.That(failed.Event.State, Is.EqualTo(IceConnectionState.Failed));
        Assert.That(failed.Time - first, Is.EqualTo(TimeSpan.FromMilliseconds(39_500)));
    }

    [Test]
    [Rfc(8863, "4")]
    public void Without_any_remote_candidate_an_agent_waits_39_and_a_half_seconds()
    {
        var net = new TestNet(8);
        var host = new SimHost(net.Network, "host");
        _ = host.AddInterface("eth0", net.Internet, null, "203.0.113.1");
        var agent = new SimAgent(host, "agent", new SimAgentOptions());
        agent.Gather();
        net.Network.RunFor(TimeSpan.FromSeconds(5));
        var peer = IceParameters.Create(new SimEntropy(net.Network.Random));
        agent.Run((core, now) => core.SetRemoteParameters(0, peer, now));
        agent.Run((core, now) => core.EndOfRemoteCandidates(0, now));
        Instant start = net.Network.Now;
        net.Network.RunFor(TimeSpan.FromMilliseconds(39_499));
        Assert.That(agent.State, Is.EqualTo(IceConnectionState.Checking));
        net.Network.RunFor(TimeSpan.FromMilliseconds(1));
        Assert.That(agent.State, Is.EqualTo(IceConnectionState.Failed));
        Assert.That(agent.Reason, Is.EqualTo(IceFailureReason.NoRemoteCandidates));
        Assert.That(States(agent).Last().Time - start, Is.EqualTo(TimeSpan.FromMilliseconds(39_500)));
    }

    [Test]
    [Rfc(8838, "8")]
    public void An_agent_that_still_asks_a_server_goes_on_waiting_for_its_peer()
    {
        // Without trickling the peer hears of us only when gathering has ended: 39.5 s with a silent server. Its checks come after that.
        var net = new TestNet(13);
        Endpoint silent = net.Host("silent", net.Internet, "198.51.100.1");
        var host = new SimHost(net.Network, "host");
        _ = host.AddInterface("eth0", net.Internet, null, "203.0.113.1");
        var agent = new SimAgent(host, "agent", new SimAgentOptions { Servers = [silent.Address] });
        agent.Gather();
        agent.Run((core, now) => core.SetRemoteParameters(0, IceParameters.Create(new SimEntropy(net.Network.Random)), now));
        agent.Run((core, now) => core.AddRemoteCandidate(0, IceCandidate.Parse("candidate:1 1 udp 2130706431 203.0.113.2 9 typ host"), now));
        agent.Run((core, now) => core.EndOfRemoteCandidates(0, now));
        net.Network.RunFor(TimeSpan.FromMilliseconds(39_500));
        Assert.That(agent.Core.GatheringState, Is.EqualTo(GatheringState.Complete));
        net.Network.RunFor(TimeSpan.FromSeconds(39));
        Assert.That(agent.State, Is.EqualTo(IceConnectionState.Checking));
        net.Network.RunFor(TimeSpan.FromSeconds(1));
        Assert.That(agent.State, Is.EqualTo(IceConnectionState.Failed));
    }

    [Test]
    [Rfc(8863, "4")]
    public void A_check_of_the_peer_within_the_patience_still_connects()
    {
        // The offerer is told no address that it could reach; the answerer's check arrives late, and shows one.
        var scenario = new Scenario
        {
            Seed = 9,
            Offerer = Side(IceRole.Controlling),
            Answerer = Side(IceRole.Controlled, Access.Nat) with { UsesStun = false },
        };
        ScenarioWorld world = Build(scenario);
        world.Answerer.Interfaces[0].Link.Cut();
        world.Network.Schedule(TimeSpan.FromSeconds(25), world.Answerer.Interfaces[0].Link.Restore);
        world.Signaling.Start();
        Assert.That(world.Network.RunUntil(() => AreConnected(world), TimeSpan.FromSeconds(60)), Is.True);
        Assert.That(world.Offerer.GetSendPath(ComponentId.First)!.Remote.Type, Is.EqualTo(IceCandidateType.PeerReflexive));
    }

    [Test]
    public void The_clock_may_stand_anywhere()
    {
        TimeSpan[] origins = [TimeSpan.FromDays(-10_000_000), TimeSpan.FromTicks(-1), TimeSpan.FromTicks(1), TimeSpan.MaxValue - TimeSpan.FromDays(1)];
        var scenario = new Scenario { Seed = 10, Offerer = Side(IceRole.Controlling, Access.Nat), Answerer = Side(IceRole.Controlled, Access.Nat) };
        ScenarioResult atZero = ScenarioRunner.Run(scenario);
        Assert.That(atZero.Problems, Is.Empty);
        foreach (TimeSpan origin in origins)
        {
            ScenarioResult result = ScenarioRunner.Run(scenario with { Origin = Instant.FromOrigin(origin) });
            Assert.That(result.TraceHash, Is.EqualTo(atZero.TraceHash), $"the same bytes at the same times after {origin}");
        }
    }

    [Test]
    public void At_the_end_of_time_nothing_throws_and_nothing_loops()
    {
        var network = new SimNetwork(11, Instant.FromOrigin(TimeSpan.MaxValue - TimeSpan.FromSeconds(3)));
        var realm = new Realm(network, "internet");
        var host = new SimHost(network, "host");
        _ = host.AddInterface("eth0", realm, null, "203.0.113.1");
        var agent = new SimAgent(host, "agent", new SimAgentOptions());
        agent.Gather();
        agent.Run((core, now) => core.SetRemoteParameters(0, IceParameters.Create(new SimEntropy(network.Random)), now));
        agent.Run((core, now) => core.AddRemoteCandidate(0, IceCandidate.Parse("candidate:1 1 udp 2130706431 203.0.113.2 9 typ host"), now));
        network.RunFor(TimeSpan.FromSeconds(2));
        // 0, 500 and 1,500 ms; what would come after the end never does.
        Assert.That(agent.Core.GetPairs()[0].Retransmissions, Is.EqualTo(2));
    }

    [Test]
    public void A_silent_STUN_server_does_not_hold_up_trickling_agents()
    {
        ScenarioWorld world = Build(new Scenario { Seed = 12, ServersAnswer = false, Offerer = Side(IceRole.Controlling), Answerer = Side(IceRole.Controlled) });
        world.Signaling.Start();
        Assert.That(world.Network.RunUntil(() => AreConnected(world), TimeSpan.FromSeconds(1)), Is.True);
    }

    private static bool AreConnected(ScenarioWorld world) =>
        world.Offerer.State == IceConnectionState.Connected && world.Answerer.State == IceConnectionState.Connected;

    private static ScenarioWorld Connect(Scenario scenario)
    {
        ScenarioWorld world = Build(scenario);
        world.Signaling.Start();
        Assert.That(world.Network.RunUntil(() => AreConnected(world), TimeSpan.FromSeconds(10)), Is.True, "connected");
        return world;
    }

    private static ScenarioWorld Build(Scenario scenario)
    {
        var world = new ScenarioWorld(scenario);
        var invariants = new Invariants();
        world.Offerer.AddObserver(invariants);
        world.Answerer.AddObserver(invariants);
        return world;
    }

    private static SideScenario Side(IceRole role, Access access = Access.Public) => new() { Role = role, Interfaces = [Nic(access)] };

    private static InterfaceScenario Nic(Access access) => new() { Access = access, Link = new LinkConditions { Latency = s_oneWay / 2 } };

    private static IEnumerable<(Instant Time, IceEvent.StateChanged Event)> States(SimAgent agent) =>
        from entry in agent.Log where entry.Event is IceEvent.StateChanged select (entry.Time, (IceEvent.StateChanged)entry.Event);

    private sealed class AnswerWatch : AgentObserver
    {
        public Instant LastAnswer { get; private set; }

        public override void OnDatagram(SimAgent agent, IcePath path, ReadOnlySpan<byte> datagram, InputResult result)
        {
            if (StunMessage.TryParse(datagram, out StunMessage message, out _) && message.Class == StunClass.SuccessResponse)
                LastAnswer = agent.Host.Network.Now;
        }
    }

    private sealed class SendWatch(TransportAddress remote) : AgentObserver
    {
        public List<(TransactionId Id, Instant Time)> Sent { get; } = [];

        public override void OnTransmit(SimAgent agent, IcePath path, ReadOnlySpan<byte> message)
        {
            if (path.Remote.SameAddress(remote) && StunMessage.TryParse(message, out StunMessage stun, out _) && stun.Class == StunClass.Request)
                Sent.Add((stun.TransactionId, agent.Host.Network.Now));
        }
    }
}
