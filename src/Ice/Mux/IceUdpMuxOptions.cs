using System.Diagnostics.Metrics;
using System.Net;
using Ice.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ice;

/// <summary>Where an <see cref="IceUdpMux"/> listens. Immutable; checked by <see cref="IceUdpMux.Bind"/>.</summary>
public sealed record IceUdpMuxOptions
{
    /// <summary>The UDP port, the same on each address; 0, the default, lets the system choose one for each address.</summary>
    public int Port { get; init; }

    /// <summary>The local addresses, none of them a wildcard; empty takes those of the host's interfaces.</summary>
    /// <remarks>One that cannot be bound is an error; where the list is empty such an address is logged and left out.</remarks>
    public IReadOnlyList<IPAddress> Addresses { get; init; } = [];

    /// <summary>Whether addresses of IPv4 are taken.</summary>
    public bool IPv4 { get; init; } = true;

    /// <summary>Whether addresses of IPv6 are taken.</summary>
    public bool IPv6 { get; init; } = true;

    /// <summary>Chooses interfaces by name; null takes all.</summary>
    public Func<string, bool>? InterfaceFilter { get; init; }

    /// <summary>Chooses addresses; null takes all.</summary>
    public Func<HostAddress, bool>? AddressFilter { get; init; }

    /// <summary>Whether 127.0.0.1 and ::1 are among the interfaces' addresses: for tests and demonstrations on one machine.</summary>
    public bool IncludeLoopback { get; init; }

    /// <summary>
    /// How many sockets share each port (SO_REUSEPORT), each with a place on a loop of its own: the system spreads the peers over them. 1, the default,
    /// to 64; more than 1 is for Linux alone.
    /// </summary>
    public int Shards { get; init; } = 1;

    /// <summary>The largest datagram received, in bytes: 2,048 by default, 65,535 at most. Longer ones are dropped and counted. No agent's may be larger.</summary>
    public int MaxDatagramSize { get; init; } = 2048;

    /// <summary>Whether agents can see each datagram's traffic class (<see cref="IceAgentOptions.ReceiveTrafficClass"/>); it costs a little for each.</summary>
    public bool ReceiveTrafficClass { get; init; }

    /// <summary>Where log entries go; nowhere by default.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>Makes the meter "Ice"; null uses one meter of the process.</summary>
    public IMeterFactory? MeterFactory { get; init; }

    /// <summary>Opens the sockets; null opens the system's. Not with several <see cref="Shards"/>.</summary>
    public Func<IPEndPoint, IDatagramSocket>? SocketFactory { get; init; }

    /// <summary>Lists the host's addresses; null asks the system.</summary>
    public Func<IReadOnlyList<HostAddress>>? InterfaceLister { get; init; }
}
