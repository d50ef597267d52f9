using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Turn;

namespace Ice.Server;

/// <summary>How a <see cref="TurnServer"/> runs. Immutable.</summary>
/// <remarks>
/// Without users, tokens or <see cref="AllowAnonymous"/> the server answers STUN alone. Nothing is relayed to loopback, private or link-local
/// addresses, nor to the server's own ones, unless <see cref="Policy"/> allows it. <see cref="ToString"/> reveals no secret.
/// </remarks>
public sealed record TurnServerOptions
{
    /// <summary>Where to listen on UDP; port 0 takes a free one. An unspecified address stands for every address that the machine has at the start.</summary>
    public IReadOnlyList<IPEndPoint> UdpEndPoints { get; init; } = [];

    /// <summary>Where to listen on TCP.</summary>
    public IReadOnlyList<IPEndPoint> TcpEndPoints { get; init; } = [];

    /// <summary>Where to listen on TLS over TCP; needs <see cref="Certificate"/>.</summary>
    public IReadOnlyList<IPEndPoint> TlsEndPoints { get; init; } = [];

    /// <summary>The certificate for TLS, with its private key. The caller disposes it.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>
    /// A second address and port (UDP) for NAT behavior discovery (RFC 5780): the server then listens on both addresses with both ports, the first
    /// of <see cref="UdpEndPoints"/> being the other pair. Null answers without.
    /// </summary>
    public IPEndPoint? AlternateUdpEndPoint { get; init; }

    /// <summary>The realm of the users, by recommendation the provider's domain name.</summary>
    public string Realm { get; init; } = "localhost";

    /// <summary>The users' names and passwords.</summary>
    public IReadOnlyDictionary<string, string> Users { get; init; } = new Dictionary<string, string>();

    /// <summary>The secret shared with a web service that gives out time-limited credentials (draft-uberti-behave-turn-rest); null takes none.</summary>
    public string? RestSecret { get; init; }

    /// <summary>The keys shared with authorization servers (RFC 7635), by key id; each has 32 bytes.</summary>
    public IReadOnlyDictionary<string, byte[]> TokenKeys { get; init; } = new Dictionary<string, byte[]>();

    /// <summary>The name under which authorization servers know this server; <see cref="Realm"/> when null.</summary>
    public string? ServerName { get; init; }

    /// <summary>Whether everybody may relay, without any credentials. An open relay: for tests on one machine.</summary>
    public bool AllowAnonymous { get; init; }

    /// <summary>Whether clients are asked to send USERHASH instead of USERNAME (RFC 8489 §9.2).</summary>
    public bool UsernameAnonymity { get; init; }

    /// <summary>Where relay sockets are opened, one address per family; empty takes the first address of each family that is listened on.</summary>
    public IReadOnlyList<IPAddress> RelayAddresses { get; init; } = [];

    /// <summary>What clients are told instead, one address per family: the public addresses, when a one-to-one NAT is before the server.</summary>
    public IReadOnlyList<IPAddress> ExternalAddresses { get; init; } = [];

    /// <summary>The first port for relays.</summary>
    public int MinRelayPort { get; init; } = TurnServerDefaults.MinRelayPort;

    /// <summary>The last port for relays.</summary>
    public int MaxRelayPort { get; init; } = TurnServerDefaults.MaxRelayPort;

    /// <summary>Allowed peers and quotas.</summary>
    public RelayPolicy Policy { get; init; } = new();

    /// <summary>How many TCP and TLS streams of clients there may be at one time; more are closed at once and counted.</summary>
    public int MaxStreams { get; init; } = 1000;

    /// <summary>How long a stream may be open without an allocation or a bound connection.</summary>
    public TimeSpan IdleStreamTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The longest lifetime of an allocation that a client can ask for.</summary>
    public TimeSpan MaxLifetime { get; init; } = TurnDefaults.MaxLifetime;

    /// <summary>SOFTWARE of the answers, up to 127 characters; null sends none.</summary>
    public string? Software { get; init; } = "IceAgent";

    /// <summary>Where the server logs to; null logs nothing. Clients' addresses are logged at Debug only.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where it listens, and the realm.</summary>
    public override string ToString() =>
        $"TurnServerOptions(udp {string.Join(' ', UdpEndPoints)}, tcp {string.Join(' ', TcpEndPoints)}, tls {string.Join(' ', TlsEndPoints)}, realm {Realm}, {Users.Count} users)";
}
