using Ice.Core;
using Stun;
using Turn;

namespace Ice.Simulation.Tests;

/// <summary>Two agents, each behind a NAT with address-and-port-dependent mapping and filtering, and a TURN server on the Internet.</summary>
internal sealed class RelayNet
{
    private readonly IceCoreOptions _core;
    private int _exchanged;

    public RelayNet(
        ulong seed, bool relayOnlyA = false, bool relayOnlyB = false, LinkConditions? conditions = null, string password = "secret", RelayPolicy? policy = null, int servers = 1,
        TimeSpan? nonceLifetime = null, bool consent = true, TimeSpan? gatheringTimeout = null)
    {
        _core = new IceCoreOptions { Consent = consent, GatheringTimeout = gatheringTimeout };
        Network = new SimNetwork(seed);
        var internet = new Realm(Network, "internet");
        var users = new TurnUsers("sim", [new KeyValuePair<string, string>("user", "secret")], []);
        var relays = new List<SimRelay>();
        for (int i = 0; i < servers; i++)
        {
            TransportAddress address = TransportAddress.Parse($"203.0.113.{10 + i}", 3478);
            var serverHost = new SimHost(Network, $"server {i}");
            serverHost.AddInterface("eth0", internet, null, $"203.0.113.{10 + i}");
            var options = new TurnServerCoreOptions
            {
                RelayIPv4 = address,
                Users = users,
                Policy = policy ?? new RelayPolicy { AllowOwnAddresses = true },
                NonceLifetime = nonceLifetime ?? TurnServerDefaults.NonceLifetime,
            };
            Servers.Add(new SimTurnServer(serverHost, address, options));
            relays.Add(new SimRelay(address, "user", password));
        }

        A = Agent("A", internet, "192.168.1.2", "203.0.113.1", IceRole.Controlling, relayOnlyA, relays, conditions);
        B = Agent("B", internet, "192.168.2.2", "203.0.113.2", IceRole.Controlled, relayOnlyB, relays, conditions);
        Signaling = new SimSignaling(A, B, TrickleMode.Full, TimeSpan.FromMilliseconds(20));
    }

    public SimNetwork Network { get; }

    public List<SimTurnServer> Servers { get; } = [];

    public SimTurnServer Server => Servers[0];

    public SimAgent A { get; }

    public SimAgent B { get; }

    public SimSignaling Signaling { get; }

    /// <summary>Between the NATs and the Internet: A's, then B's.</summary>
    public List<Link> Links { get; } = [];

    public void Start() => Signaling.Start();

    public bool Connect() => Network.RunUntil(() => IsUp(A) && IsUp(B), TimeSpan.FromSeconds(90));

    /// <summary>Sends both ways; whether both arrived.</summary>
    public bool Exchange(string text)
    {
        string marked = $"{text} {++_exchanged}";
        bool sent = A.SendData(ComponentId.First, marked) && B.SendData(ComponentId.First, marked);
        Network.RunFor(TimeSpan.FromSeconds(1));
        return sent && A.Received.Any(d => d.Text == marked) && B.Received.Any(d => d.Text == marked);
    }

    /// <summary>Whether an agent's data goes out in ChannelData messages just now.</summary>
    public static bool SendsThroughChannel(SimAgent agent)
    {
        byte[] buffer = new byte[100];
        return agent.GetSendPath(ComponentId.First) is { } pair
            && agent.Core.TryEncodeRelayed(pair.Path, [1], buffer, out _)
            && ChannelData.IsChannelNumber((buffer[0] << 8) | buffer[1]);
    }

    /// <summary>Ends both agents; whether their goodbyes arrive is up to the links.</summary>
    public void Close()
    {
        A.Run(static (core, now) => core.Close(now));
        B.Run(static (core, now) => core.Close(now));
    }

    public string Explain() =>
        $"seed {Network.Seed} at {Network.Now}: A {A.State} {A.Explanation}, B {B.State} {B.Explanation}; "
        + string.Join("; ", A.Core.GetPairs().Select(p => $"{p.Local.Type} {p.Local.Address} -> {p.Remote.Type} {p.Remote.Address} {p.State} {p.FailureReason}"));

    private static bool IsUp(SimAgent agent) => agent.State == IceConnectionState.Connected;

    private SimAgent Agent(string name, Realm internet, string inner, string outer, IceRole role, bool relayOnly, IReadOnlyList<SimRelay> relays, LinkConditions? conditions)
    {
        var lan = new Realm(Network, "lan" + name);
        var options = new NatOptions { Mapping = NatMapping.AddressAndPortDependent, Filtering = NatFiltering.AddressAndPortDependent, PortAssignment = NatPortAssignment.Random };
        var link = new Link(Network, conditions ?? LinkConditions.Perfect);
        Links.Add(link);
        _ = new Nat(Network, "nat" + name, lan, internet, options, link, TransportAddress.Parse(outer, 0));
        var host = new SimHost(Network, name);
        host.AddInterface("eth0", lan, null, inner);
        return new SimAgent(host, name, new SimAgentOptions { Core = _core with { Role = role, RelayOnly = relayOnly }, Relays = relays });
    }
}
