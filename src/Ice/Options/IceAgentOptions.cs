using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Ice.Core;
using Ice.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ice;

/// <summary>How an <see cref="IceAgent"/> behaves. Immutable; the defaults suit a WebRTC-like peer. Checked when the agent is made.</summary>
public sealed record IceAgentOptions
{
    /// <summary>The role at the start: as a rule the offerer controls (RFC 8445 §6.1.1). A role conflict may change it.</summary>
    public IceRole Role { get; init; } = IceRole.Controlling;

    /// <summary>Full or lite (RFC 8445 §2.5).</summary>
    public IceMode Mode { get; init; } = IceMode.Full;

    /// <summary>The servers to gather candidates from; none by default.</summary>
    public IReadOnlyList<IceServer> Servers { get; init; } = [];

    /// <summary>Which candidates may be used.</summary>
    public IceTransportPolicy Policy { get; init; } = IceTransportPolicy.All;

    /// <summary>Our credentials; null draws fresh ones from the system's cryptographic generator.</summary>
    public IceParameters? LocalParameters { get; init; }

    /// <summary>The number of components of each data stream; one stream with one component by default.</summary>
    public IReadOnlyList<int> Streams { get; init; } = [1];

    /// <summary>Ta, the time between two new STUN transactions: 50 ms by default, 5 ms at least (RFC 8445 §14.2).</summary>
    public TimeSpan Pacing { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// A pacer that several agents share; null takes that of the process, which starts a transaction every 5 ms at most over all agents
    /// (RFC 8445 §14.2). A server that has to connect many agents at once takes <see cref="Ice.Core.Pacer.Unshared"/>, with which each agent keeps
    /// its own <see cref="Pacing"/> alone: what that RFC asks of all agents of a process together is then the server's to answer for.
    /// </summary>
    public Pacer? Pacer { get; init; }

    /// <summary>Nominate with the first check of each pair, as RFC 5245 allowed: for old peers only.</summary>
    public bool AggressiveNomination { get; init; }

    /// <summary>Whether consent freshness is checked (RFC 7675). Switch it off only for peers that cannot answer.</summary>
    public bool Consent { get; init; } = true;

    /// <summary>How long to look for a working pair before failing (RFC 8863 §4): 39.5 s by default.</summary>
    public TimeSpan PatienceTimeout { get; init; } = TimeSpan.FromMilliseconds(39_500);

    /// <summary>How long name resolution, a stream to a server and a server's answer may each take: 10 s by default. It delays nothing but the end of gathering.</summary>
    public TimeSpan GatheringTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether IPv4 is used.</summary>
    public bool IPv4 { get; init; } = true;

    /// <summary>Whether IPv6 is used.</summary>
    public bool IPv6 { get; init; } = true;

    /// <summary>Chooses interfaces by name; null takes all. Called as <see cref="InterfaceLister"/> is.</summary>
    public Func<string, bool>? InterfaceFilter { get; init; }

    /// <summary>Chooses addresses; null takes all. Called as <see cref="InterfaceLister"/> is.</summary>
    public Func<HostAddress, bool>? AddressFilter { get; init; }

    /// <summary>The local addresses to bind; empty takes those of the host's interfaces.</summary>
    public IReadOnlyList<IPAddress> BindAddresses { get; init; } = [];

    /// <summary>The local ports to bind; null lets the system choose.</summary>
    public IcePortRange? PortRange { get; init; }

    /// <summary>
    /// Shares the ports of a mux with other agents, in place of opening sockets; null, the default, opens sockets. With it the agent has one stream
    /// with one component, and the mux's addresses for its host candidates; relays are reached over TCP, TLS or DTLS alone.
    /// </summary>
    /// <remarks>Dispose of the agents before the mux.</remarks>
    public IceUdpMux? Mux { get; init; }

    /// <summary>Whether 127.0.0.1 and ::1 are gathered too: for tests and demonstrations on one machine.</summary>
    /// <remarks>RFC 8445 §5.1.1.1: "Addresses from a loopback interface MUST NOT be included in the candidate addresses."</remarks>
    public bool IncludeLoopback { get; init; }

    /// <summary>Takes application datagrams on the receive loop; null buffers them for <see cref="IceAgent.ReceiveAsync"/>.</summary>
    /// <remarks>Never called before the agent has raised <see cref="IceAgent.StateChanged"/> with Connected: what arrives earlier is buffered and handed over then.</remarks>
    public IceDatagramHandler? DatagramHandler { get; init; }

    /// <summary>The same with what is known of each datagram, its <see cref="IceReceiveResult.TrafficClass"/> among it; in place of <see cref="DatagramHandler"/>.</summary>
    public IceMarkedDatagramHandler? MarkedDatagramHandler { get; init; }

    /// <summary>
    /// The Differentiated Services Code Point, 0 to 63, of everything that the agent's UDP sockets send, but for datagrams that are sent with a
    /// traffic class of their own: checks and their responses, consent and TURN have it too (RFC 8445 §7.2.3). 0, best effort, by default.
    /// </summary>
    /// <remarks>A system that refuses is logged as a warning, and shows in <see cref="IceComponent.Marking"/>. TCP to TURN servers is not marked.</remarks>
    public int Dscp { get; init; }

    /// <summary>
    /// Whether <see cref="IceReceiveResult.TrafficClass"/> tells with what DSCP and ECN each datagram arrived, as far as the socket can
    /// (<see cref="IceComponent.Marking"/>). It costs a little for each datagram, so that it is off by default;
    /// <see cref="MarkedDatagramHandler"/> has it in any case.
    /// </summary>
    public bool ReceiveTrafficClass { get; init; }

    /// <summary>
    /// Whether the system may hand over datagrams of one sender that came together in one piece, which the agent takes apart again (UDP_GRO of
    /// Linux; nothing elsewhere). Handlers get each datagram by itself all the same, many of them at a fraction of the cost. It costs a little
    /// where datagrams come one by one, so that it is off by default.
    /// </summary>
    public bool ReceiveCoalescing { get; init; }

    /// <summary>How many received datagrams a component buffers; 256 by default.</summary>
    public int ReceiveBufferSlots { get; init; } = 256;

    /// <summary>Which datagram is dropped (and counted) when that buffer is full.</summary>
    public IceReceiveDropPolicy ReceiveDropPolicy { get; init; } = IceReceiveDropPolicy.DropNewest;

    /// <summary>The largest datagram received, in bytes: 2,048 by default, 65,535 at most. Longer ones are dropped and counted.</summary>
    public int MaxDatagramSize { get; init; } = 2048;

    /// <summary>The clock and the timers.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where log entries go; nowhere by default. Passwords are never logged, addresses at Debug at most.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>Makes the meter "Ice"; null uses one meter of the process.</summary>
    public IMeterFactory? MeterFactory { get; init; }

    /// <summary>Opens the sockets; null opens the system's. Called as <see cref="InterfaceLister"/> is, once per local address and component.</summary>
    public Func<IPEndPoint, IDatagramSocket>? SocketFactory { get; init; }

    /// <summary>
    /// Lists the host's addresses; null asks the system. Called on the thread that starts gathering, restarts, or calls
    /// <see cref="IceAgent.RefreshInterfaces"/>, and on one of the thread pool with <see cref="WatchInterfaces"/>; one call at a time.
    /// </summary>
    public Func<IReadOnlyList<HostAddress>>? InterfaceLister { get; init; }

    /// <summary>
    /// Whether the agent looks at the host's addresses again when the system says that they have changed (RFC 8445 §5.1.1.4): see
    /// <see cref="IceAgent.RefreshInterfaces"/>. Off by default; a restart looks in any case.
    /// </summary>
    public bool WatchInterfaces { get; init; }

    /// <summary>What tells of changed addresses in place of the system, for tests.</summary>
    internal IAddressChanges? AddressChanges { get; init; }

    /// <summary>Resolves the names of servers and of remote candidates; null uses the system's resolver, and multicast DNS for <c>.local</c>.</summary>
    public INameResolver? NameResolver { get; init; }

    /// <summary>
    /// Asks for SRV and NAPTR records: with it, servers named without a port are found as RFC 5928 and RFC 8489 §8 say. Null, the default, takes
    /// names for those of hosts, as browsers do. <see cref="DnsClient.Default"/> asks the system's name servers.
    /// </summary>
    public IDnsResolver? ServiceResolver { get; init; }

    /// <summary>
    /// Makes DTLS associations with <c>turns:</c> servers over UDP (RFC 7350), which .NET cannot by itself; null reports such servers as failed.
    /// </summary>
    public IDatagramSecurity? DatagramSecurity { get; init; }

    /// <summary>
    /// Ways past NATs with endpoint-dependent mapping that ICE alone does not take: port prediction and guessing with many sockets; null, the default, for
    /// none. With it, connecting over a relay may take up to <see cref="IceTraversalOptions.Duration"/> longer; data goes over the relay meanwhile.
    /// </summary>
    public IceTraversalOptions? Traversal { get; init; }

    /// <summary>SOFTWARE to send in STUN messages; null sends none.</summary>
    public string? Software { get; init; }

    /// <summary>Whether an address is of a family that the agent uses.</summary>
    internal bool Uses(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork ? IPv4 : IPv6;
}
