using System.Net;
using System.Net.Sockets;
using SIPSorcery.Net;
using SIPSorcery.Sys;

namespace Ice.SIPSorcery;

/// <summary>Makes the options of an agent from SIPSorcery's configuration.</summary>
internal static class AgentOptionsFactory
{
    private static readonly string[] s_schemes = ["stun:", "stuns:", "turn:", "turns:"];

    /// <summary>Makes the options.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="bindPort">The local port, or 0.</param>
    /// <param name="portRange">The local ports, or null.</param>
    /// <exception cref="FormatException">The URL of an ICE server is none.</exception>
    /// <exception cref="ArgumentException">The configuration contradicts itself; the message says what to write instead.</exception>
    public static IceAgentOptions Create(RTCConfiguration configuration, int bindPort, PortRange? portRange)
    {
        IceAgentOptions options = new()
        {
            Role = IceRole.Controlled, // until this side offers
            Servers = [.. (configuration.iceServers ?? []).Where(static server => !string.IsNullOrWhiteSpace(server?.urls)).Select(ToServer)],
            Policy = configuration.iceTransportPolicy == RTCIceTransportPolicy.relay ? IceTransportPolicy.Relay : IceTransportPolicy.All,
            GatheringTimeout = TimeSpan.FromMilliseconds(Math.Clamp(configuration.X_GatherTimeoutMs, 1, 60_000)),
            PortRange = portRange is not null ? new IcePortRange(portRange.StartPort, portRange.EndPort) : bindPort > 0 ? new IcePortRange(bindPort, bindPort) : null,
            LoggerFactory = new SipSorceryLoggers(),
        };
        options = Bind(options, configuration);
        return configuration is IceRTCConfiguration { X_ConfigureAgent: { } configure }
            ? configure(options) ?? throw new ArgumentException($"{nameof(IceRTCConfiguration.X_ConfigureAgent)} returned null: return the options, changed with 'options with {{ ... }}'.", nameof(configuration))
            : options;
    }

    // One string holds the URLs, with commas between them, and a URL without a scheme is one of a STUN server: as SIPSorcery reads them.
    private static IceServer ToServer(RTCIceServer server) => new(
        server.urls.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(ToUrl), server.username, server.credential);

    private static string ToUrl(string url) =>
        Array.Exists(s_schemes, scheme => url.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)) ? url : "stun:" + url;

    private static IceAgentOptions Bind(IceAgentOptions options, RTCConfiguration configuration)
    {
        IPAddress? bind = configuration.X_BindAddress;
        if (IPAddress.Any.Equals(bind))
            options = options with { IPv6 = false };
        else if (bind is not null && !IPAddress.IPv6Any.Equals(bind))
            return options with { BindAddresses = [bind] };
        if (configuration.X_ICEIncludeAllInterfaceAddresses)
            return options;
        HashSet<IPAddress> addresses = [.. NetServices.GetLocalAddressesOnInterface(null, false).Select(WithoutScope)];
        return options with { AddressFilter = address => addresses.Contains(WithoutScope(address.Address)) };
    }

    private static IPAddress WithoutScope(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 && address.ScopeId != 0 ? new IPAddress(address.GetAddressBytes()) : address;
}
