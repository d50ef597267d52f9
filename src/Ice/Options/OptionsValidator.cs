using System.Runtime.CompilerServices;
using Ice.Core;
using Ice.Net;

namespace Ice;

/// <summary>Checks <see cref="IceAgentOptions"/> and makes the machine's options of them.</summary>
internal static class OptionsValidator
{
    private const int MaxComponents = 256;

    private static readonly ConditionalWeakTable<IceAgentOptions, IceCoreOptions> s_coreOptions = [];

    public static void Validate(IceAgentOptions options)
    {
        Require(options.Servers is not null && options.LoggerFactory is not null && options.TimeProvider is not null && options.BindAddresses is not null,
            "Servers, LoggerFactory, TimeProvider and BindAddresses must not be null: leave them out to have the defaults.");
        Require(options.Policy == IceTransportPolicy.All || options.Servers!.Any(static server => server.Uris.Any(static uri => uri.IsTurn)),
            "IceTransportPolicy.Relay needs a TURN server: add an IceServer with a turn: URL, a username and a credential, or use IceTransportPolicy.All.");
        Require(options.Streams is { Count: > 0 } && options.Streams.All(static count => count is >= 1 and <= MaxComponents),
            "Streams needs one entry at least, each the number of components of a stream, 1 to 256: [1] is one stream with one component.");
        Require(options.Pacing >= IceDefaults.MinimumPacing,
            $"Pacing (Ta) is {options.Pacing.TotalMilliseconds} ms and must be 5 ms or more (RFC 8445 §14.2).");
        Require(options.PatienceTimeout > TimeSpan.Zero, "PatienceTimeout must be positive; 39.5 s is the default.");
        Require(options.GatheringTimeout > TimeSpan.Zero, "GatheringTimeout must be positive; 10 s is the default.");
        Require(options.IPv4 || options.IPv6, "IPv4 and IPv6 are both switched off: switch one of them on.");
        Require(options.ReceiveBufferSlots is >= 1 and <= 65_536, $"ReceiveBufferSlots is {options.ReceiveBufferSlots} and must be 1 to 65,536; 256 is the default.");
        Require(options.MaxDatagramSize is >= 1280 and <= 65_535, $"MaxDatagramSize is {options.MaxDatagramSize} and must be 1,280 to 65,535 bytes; 2,048 is the default.");
        Require(options.Dscp is >= 0 and <= TrafficClass.MaxDscp, $"Dscp is {options.Dscp} and must be 0 to 63: 46 is EF. It is not the whole octet, of which it is the upper six bits.");
        Require(options.DatagramHandler is null || options.MarkedDatagramHandler is null,
            "DatagramHandler and MarkedDatagramHandler are both set, and each would take all datagrams: leave one of them out.");
        // RFC 8445 §5.2: "Lite implementations only utilize host candidates."
        Require(options.Mode == IceMode.Full || options.Servers is { Count: 0 }, "A lite agent has host candidates only (RFC 8445 §5.2): leave Servers empty, or use IceMode.Full.");
        Require(options.Traversal is null || (options.Mode == IceMode.Full && options.Policy == IceTransportPolicy.All),
            "Traversal is for direct paths of a full agent: leave it out with IceTransportPolicy.Relay, and with IceMode.Lite.");
        if (options.Traversal?.Validate() is { } traversalProblem)
            throw new ArgumentException("Traversal: " + traversalProblem, nameof(options));
        if (options.Mux is { } mux)
            ValidateWithMux(options, mux);
        if (options.PortRange?.Validate() is { } rangeProblem)
            throw new ArgumentException(rangeProblem, nameof(options));
        if (options.LocalParameters?.Validate() is { } parameterProblem)
            throw new ArgumentException(parameterProblem, nameof(options));
    }

    /// <summary>What the machine needs of the options: one object for all agents that share them.</summary>
    public static IceCoreOptions ToCoreOptions(IceAgentOptions options) => s_coreOptions.GetValue(options, MakeCoreOptions);

    private static IceCoreOptions MakeCoreOptions(IceAgentOptions options) => new()
    {
        Streams = options.Streams,
        Role = options.Role,
        Mode = options.Mode,
        Pacing = options.Pacing,
        Pacer = options.Pacer ?? ProcessClock.For(options.TimeProvider).Pacer,
        AggressiveNomination = options.AggressiveNomination,
        Consent = options.Consent,
        PatienceTimeout = options.PatienceTimeout,
        GatheringTimeout = options.GatheringTimeout,
        Software = options.Software,
        RelayOnly = options.Policy == IceTransportPolicy.Relay,
        Traversal = options.Traversal,
    };

    private static void ValidateWithMux(IceAgentOptions options, IceUdpMux mux)
    {
        Require(options.Streams is [1],
            "With a Mux an agent has one stream with one component, for the first check to a shared port does not tell which it is for: multiplex RTP and RTCP (RFC 5761) and bundle the streams (RFC 9143), or leave Mux out.");
        Require(options.BindAddresses.Count == 0 && options.PortRange is null && options.SocketFactory is null && options.InterfaceLister is null,
            "BindAddresses, PortRange, SocketFactory and InterfaceLister are the Mux's to choose: set them in IceUdpMuxOptions (Addresses, Port, SocketFactory, InterfaceLister).");
        Require(options.Traversal is null, "Traversal is about the mappings of an agent's own sockets: leave it out, or leave Mux out.");
        Require(options.MaxDatagramSize <= mux.Options.MaxDatagramSize,
            $"MaxDatagramSize is {options.MaxDatagramSize}, and the Mux receives {mux.Options.MaxDatagramSize} bytes at most: set it in IceUdpMuxOptions.MaxDatagramSize too.");
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
            throw new ArgumentException(message);
    }
}
