using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Ice.Server;

namespace Bench;

/// <summary>The network between two agents: nothing but loopback, or the delay proxy with the servers behind it.</summary>
/// <remarks>
/// Between the agents stands a link of the proxy. Each agent is told one end of it as its peer's candidate, and hears its peer from there; with
/// server-reflexive candidates that end is also what its STUN server told the peer, as a NAT does. With relayed candidates the proxy is also
/// between each agent and its TURN server: agent, server, server, agent, with a sixth of R for each leg each way.
/// </remarks>
internal sealed class ConnectScene : IAsyncDisposable
{
    private const uint LivePriority = 1_000_000_000;
    private const uint DeadPriority = 2_000_000_000;

    private readonly DelayProxy? _proxy;
    private readonly TurnServer? _turn;
    private readonly List<Socket> _dead = [];
    private readonly DelayPort? _forA;
    private readonly DelayPort? _forB;

    private ConnectScene(PairPlan plan, DelayProxy? proxy = null, TurnServer? turn = null, DelayPort? forA = null, DelayPort? forB = null)
    {
        (Plan, _proxy, _turn, _forA, _forB) = (plan, proxy, turn, forA, forB);
        proxy?.Start();
    }

    /// <summary>What the agents gather from.</summary>
    public PairPlan Plan { get; init; }

    /// <summary>By how many microseconds the proxy was late; read after the end.</summary>
    public IReadOnlyList<double> Lateness => _proxy?.Lateness ?? [];

    /// <summary>Builds the network.</summary>
    /// <param name="kind">Which candidates the agents are to tell.</param>
    /// <param name="roundTrip">R; zero for none.</param>
    /// <param name="deadCandidates">How many candidates above the live one lead nowhere.</param>
    public static async Task<ConnectScene> MakeAsync(PathKind kind, TimeSpan roundTrip, int deadCandidates = 0)
    {
        ConnectScene scene = roundTrip == TimeSpan.Zero ? new ConnectScene(PairPlan.Host)
            : kind == PathKind.Relayed ? await MakeRelayedAsync(roundTrip)
            : MakeDirect(kind, roundTrip);
        for (int i = 0; i < deadCandidates; i++)
        {
            // Bound and never read: no ICMP tells that nobody is there.
            Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4096 };
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            scene._dead.Add(socket);
        }

        return scene;
    }

    /// <summary>What the agents are to be told of each other.</summary>
    public (IReadOnlyList<string> ToA, IReadOnlyList<string> ToB) Signal(IPair pair)
    {
        if (pair.CandidatesOfA.Count != 1 || pair.CandidatesOfB.Count != 1)
            throw new BenchException($"Each agent should have one {Plan.Kind.Token()} candidate; there are {pair.CandidatesOfA.Count} and {pair.CandidatesOfB.Count}.");
        string a = pair.CandidatesOfA[0];
        string b = pair.CandidatesOfB[0];
        if (_forA is not null && _forB is not null)
        {
            // Server-reflexive ones it has learned, as a NAT does.
            if (Plan.Kind != PathKind.ServerReflexive)
            {
                _forA.SetPeer(EndPointOf(a));
                _forB.SetPeer(EndPointOf(b));
            }

            (b, a) = (Move(b, _forA.EndPoint), Move(a, _forB.EndPoint));
        }

        string[] dead = [.. _dead.Select(static (socket, i) => Dead((IPEndPoint)socket.LocalEndPoint!, i))];
        return dead.Length == 0 ? ([b], [a]) : ([.. dead, Lower(b)], [.. dead, Lower(a)]);
    }

    public async ValueTask DisposeAsync()
    {
        _proxy?.Dispose();
        _dead.ForEach(static socket => socket.Dispose());
        if (_turn is not null)
            await _turn.DisposeAsync();
    }

    private static ConnectScene MakeDirect(PathKind kind, TimeSpan roundTrip)
    {
#pragma warning disable CA2000 // the scene owns it
        DelayProxy proxy = new(roundTrip / 2);
#pragma warning restore CA2000
        // What A sends to arrives at B from the other end, and the other way round.
        (DelayPort forA, DelayPort forB) = proxy.AddLink();
        PairPlan plan = PairPlan.Host;
        if (kind == PathKind.ServerReflexive)
            plan = new PairPlan(kind, proxy.AddStunServer(forB).EndPoint, proxy.AddStunServer(forA).EndPoint);
        return new ConnectScene(plan, proxy, null, forA, forB);
    }

    private static async Task<ConnectScene> MakeRelayedAsync(TimeSpan roundTrip)
    {
#pragma warning disable CA2000 // the scene owns it
        TurnServer turn = new(new TurnServerOptions
        {
            UdpEndPoints = [new IPEndPoint(IPAddress.Loopback, 0)],
            RelayAddresses = [IPAddress.Loopback],
            Users = new Dictionary<string, string> { [PairPlan.User] = PairPlan.Password },
            Policy = new Turn.RelayPolicy { AllowLoopback = true, AllowOwnAddresses = true },
        });
#pragma warning restore CA2000
        await turn.StartAsync();
#pragma warning disable CA2000 // the scene owns it
        DelayProxy proxy = new(roundTrip / 6);
#pragma warning restore CA2000
        (DelayPort serverForA, DelayPort fromA) = proxy.AddLink();
        (DelayPort serverForB, DelayPort fromB) = proxy.AddLink();
        fromA.SetPeer(turn.UdpEndPoints[0]);
        fromB.SetPeer(turn.UdpEndPoints[0]);
        (DelayPort forA, DelayPort forB) = proxy.AddLink();
        return new ConnectScene(new PairPlan(PathKind.Relayed, serverForA.EndPoint, serverForB.EndPoint), proxy, turn, forA, forB);
    }

    private static IPEndPoint EndPointOf(string candidate)
    {
        string[] words = candidate.Split(' ');
        return new IPEndPoint(IPAddress.Parse(words[4]), int.Parse(words[5], CultureInfo.InvariantCulture));
    }

    // The first eight words: foundation, component, transport, priority, address, port, "typ", type (RFC 8839 §5.1).
    private static string Move(string candidate, IPEndPoint to)
    {
        string[] words = candidate.Split(' ');
        (words[4], words[5]) = (to.Address.ToString(), to.Port.ToString(CultureInfo.InvariantCulture));
        return string.Join(' ', words);
    }

    private static string Lower(string candidate)
    {
        string[] words = candidate.Split(' ');
        words[3] = LivePriority.ToString(CultureInfo.InvariantCulture);
        return string.Join(' ', words);
    }

    private static string Dead(IPEndPoint at, int index) =>
        string.Create(CultureInfo.InvariantCulture, $"candidate:dead{index} 1 udp {DeadPriority - index} {at.Address} {at.Port} typ host");
}
