using System.Net;
using System.Net.Sockets;
using Ice.Net;
using Microsoft.Extensions.Logging;

namespace Ice;

/// <summary>
/// One UDP port for many agents: a server with thousands of peers opens one port for each local address, and one hole in its firewall. Bind it,
/// and name it in <see cref="IceAgentOptions.Mux"/>: the agents then gather its addresses in place of opening sockets. Thread-safe.
/// </summary>
/// <remarks>
/// <para>A check is its agent's whose username fragment it names, a response the agent's that sent the request, and data the agent's that has
/// proved the address that it comes from: an authenticated check came from there, or an answer to a check of its own. Nothing that anybody
/// sends without an agent's password changes where datagrams go.</para>
/// <para>Datagrams are handed over on the loop that received them, so that an agent's handler (<see cref="IceAgentOptions.DatagramHandler"/>) holds
/// up the others for as long as it takes.</para>
/// <para>Two agents whose peers share a remote port cannot be told apart by data: where two muxes face each other, all but one pair of agents
/// between the same two ports can be checked and kept alive, and only one carries data.</para>
/// </remarks>
public sealed class IceUdpMux : IAsyncDisposable
{
    private readonly IceUdpMuxOptions _options;
    private readonly MuxPort[] _ports;
    private readonly MuxMetrics _metrics;
    private readonly Lock _gate = new();
    private readonly HashSet<MuxMember> _members = [];
    private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _closed;

    private IceUdpMux(IceUdpMuxOptions options, MuxPort[] ports)
    {
        _options = options;
        _ports = ports;
        LocalEndPoints = [.. ports.Select(static port => port.LocalEndPoint)];
        _metrics = MuxMetrics.For(options.MeterFactory);
        _metrics.Add(this);
        foreach (MuxPort port in ports)
            port.Lost = OnLost;
        foreach (MuxPort port in ports)
            port.Start();
    }

    /// <summary>The addresses and ports that it listens at.</summary>
    public IReadOnlyList<IPEndPoint> LocalEndPoints { get; }

    /// <summary>How many agents it has.</summary>
    public int AgentCount
    {
        get
        {
            lock (_gate)
                return _members.Count;
        }
    }

    /// <summary>Why the agents fail that are there when the mux is disposed of.</summary>
    internal static string ClosedMessage => "The IceUdpMux that the agent sends and receives with was disposed of: dispose of its agents first, or bind another and make new agents.";

    internal IceUdpMuxOptions Options => _options;

    /// <summary>One for each local address.</summary>
    internal IReadOnlyList<MuxPort> Ports => _ports;

    internal bool IsClosed
    {
        get
        {
            lock (_gate)
                return _closed;
        }
    }

    /// <summary>Opens the sockets and begins to receive.</summary>
    /// <param name="options">Where.</param>
    /// <exception cref="ArgumentException">An option is out of range or contradicts another; the message says which and what to write instead.</exception>
    /// <exception cref="SocketException">An address is not this host's, its port is taken, or there is none at all.</exception>
    /// <exception cref="PlatformNotSupportedException">Several <see cref="IceUdpMuxOptions.Shards"/> on a system that has no such thing.</exception>
    public static IceUdpMux Bind(IceUdpMuxOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        MuxBinder.Validate(options);
        return new IceUdpMux(options, MuxBinder.Open(options, options.LoggerFactory.CreateLogger("Ice.IceUdpMux")));
    }

    /// <summary>Counts of this moment.</summary>
    public IceUdpMuxStats GetStats()
    {
        long Sum(Func<MuxCounters, long> value) => _ports.Sum(port => port.Receivers.Sum(receiver => value(receiver.Counters)));
        return new IceUdpMuxStats
        {
            Agents = AgentCount,
            UsernameFragments = _ports.Sum(static port => port.Router.UsernameCount),
            RemoteAddresses = _ports.Sum(static port => port.Router.AddressCount),
            Transactions = _ports.Sum(static port => port.Router.TransactionCount),
            RoutedByUsername = Sum(static counters => counters[MuxVerdict.Username]),
            RoutedByTransaction = Sum(static counters => counters[MuxVerdict.Transaction]),
            RoutedByAddress = Sum(static counters => counters[MuxVerdict.Address]),
            RoutedBySharedAddress = Sum(static counters => counters[MuxVerdict.SharedAddress]),
            Malformed = Sum(static counters => counters[MuxVerdict.Malformed]),
            WithoutUsername = Sum(static counters => counters[MuxVerdict.NoUsername]),
            UnknownUsername = Sum(static counters => counters[MuxVerdict.UnknownUsername]),
            UnknownTransaction = Sum(static counters => counters[MuxVerdict.UnknownTransaction]),
            UnknownSource = Sum(static counters => counters[MuxVerdict.UnknownSource]),
            TooLarge = Sum(static counters => counters.Oversized),
            NotReceiving = Sum(static counters => counters.Unowned),
            ReceiveErrors = Sum(static counters => counters.ReceiveErrors),
        };
    }

    /// <summary>Closes the sockets: when the task has ended no socket and no task of the mux is left. Agents that are still there fail and say why: dispose of them first.</summary>
    /// <remarks>Called again it waits for the first call.</remarks>
    public async ValueTask DisposeAsync()
    {
        MuxMember[]? members = null;
        lock (_gate)
        {
            if (!_closed)
                members = [.. _members];
            _closed = true;
        }

        if (members is null)
        {
            await _disposed.Task.ConfigureAwait(false);
            return;
        }

        foreach (MuxMember member in members)
            member.Lose(member.Sockets, ClosedMessage);
        foreach (MuxPort port in _ports)
            await port.DisposeAsync().ConfigureAwait(false);
        _metrics.Retire(this);
        _disposed.TrySetResult();
    }

    /// <summary>Makes an agent known.</summary>
    /// <exception cref="ObjectDisposedException">The mux was disposed of.</exception>
    internal MuxMember Join()
    {
        MuxMember member = new(this, _ports);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            _members.Add(member);
        }

        return member;
    }

    /// <summary>An agent has closed.</summary>
    internal void Remove(MuxMember member)
    {
        lock (_gate)
            _members.Remove(member);
    }

    private void OnLost(MuxPort port)
    {
        MuxMember[] members;
        lock (_gate)
            members = [.. _members];
        foreach (MuxMember member in members)
            member.Lose([.. member.Sockets.Where(socket => socket.Port == port)], "The sockets of the IceUdpMux that the agent sends and receives with have failed: bind another and make new agents.");
    }
}
