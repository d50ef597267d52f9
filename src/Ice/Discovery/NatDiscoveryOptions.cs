using System.Net;
using Ice.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Stun;

namespace Ice;

/// <summary>What <see cref="NatDiscovery"/> finds out, and how. Immutable; the defaults take some ten seconds.</summary>
public sealed record NatDiscoveryOptions
{
    /// <summary>
    /// The servers to ask, over UDP; <c>stun:</c> and <c>turn:</c> URLs alike, without credentials. One that has a second address (RFC 5780) tells
    /// all; of two plain ones, or two ports of one, the mapping can be told.
    /// </summary>
    public required IReadOnlyList<IceServer> Servers { get; init; }

    /// <summary>Whether IPv4 is probed.</summary>
    public bool IPv4 { get; init; } = true;

    /// <summary>Whether IPv6 is probed.</summary>
    public bool IPv6 { get; init; } = true;

    /// <summary>Chooses interfaces by name; null takes all.</summary>
    public Func<string, bool>? InterfaceFilter { get; init; }

    /// <summary>The local addresses to probe from; empty takes those of the host's interfaces, link-local ones excepted.</summary>
    public IReadOnlyList<IPAddress> BindAddresses { get; init; } = [];

    /// <summary>Whether 127.0.0.1 and ::1 are probed from too: for tests on one machine. They ask servers on loopback addresses only.</summary>
    public bool IncludeLoopback { get; init; }

    /// <summary>When a request is sent again and given up; null is the probe's default, 9.5 s. A filter shows by silence, so that less patience may err.</summary>
    public RetransmissionSchedule? Schedule { get; init; }

    /// <summary>How many sockets show how external ports are chosen, 2 to 32.</summary>
    public int Sockets { get; init; } = 8;

    /// <summary>Whether to find out whether fragments pass.</summary>
    public bool Fragments { get; init; }

    /// <summary>How much time the search for the lifetime of mappings may take, 10 s to 1 h; null leaves it out.</summary>
    public TimeSpan? LifetimeBudget { get; init; }

    /// <summary>How long the resolution of a name may take; 10 s by default.</summary>
    public TimeSpan ResolutionTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The clock and the timers.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where log entries go; nowhere by default.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>Opens the sockets; null opens the system's. Called on any thread, never by two at a time for one local address.</summary>
    public Func<IPEndPoint, IDatagramSocket>? SocketFactory { get; init; }

    /// <summary>Lists the host's addresses; null asks the system.</summary>
    public Func<IReadOnlyList<HostAddress>>? InterfaceLister { get; init; }

    /// <summary>Resolves the names of servers; null uses the system's resolver.</summary>
    public INameResolver? NameResolver { get; init; }

    /// <summary>
    /// Asks for SRV records: with it, servers named without a port are found by <c>_stun-behavior._udp</c> (RFC 5780 §5.1). Null, the default, takes
    /// names for those of hosts.
    /// </summary>
    public IDnsResolver? ServiceResolver { get; init; }

    internal void Validate()
    {
        if (Servers is not { Count: > 0 })
            throw new ArgumentException("NAT behavior discovery needs a server: add an IceServer such as stun:stun.example.org.");
        if (!IPv4 && !IPv6)
            throw new ArgumentException("IPv4 and IPv6 are both switched off: switch one of them on.");
        if (ResolutionTimeout <= TimeSpan.Zero)
            throw new ArgumentException("ResolutionTimeout must be positive; 10 s is the default.");
        // The rest is the machine's to judge, before anything is sent.
        _ = new NatBehaviorProbe(ToProbeOptions([TransportAddress.Parse("192.0.2.1", StunUri.DefaultPort)], 1), EntropySource.Secure, Instant.Zero);
    }

    internal NatProbeOptions ToProbeOptions(IReadOnlyList<TransportAddress> servers, int probes)
    {
        var options = new NatProbeOptions { Servers = servers, Sockets = Sockets, Fragments = Fragments, LifetimeBudget = LifetimeBudget };
        // RFC 5780 §5: "A client SHOULD NOT generate more than ten new STUN transactions per second" All probes together are the client.
        return options with { Schedule = Schedule ?? options.Schedule, Pacing = options.Pacing * probes };
    }

    internal bool Uses(TransportAddress address) => address.IsIPv4 ? IPv4 : IPv6;
}
