using Ice.Core;
using Ice.Testing;
using Stun;

namespace Ice.Simulation.Tests;

/// <summary>Port prediction and many-socket guessing: how often they find a direct path, what they cost, and that nothing of them is there unless asked for.</summary>
public class TraversalTests
{
    private const int Runs = 200;

    private static readonly IceTraversalOptions s_prediction = new();
    private static readonly IceTraversalOptions s_guessing = new() { GuessSockets = 256 };
    private static readonly IceTraversalOptions s_nothing = new() { PredictPorts = 0, MaxProbes = 0 };

    [Test]
    [Rfc(4787, "4.1")]
    public void Without_the_option_there_is_no_direct_path([Values] bool random)
    {
        for (ulong seed = 1; seed <= 10; seed++)
        {
            TraversalNet net = new(seed, new TraversalCase { Hard = random ? TraversalCase.Random : TraversalCase.Sequential });
            net.Run(TimeSpan.FromSeconds(90));
            Assert.That(net.Hard.State == IceConnectionState.Failed && net.Easy.State == IceConnectionState.Failed, Is.True, net.Explain());
        }
    }

    [Test]
    public void Without_the_option_nothing_of_it_is_on_the_wire([Values] bool random, [Values] bool relay)
    {
        TraversalCase plain = new() { Hard = random ? TraversalCase.Random : TraversalCase.Sequential, Relay = relay };
        for (ulong seed = 1; seed <= 20; seed++)
        {
            (string hash, WireWatch watch) = Trace(seed, plain);
            Assert.That(watch.Unexpected, Is.Empty, $"seed {seed}: only what was signaled is checked, and only what servers saw is signaled");
            (string withNothing, _) = Trace(seed, plain with { HardTraversal = s_nothing, EasyTraversal = s_nothing });
            Assert.That(withNothing, Is.EqualTo(hash), $"seed {seed}: with all of it set to none every packet is the same, at the same time");
        }

        (_, WireWatch probed) = Trace(1, plain with { EasyTraversal = s_guessing });
        Assert.That(probed.Unexpected, Is.Not.Empty, "the watch sees probes");
    }

    [Test]
    public void A_sequential_mapping_is_predicted_by_its_own_side_and_a_plain_peer_connects([Values] bool hardControls, [Values] TrickleMode trickle) =>
        Measure(95, new TraversalCase { HardTraversal = s_prediction, HardControls = hardControls, Trickle = trickle });

    [Test]
    public void A_plain_peer_behind_a_sequential_mapping_is_probed([Values] bool hardControls, [Values] TrickleMode trickle) =>
        Measure(95, new TraversalCase { EasyTraversal = s_prediction, HardControls = hardControls, Trickle = trickle });

    [Test]
    public void Other_hosts_behind_the_NAT_take_mappings_too([Values(2, 10)] int perSecond, [Values] bool hardHasTheOption) =>
        Measure(95, new TraversalCase
        {
            HardTraversal = hardHasTheOption ? s_prediction : null,
            EasyTraversal = hardHasTheOption ? null : s_prediction,
            NoisePerSecond = perSecond,
        });

    [Test]
    public void Loss_does_not_keep_prediction_from_working([Values] bool hardHasTheOption) =>
        Measure(95, new TraversalCase
        {
            HardTraversal = hardHasTheOption ? s_prediction : null,
            EasyTraversal = hardHasTheOption ? null : s_prediction,
            NoisePerSecond = 2,
            Loss = 0.05,
        });

    [Test]
    public void A_NAT_that_counts_up_for_each_address_alone_is_predicted_too([Values] bool hardHasTheOption) =>
        Measure(95, new TraversalCase
        {
            Hard = TraversalCase.Sequential with { Mapping = NatMapping.AddressDependent },
            HardTraversal = hardHasTheOption ? s_prediction : null,
            EasyTraversal = hardHasTheOption ? null : s_prediction,
        });

    [Test]
    public void A_NAT_that_takes_steps_is_predicted_too([Values(2, 3, 7, 8)] int step, [Values] bool hardHasTheOption) =>
        Measure(95, new TraversalCase
        {
            Hard = TraversalCase.Sequential with { PortStep = step },
            HardTraversal = hardHasTheOption ? s_prediction : null,
            EasyTraversal = hardHasTheOption ? null : s_prediction,
        });

    [Test]
    public void Prediction_at_both_sides_does_not_get_in_its_own_way([Values(1, 2)] int step) =>
        Measure(95, new TraversalCase { Hard = TraversalCase.Sequential with { PortStep = step }, HardTraversal = s_prediction, EasyTraversal = s_prediction });

    [Test]
    public void Guessing_finds_a_random_mapping([Values(NatPortAssignment.Random, NatPortAssignment.Parity)] NatPortAssignment ports) =>
        Measure(90, new TraversalCase { Hard = TraversalCase.Random with { PortAssignment = ports }, HardTraversal = s_guessing, EasyTraversal = s_guessing });

    [Test]
    public void Without_sockets_a_random_mapping_is_not_probed([Values] bool oneSide)
    {
        for (ulong seed = 1; seed <= 20; seed++)
        {
            TraversalNet net = new(seed, new TraversalCase { Hard = TraversalCase.Random, HardTraversal = oneSide ? null : s_prediction, EasyTraversal = s_prediction, Relay = true });
            net.Run(TimeSpan.FromSeconds(60));
            Assert.That(net.AreConnected && !net.IsDirect, Is.True, net.Explain());
            Assert.That(net.Probes, Is.Zero, net.Explain());
            Assert.That(net.Network.Clock.Elapsed, Is.LessThan(TimeSpan.FromSeconds(2 + 3)), "the relay is nominated as ever");
        }
    }

    [Test]
    public void The_extra_sockets_are_closed_but_for_the_one_that_found_the_peer()
    {
        TraversalNet net = new(1, new TraversalCase { Hard = TraversalCase.Random, HardTraversal = s_guessing, EasyTraversal = s_guessing });
        net.Run(TimeSpan.FromSeconds(60));
        Assert.That(net.IsDirect, Is.True, net.Explain());
        BaseId used = net.Hard.GetSendPath(ComponentId.First)!.Path.Base;
        Assert.Multiple(() =>
        {
            Assert.That(net.Hard.Bases, Has.Count.EqualTo(257));
            Assert.That(net.Hard.Bases.Where(static b => !b.IsClosed).Select(static b => b.Id), Is.EquivalentTo(new[] { new BaseId(0), used }));
            Assert.That(used, Is.Not.EqualTo(new BaseId(0)));
        });
        long probes = net.Probes;
        net.Network.RunFor(TimeSpan.FromMinutes(10));
        Assert.That(net.Exchange(), Is.True, "consent goes on over it");
        Assert.That(net.Probes, Is.EqualTo(probes), "and nothing else is sent");
        net.Signaling.Restart(net.Easy);
        Assert.That(net.Exchange(), Is.True, "data goes on over it during a restart");
        net.Network.RunFor(TimeSpan.FromSeconds(30));
        Assert.That(net.Hard.Bases.Count(static b => !b.IsClosed), Is.LessThanOrEqualTo(2), net.Explain());
    }

    [Test]
    [Rfc(8445, "12.1")]
    public void A_relay_carries_the_data_meanwhile_and_not_a_datagram_is_lost([Values] bool guessing, [Values] bool hardControls)
    {
        // Our own prediction is as fast as a relay.
        bool directFirst = !guessing && hardControls;
        int relayedFirst = 0;
        int direct = 0;
        for (ulong seed = 1; seed <= 20; seed++)
        {
            // Who controls has the option: a plain controlling agent nominates the relay when it finds it.
            bool hardHasTheOption = guessing || hardControls;
            bool easyHasTheOption = guessing || !hardControls;
            TraversalNet net = new(seed, new TraversalCase
            {
                Hard = guessing ? TraversalCase.Random : TraversalCase.Sequential,
                HardTraversal = hardHasTheOption ? s_guessing : null,
                EasyTraversal = easyHasTheOption ? s_guessing : null,
                HardControls = hardControls,
                Relay = true,
            });
            var log = new Conversation(net);
            net.Run(TimeSpan.FromSeconds(60));
            log.Stop();
            net.Network.RunFor(TimeSpan.FromSeconds(2));
            Assert.That(net.AreConnected, Is.True, net.Explain());
            Assert.That(log.Lost, Is.Empty, net.Explain());
            relayedFirst += log.SentOverRelay > 0 && net.IsDirect ? 1 : 0;
            direct += net.IsDirect ? 1 : 0;
        }

        TestContext.Out.WriteLine($"direct in the end: {direct} of 20, {relayedFirst} of them relayed first");
        Assert.That(direct, Is.GreaterThanOrEqualTo(guessing ? 18 : 19));
        Assert.That(relayedFirst, Is.GreaterThanOrEqualTo(directFirst ? 1 : 17));
    }

    [Test]
    public void Where_both_sides_map_each_destination_anew_nothing_is_probed_and_the_relay_is_nominated_as_ever([Values] bool random, [Values] bool hardControls)
    {
        NatOptions nat = random ? TraversalCase.Random : TraversalCase.Sequential;
        for (ulong seed = 1; seed <= 20; seed++)
        {
            TraversalNet net = new(seed, new TraversalCase { Hard = nat, Easy = nat, HardTraversal = s_guessing, EasyTraversal = s_guessing, HardControls = hardControls, Relay = true });
            net.Run(TimeSpan.FromSeconds(60));
            Assert.That(net.AreConnected, Is.True, net.Explain());
            Assert.That(net.Probes, Is.Zero, net.Explain());
            Assert.That(net.Network.Clock.Elapsed, Is.LessThan(TimeSpan.FromSeconds(2 + 3)), "no time is lost");
            if (random)
                Assert.That(net.IsDirect, Is.False);
        }
    }

    [Test]
    public void Where_a_guess_fails_the_relay_is_nominated_when_the_time_is_over([Values] bool hardControls)
    {
        // The peer has no option: nothing meets the many sockets.
        TraversalNet net = new(1, new TraversalCase { Hard = TraversalCase.Random, HardTraversal = s_guessing, HardControls = true, Relay = true });
        if (!hardControls)
            net = new(1, new TraversalCase { Hard = TraversalCase.Random, EasyTraversal = s_guessing with { MaxProbes = 50 }, HardControls = false, Relay = true });
        net.Run(TimeSpan.FromSeconds(60));
        Assert.That(net.AreConnected && !net.IsDirect, Is.True, net.Explain());
        Assert.That(net.Network.Clock.Elapsed.TotalSeconds, hardControls ? Is.InRange(2 + 15.0, 2 + 16.5) : Is.InRange(2 + 2.5, 2 + 4.0), "15 s, or a second after the last of 50 probes");
        Assert.That(net.Hard.Bases.Count(static b => !b.IsClosed), Is.EqualTo(1), "all extra sockets are closed");
    }

    [Test]
    public void The_budget_is_kept()
    {
        IceTraversalOptions slow = s_guessing with { ProbesPerSecond = 40, MaxProbes = 200, Duration = TimeSpan.FromSeconds(10) };
        TraversalNet net = new(3, new TraversalCase { Hard = TraversalCase.Random, HardTraversal = slow with { GuessSockets = 20 }, EasyTraversal = slow });
        var hard = new RateWatch();
        var easy = new RateWatch();
        net.Hard.AddObserver(hard);
        net.Easy.AddObserver(easy);
        net.Run(TimeSpan.FromSeconds(90));
        TestContext.Out.WriteLine($"most requests in a second: hard {hard.MostInASecond}, easy {easy.MostInASecond}; probes: hard {net.Hard.Core.ProbesSent}, easy {net.Easy.Core.ProbesSent}");
        Assert.Multiple(() =>
        {
            Assert.That(hard.MostInASecond, Is.LessThanOrEqualTo(40 + 20 + 10), "probes, one check each Ta, and what is repeated");
            Assert.That(easy.MostInASecond, Is.LessThanOrEqualTo(40 + 20 + 10));
            Assert.That(net.Easy.Core.ProbesSent, Is.InRange(1, 200));
            Assert.That(net.Hard.Core.ProbesSent, Is.InRange(1, 60));
        });
    }

    [Test]
    public void A_controlling_peer_that_nominates_again_and_again_is_followed_to_the_direct_pair()
    {
        int direct = 0;
        for (ulong seed = 1; seed <= 20; seed++)
        {
            // As browsers do: aggressive nomination (RFC 5245), the relay first.
            TraversalNet net = new(seed, new TraversalCase { EasyTraversal = s_prediction, HardControls = true, HardIsAggressive = true, Relay = true });
            net.Run(TimeSpan.FromSeconds(60));
            net.Network.RunFor(TimeSpan.FromSeconds(20));
            Assert.That(net.AreConnected, Is.True, net.Explain());
            Assert.That(net.Exchange(), Is.True, net.Explain());
            direct += net.IsDirect ? 1 : 0;
        }

        TestContext.Out.WriteLine($"direct in the end: {direct} of 20");
        Assert.That(direct, Is.GreaterThanOrEqualTo(19));
    }

    private static void Measure(int percent, TraversalCase what)
    {
        List<string> missed = [];
        List<long> probes = [];
        List<double> seconds = [];
        for (int seed = 1; seed <= Runs; seed++)
        {
            // Where the roles are not the point, each side controls every other time.
            TraversalNet net = new((ulong)seed, what.Hard.PortAssignment != NatPortAssignment.Sequential ? what with { HardControls = seed % 2 == 0 } : what);
            net.Run(TimeSpan.FromSeconds(60));
            probes.Add(net.Probes);
            if (!net.IsDirect)
            {
                missed.Add(net.Explain());
                continue;
            }

            seconds.Add((net.Network.Clock.Elapsed - TimeSpan.FromSeconds(2)).TotalSeconds);
            if (seed % 20 == 0 && what.Loss == 0)
                Assert.That(net.Exchange(), Is.True, $"data passes both ways: {net.Explain()}");
        }

        probes.Sort();
        seconds.Sort();
        int direct = Runs - missed.Count;
        TestContext.Out.WriteLine(FormattableString.Invariant(
            $"direct {direct} of {Runs}; probes p50 {probes[Runs / 2]}, p95 {probes[Runs * 95 / 100]}, most {probes[^1]}; seconds to connect p50 {Percentile(seconds, 50):0.00}, p95 {Percentile(seconds, 95):0.00}"));
        Assert.That(direct * 100, Is.GreaterThanOrEqualTo(Runs * percent), string.Join('\n', missed));
    }

    private static double Percentile(List<double> sorted, int percent) => sorted.Count == 0 ? double.NaN : sorted[sorted.Count * percent / 100];

    private static (string Hash, WireWatch Watch) Trace(ulong seed, TraversalCase what)
    {
        TraversalNet net = new(seed, what);
        using var hash = new TraceHash();
        net.Network.AddTap(hash);
        var watch = new WireWatch(net);
        net.Hard.AddObserver(watch);
        net.Easy.AddObserver(watch);
        net.Run(TimeSpan.FromSeconds(60));
        return (hash.Current(), watch);
    }

    /// <summary>Notes requests to addresses that nobody signaled and no check came from, and server-reflexive candidates that no server saw.</summary>
    private sealed class WireWatch(TraversalNet net) : AgentObserver
    {
        public List<string> Unexpected { get; } = [];

        public override void OnTransmit(SimAgent agent, IcePath path, ReadOnlySpan<byte> message)
        {
            bool known = agent.Options.Servers.Contains(path.Remote) || agent.Options.Relays.Any(r => r.Server == path.Remote)
                || agent.Core.GetRemoteCandidates().Any(c => c.Address == path.Remote);
            if (StunMessage.TryParse(message, out StunMessage stun, out _) && stun.Class == StunClass.Request && !known)
                Unexpected.Add($"{agent.Name} to {path.Remote}");
        }

        public override void OnEvent(SimAgent agent, IceEvent happened)
        {
            if (happened is IceEvent.LocalCandidate { Candidate: { Type: IceCandidateType.ServerReflexive } candidate } && !Nat(agent).IsMapped(candidate.Address))
                Unexpected.Add($"{agent.Name} signals {candidate}");
        }

        private Nat Nat(SimAgent agent) => agent == net.Hard ? net.HardNat : net.EasyNat;
    }

    private sealed class RateWatch : AgentObserver
    {
        private readonly Queue<Instant> _last = new();

        public int MostInASecond { get; private set; }

        public override void OnTransmit(SimAgent agent, IcePath path, ReadOnlySpan<byte> message)
        {
            if (!StunMessage.TryParse(message, out StunMessage stun, out _) || stun.Class != StunClass.Request)
                return;
            Instant now = agent.Host.Network.Now;
            _last.Enqueue(now);
            while (_last.Peek() <= now - TimeSpan.FromSeconds(1))
                _last.Dequeue();
            MostInASecond = Math.Max(MostInASecond, _last.Count);
        }
    }

    /// <summary>Both sides send a numbered datagram every 20 ms, as soon as they have a path.</summary>
    private sealed class Conversation
    {
        private readonly TraversalNet _net;
        private readonly List<(SimAgent To, string Text)> _sent = [];
        private bool _stopped;

        public Conversation(TraversalNet net)
        {
            _net = net;
            Speak();
        }

        public int SentOverRelay { get; private set; }

        public IEnumerable<string> Lost => _sent.Where(static sent => !sent.To.Received.Any(d => d.Text == sent.Text)).Select(static sent => $"to {sent.To}: {sent.Text}");

        public void Stop() => _stopped = true;

        private void Speak()
        {
            if (_stopped)
                return;
            Send(_net.Hard, _net.Easy);
            Send(_net.Easy, _net.Hard);
            _net.Network.Schedule(TimeSpan.FromMilliseconds(20), Speak);
        }

        private void Send(SimAgent from, SimAgent to)
        {
            string text = $"{from} {_sent.Count} over {from.GetSendPath(ComponentId.First)?.Path}";
            if (from.GetSendPath(ComponentId.First) is not { } pair || !from.SendData(ComponentId.First, text))
                return;
            _sent.Add((to, text));
            SentOverRelay += TraversalNet.IsRelayed(pair) ? 1 : 0;
        }
    }
}
