using Ice.Core;
using Stun;
using Turn;

namespace Ice.Simulation.Tests;

/// <summary>
/// The hard side behind a NAT with address-and-port-dependent mapping and filtering, the easy side behind the most common home router: an
/// endpoint-independent one with port-restricted filtering. Plain ICE finds no direct path between them. Two STUN servers, and a TURN server
/// where it is asked for.
/// </summary>
internal sealed class TraversalNet
{
    private static readonly TransportAddress s_turn = TransportAddress.Parse("198.51.100.3", 3478);

    private readonly SimHost _neighbor;
    private readonly SimHost _sink;
    private readonly SimRandom _random;
    private int _exchanged;

    public TraversalNet(ulong seed, TraversalCase what)
    {
        Network = new SimNetwork(seed);
        _random = Network.Random.Fork();
        var internet = new Realm(Network, "internet");
        List<TransportAddress> servers = [];
        for (int i = 1; i <= 2; i++)
        {
            var host = new SimHost(Network, $"stun {i}");
            host.AddInterface("eth0", internet, null, $"198.51.100.{i}");
            servers.Add(new SimStunServer(host, TransportAddress.Parse($"198.51.100.{i}", 3478)).Address);
        }

        _sink = new SimHost(Network, "elsewhere");
        _sink.AddInterface("eth0", internet, null, "198.51.100.200");
        if (what.Relay)
            AddTurnServer(internet);
        var hardLan = new Realm(Network, "hard lan");
        HardNat = AddNat("hard nat", hardLan, internet, what.Hard, "203.0.113.1");
        var easyLan = new Realm(Network, "easy lan");
        EasyNat = AddNat("easy nat", easyLan, internet, what.Easy, "203.0.113.2");
        var link = new LinkConditions { Latency = TimeSpan.FromMilliseconds(8), Jitter = TimeSpan.FromMilliseconds(4) };
        Hard = AddAgent("hard", hardLan, link, "192.168.1.10", servers, what.HardTraversal, what.HardControls ? IceRole.Controlling : IceRole.Controlled, what);
        Easy = AddAgent("easy", easyLan, link, "192.168.2.10", servers, what.EasyTraversal, what.HardControls ? IceRole.Controlled : IceRole.Controlling, what);
        _neighbor = new SimHost(Network, "neighbor");
        _neighbor.AddInterface("eth0", hardLan, null, "192.168.1.99");
        bool hardOffers = _random.Chance(0.5);
        Signaling = new SimSignaling(hardOffers ? Hard : Easy, hardOffers ? Easy : Hard, what.Trickle, _random.UpTo(TimeSpan.FromMilliseconds(200)));
        if (what.NoisePerSecond > 0)
            MakeNoise(what.NoisePerSecond);
    }

    public SimNetwork Network { get; }

    public Nat HardNat { get; }

    public Nat EasyNat { get; }

    public SimAgent Hard { get; }

    public SimAgent Easy { get; }

    public SimSignaling Signaling { get; }

    public long Probes => Hard.Core.ProbesSent + Easy.Core.ProbesSent;

    /// <summary>Whether both ends have selected a pair without a relay.</summary>
    public bool IsDirect => IsDirectAt(Hard) && IsDirectAt(Easy);

    public bool AreConnected => Hard.State == IceConnectionState.Connected && Easy.State == IceConnectionState.Connected;

    public static bool IsDirectAt(SimAgent agent) =>
        agent.State == IceConnectionState.Connected && agent.GetSendPath(ComponentId.First) is { Nominated: true } pair && !IsRelayed(pair);

    public static bool IsRelayed(CandidatePairInfo pair) =>
        pair.Local.Type == IceCandidateType.Relayed || pair.Remote.Address.SameAddress(s_turn);

    /// <summary>Runs until both have ended, and a little on.</summary>
    public void Run(TimeSpan limit)
    {
        Signaling.Start();
        _ = Network.RunUntil(() => HasEnded(Hard) && HasEnded(Easy), limit);
        Network.RunFor(TimeSpan.FromSeconds(2));
    }

    /// <summary>Sends both ways; whether both arrived.</summary>
    public bool Exchange()
    {
        string marked = $"hello {++_exchanged}";
        bool sent = Hard.SendData(ComponentId.First, marked) && Easy.SendData(ComponentId.First, marked);
        Network.RunFor(TimeSpan.FromSeconds(1));
        return sent && Hard.Received.Any(d => d.Text == marked) && Easy.Received.Any(d => d.Text == marked);
    }

    public IEnumerable<T> Events<T>(SimAgent agent)
        where T : IceEvent => agent.Log.Select(static entry => entry.Event).OfType<T>();

    public string Explain() => $"seed {Network.Seed}: hard {Explain(Hard)}; easy {Explain(Easy)}; {Probes} probes";

    private static string Explain(SimAgent agent) =>
        $"{agent.State} {agent.GetSendPath(ComponentId.First)?.Path} [{string.Join(", ", agent.Log.Select(static e => e.Event).OfType<IceEvent.PortsPredicted>().Select(static p => $"{(p.OfPeer ? "peer" : "own")} {p.Pattern}: {string.Join(' ', p.Predicted)}"))}]";

    private static bool HasEnded(SimAgent agent) => agent.State is IceConnectionState.Connected or IceConnectionState.Failed;

    private Nat AddNat(string name, Realm inside, Realm outside, NatOptions options, string external)
    {
        // Where its ports begin is chance, or a sequential NAT would start at the same one in each run.
        int first = options.PortAssignment == NatPortAssignment.Sequential ? _random.Next(1024, 60_000) : options.FirstPort;
        return new Nat(Network, name, inside, outside, options with { FirstPort = first }, null, TransportAddress.Parse(external, 0));
    }

    private void AddTurnServer(Realm internet)
    {
        var host = new SimHost(Network, "turn");
        host.AddInterface("eth0", internet, null, "198.51.100.3");
        _ = new SimTurnServer(host, s_turn, new TurnServerCoreOptions
        {
            RelayIPv4 = s_turn,
            Users = new TurnUsers("sim", [new KeyValuePair<string, string>("user", "secret")], []),
            Policy = new RelayPolicy { AllowOwnAddresses = true },
        });
    }

    private SimAgent AddAgent(string name, Realm lan, LinkConditions link, string address, IReadOnlyList<TransportAddress> servers, IceTraversalOptions? traversal, IceRole role, TraversalCase what)
    {
        var host = new SimHost(Network, name);
        host.AddInterface("eth0", lan, new Link(Network, link with { Loss = LossModel.Random(what.Loss) }), address);
        var agent = new SimAgent(host, name, new SimAgentOptions
        {
            Core = new IceCoreOptions { Role = role, Traversal = traversal, AggressiveNomination = what.HardIsAggressive && name == "hard" },
            Servers = servers,
            Relays = what.Relay ? [new SimRelay(s_turn, "user", "secret")] : [],
            TimerSlack = TimeSpan.FromMilliseconds(1),
        });
        // They know nothing of relays.
        if (!what.Relay)
            agent.AddObserver(new Invariants());
        return agent;
    }

    // Other hosts behind the hard NAT take ports too: a new destination each time, at random times.
    private void MakeNoise(double perSecond)
    {
        SimSocket socket = _neighbor.Bind(_neighbor.Interfaces[0].Addresses[0].WithPort(0));
        int port = 1;
        void Next()
        {
            socket.Send(TransportAddress.Parse("198.51.100.200", port++), [0]);
            Network.Schedule(TimeSpan.FromSeconds(-Math.Log(1 - _random.NextDouble()) / perSecond), Next);
        }

        Network.Schedule(TimeSpan.FromSeconds(_random.NextDouble() / perSecond), Next);
    }
}
