using Ice.Core;
using Ice.Testing;
using Stun;
using Turn;

namespace Ice.Simulation.Tests;

/// <summary>
/// How long a session takes when both agents know all of each other's candidates, to the microsecond of virtual time: usable after one round
/// trip R, selected after two (RFC 8445 §12.1, §8.1.1), and nothing waits beside.
/// </summary>
[TestFixture(24)]
[TestFixture(120)]
internal sealed class ConnectTimeTests(int roundTripMilliseconds)
{
    private readonly TimeSpan _roundTrip = TimeSpan.FromMilliseconds(roundTripMilliseconds);

    [TestCase(IceCandidateType.Host)]
    [TestCase(IceCandidateType.ServerReflexive)]
    [TestCase(IceCandidateType.Relayed)]
    [Rfc(8445, "8.1.1")]
    [Rfc(8445, "12.1")]
    public void A_pair_is_usable_after_one_round_trip_and_selected_after_two(IceCandidateType type)
    {
        World world = new(type, _roundTrip);
        world.Signal();

        Assert.Multiple(() =>
        {
            Assert.That(world.UsableAfter(world.A), Is.EqualTo(_roundTrip), world.Explain());
            Assert.That(world.UsableAfter(world.B), Is.EqualTo(_roundTrip), world.Explain());
            Assert.That(world.SelectedAfter(world.A), Is.EqualTo(_roundTrip * 2), "the nominating check and its answer");
            Assert.That(world.SelectedAfter(world.B), Is.EqualTo(_roundTrip * 1.5), "the nominating check");
        });
    }

    [Test]
    [Rfc(8838, "14")]
    public void Relayed_candidates_only_are_nominated_at_once_also_when_the_peer_may_have_more()
    {
        World world = new(IceCandidateType.Relayed, _roundTrip);
        world.Signal(end: false);

        Assert.That(world.SelectedAfter(world.A), Is.EqualTo(_roundTrip * 2));
    }

    [Test]
    [Rfc(8445, "6.1.4.2")]
    [Rfc(8445, "14.2")]
    public void Nine_dead_candidates_above_the_live_one_cost_their_nine_Ta_and_no_more([Values(5, 50)] int ta)
    {
        World world = new(IceCandidateType.Host, _roundTrip, TimeSpan.FromMilliseconds(ta));
        world.Signal(dead: 9);

        Assert.That(world.UsableAfter(world.A), Is.EqualTo(TimeSpan.FromMilliseconds(9 * ta) + _roundTrip), world.Explain());
        Assert.That(world.SelectedAfter(world.A), Is.EqualTo(TimeSpan.FromMilliseconds(9 * ta) + (_roundTrip * 2)), world.Explain());
    }

    [Test]
    [Rfc(8445, "6.1.4.2")]
    public void Timers_that_are_late_delay_the_tenth_check_once_and_not_ten_times()
    {
        TimeSpan slack = TimeSpan.FromMilliseconds(2);
        World world = new(IceCandidateType.Host, _roundTrip, TimeSpan.FromMilliseconds(5), slack);
        world.Signal(dead: 9);

        Assert.That(world.UsableAfter(world.A), Is.InRange(TimeSpan.FromMilliseconds(45) + _roundTrip, TimeSpan.FromMilliseconds(45) + _roundTrip + slack), world.Explain());
    }

    [Test]
    [Rfc(8445, "7.2.1")]
    public void The_check_through_a_relay_leaves_right_behind_the_request_for_its_permission()
    {
        World world = new(IceCandidateType.Relayed, _roundTrip);
        ServerTraffic traffic = new();
        world.A.AddObserver(traffic);
        world.Signal();

        Assert.That(traffic.Sent.Take(2).Select(static sent => sent.Method), Is.EqualTo(new[] { StunMethod.CreatePermission, StunMethod.Send }));
        Assert.That(traffic.Sent[1].Time, Is.EqualTo(traffic.Sent[0].Time));
    }

    [Test]
    [Rfc(8445, "7.2.1")]
    public void A_channel_is_bound_after_the_pair_is_selected_and_not_before()
    {
        World world = new(IceCandidateType.Relayed, _roundTrip);
        ServerTraffic traffic = new();
        world.A.AddObserver(traffic);
        world.Signal();

        Instant bound = traffic.Sent.First(static sent => sent.Method == StunMethod.ChannelBind).Time;
        Assert.That(bound - world.Start, Is.GreaterThanOrEqualTo(_roundTrip * 2));
    }

    [Test]
    [Rfc(8445, "7.2.1")]
    public void A_check_that_overtakes_its_permission_is_repeated_when_the_permission_is_there()
    {
        World world = new(IceCandidateType.Relayed, _roundTrip);
        // The first permission is refused for its nonce: the check right behind it finds none.
        world.ForgetNonces();
        world.Signal();

        Assert.That(world.UsableAfter(world.A), Is.LessThan(_roundTrip * 2), world.Explain());
        Assert.That(world.UsableAfter(world.B), Is.LessThan(_roundTrip * 2), world.Explain());
    }

    private sealed class ServerTraffic : AgentObserver
    {
        public List<(StunMethod Method, Instant Time)> Sent { get; } = [];

        public override void OnTransmit(SimAgent agent, IcePath path, ReadOnlySpan<byte> message)
        {
            if (StunMessage.TryParse(message, out StunMessage stun, out _))
                Sent.Add((stun.Method, agent.Host.Network.Now));
        }
    }

    /// <summary>Two agents with a server each. Every link takes a part of R, so that a path takes R there and back, whether through the servers or not.</summary>
    private sealed class World
    {
        private static readonly TimeSpan s_nonceLifetime = TimeSpan.FromSeconds(2);

        private readonly IceCandidateType _type;

        public World(IceCandidateType type, TimeSpan roundTrip, TimeSpan? pacing = null, TimeSpan timerSlack = default)
        {
            _type = type;
            Network = new SimNetwork(1);
            var internet = new Realm(Network, "internet");
            // Two links for each leg: agent, agent; or agent, server, server, agent.
            LinkConditions conditions = new() { Latency = roundTrip / (type == IceCandidateType.Relayed ? 12 : 4) };
            A = Agent("A", 1, internet, conditions, IceRole.Controlling, pacing, timerSlack);
            B = Agent("B", 2, internet, conditions, IceRole.Controlled, pacing, timerSlack);
            A.Gather();
            B.Gather();
            // Until the tokens that gathering has spent are there again.
            Network.RunFor(TimeSpan.FromSeconds(1));
        }

        public SimNetwork Network { get; }

        public SimAgent A { get; }

        public SimAgent B { get; }

        public Instant Start { get; private set; }

        public void ForgetNonces() => Network.RunFor(s_nonceLifetime);

        public void Signal(int dead = 0, bool end = true)
        {
            Start = Network.Now;
            Tell(A, B, dead, end);
            Tell(B, A, dead, end);
            Network.RunFor(TimeSpan.FromSeconds(3));
        }

        public TimeSpan UsableAfter(SimAgent agent) => agent.Log.First(static entry => entry.Event is IceEvent.SendPathChanged { Pair: not null }).Time - Start;

        public TimeSpan SelectedAfter(SimAgent agent) =>
            agent.Log.First(static entry => entry.Event is IceEvent.StateChanged { State: IceConnectionState.Connected }).Time - Start;

        public string Explain() =>
            string.Join("; ", A.Core.GetPairs().Concat(B.Core.GetPairs()).Select(static p => $"{p.Local.Address} -> {p.Remote.Address} {p.State} sent {p.RequestsSent} {p.FailureReason}"));

        private void Tell(SimAgent to, SimAgent from, int dead, bool end) => to.Run((core, now) =>
        {
            core.SetRemoteParameters(0, from.Core.LocalParameters, now);
            for (int i = 0; i < dead; i++)
            {
                IceCandidate candidate = new() { Foundation = $"dead{i}", Priority = (uint)(2_000_000_000 - i), Type = IceCandidateType.Host, Address = TransportAddress.Parse($"203.0.113.{100 + i}", 9) };
                Assert.That(core.AddRemoteCandidate(0, candidate, now), Is.Null);
            }

            IceCandidate live = from.Core.GetLocalCandidates().Single(candidate => candidate.Type == _type);
            Assert.That(core.AddRemoteCandidate(0, dead == 0 ? live : live with { Priority = 1_000_000_000 }, now), Is.Null);
            if (end)
                core.EndOfRemoteCandidates(0, now);
        });

        private SimAgent Agent(string name, int number, Realm internet, LinkConditions conditions, IceRole role, TimeSpan? pacing, TimeSpan timerSlack)
        {
            TransportAddress server = TransportAddress.Parse($"203.0.113.{10 + number}", 3478);
            var serverHost = new SimHost(Network, "server " + name);
            serverHost.AddInterface("eth0", internet, new Link(Network, conditions), server.ToIPAddress().ToString());
            _ = new SimTurnServer(serverHost, server, new TurnServerCoreOptions
            {
                RelayIPv4 = server,
                Users = new TurnUsers("sim", [new KeyValuePair<string, string>("user", "secret")], []),
                NonceLifetime = s_nonceLifetime,
            });
            var host = new SimHost(Network, name);
            Attach(host, internet, conditions, number);
            return new SimAgent(host, name, new SimAgentOptions
            {
                Core = new IceCoreOptions { Role = role, RelayOnly = _type == IceCandidateType.Relayed, Pacing = pacing ?? IceDefaults.Pacing, Pacer = new Pacer(IceDefaults.MinimumPacing) },
                Servers = _type == IceCandidateType.ServerReflexive ? [server] : [],
                Relays = _type == IceCandidateType.Relayed ? [new SimRelay(server, "user", "secret")] : [],
                TimerSlack = timerSlack,
            });
        }

        private void Attach(SimHost host, Realm internet, LinkConditions conditions, int number)
        {
            if (_type != IceCandidateType.ServerReflexive)
            {
                host.AddInterface("eth0", internet, new Link(Network, conditions), $"203.0.113.{20 + number}");
                return;
            }

            // Mapping and filtering of a usual home router: the check that goes out opens the way for what comes in.
            var lan = new Realm(Network, "lan " + host.Name);
            var options = new NatOptions { Mapping = NatMapping.EndpointIndependent, Filtering = NatFiltering.AddressAndPortDependent };
            _ = new Nat(Network, "nat " + host.Name, lan, internet, options, new Link(Network, conditions), TransportAddress.Parse($"203.0.113.{20 + number}", 0));
            host.AddInterface("eth0", lan, null, $"192.168.{number}.2");
        }
    }
}
