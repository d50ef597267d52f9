using System.Net;
using System.Net.Sockets;
using System.Text;
using Stun;
using Turn;

namespace Ice.Server;

/// <summary>Makes the core's options of the server's.</summary>
internal static class ServerSetup
{
    public static void Validate(TurnServerOptions options)
    {
        IPEndPoint[] all = [.. options.UdpEndPoints, .. options.TcpEndPoints, .. options.TlsEndPoints];
        if (all.Length == 0)
            throw new ArgumentException("The server needs an endpoint to listen on, such as UdpEndPoints = [new IPEndPoint(IPAddress.Loopback, 3478)].", nameof(options));
        if (Array.Find(all, e => e.AddressFamily is not (AddressFamily.InterNetwork or AddressFamily.InterNetworkV6)) is { } wrong)
            throw new ArgumentException($"{wrong} is neither an IPv4 nor an IPv6 endpoint.", nameof(options));
        if (options.TlsEndPoints.Count > 0 && options.Certificate is not { HasPrivateKey: true })
            throw new ArgumentException("TLS needs Certificate with its private key.", nameof(options));
        if (options.AlternateUdpEndPoint is { } alternate && (options.UdpEndPoints.Count == 0 || options.UdpEndPoints[0].AddressFamily != alternate.AddressFamily))
            throw new ArgumentException("AlternateUdpEndPoint needs a first UDP endpoint of the same family.", nameof(options));
        if (options.MaxStreams < 0 || options.IdleStreamTimeout <= TimeSpan.Zero)
            throw new ArgumentException("MaxStreams may not be negative, and IdleStreamTimeout has to be some time.", nameof(options));
        // Whatever else contradicts itself is said now, not when the server starts.
        _ = new TurnServerCore(ToCore(options, [.. all.Select(Named)], null), EntropySource.Secure);
    }

    public static TurnServerCoreOptions ToCore(TurnServerOptions options, OpenedSockets opened) => ToCore(options, [.. opened.EndPoints], opened.Behavior);

    private static TurnServerCoreOptions ToCore(TurnServerOptions options, IReadOnlyList<IPEndPoint> listening, BehaviorAddresses? behavior)
    {
        bool relays = options.Users.Count > 0 || options.RestSecret is not null || options.TokenKeys.Count > 0 || options.AllowAnonymous;
        IPAddress[] candidates = options.RelayAddresses.Count > 0 ? [.. options.RelayAddresses] : [.. listening.Select(e => e.Address)];
        return new TurnServerCoreOptions
        {
            RelayIPv4 = relays ? FirstOf(candidates, AddressFamily.InterNetwork) : default,
            RelayIPv6 = relays ? FirstOf(candidates, AddressFamily.InterNetworkV6) : default,
            ExternalIPv4 = relays ? FirstOf(options.ExternalAddresses, AddressFamily.InterNetwork) : default,
            ExternalIPv6 = relays ? FirstOf(options.ExternalAddresses, AddressFamily.InterNetworkV6) : default,
            MinRelayPort = options.MinRelayPort,
            MaxRelayPort = options.MaxRelayPort,
            OwnAddresses = [.. listening.Select(e => TransportAddress.FromIPAddress(e.Address, e.Port))],
            Behavior = behavior,
            Users = options.Users.Count > 0 || options.RestSecret is not null ? new TurnUsers(options.Realm, options.Users, Encoding.UTF8.GetBytes(options.RestSecret ?? "")) : null,
            Tokens = options.TokenKeys.Count > 0 ? new TurnTokenAuthority(options.ServerName ?? options.Realm, options.TokenKeys) : null,
            // Without a relay there is nothing to ask credentials for.
            AllowAnonymous = options.AllowAnonymous || !relays,
            UsernameAnonymity = options.UsernameAnonymity,
            Policy = options.Policy,
            SupportsDontFragment = true,
            MaxLifetime = options.MaxLifetime,
            Software = options.Software,
            TimeOrigin = options.TimeProvider.GetUtcNow(),
        };
    }

    // An unspecified address becomes those of the interfaces when the server starts.
    private static IPEndPoint Named(IPEndPoint endPoint) => endPoint.Address.Equals(IPAddress.Any) ? new IPEndPoint(IPAddress.Loopback, endPoint.Port)
        : endPoint.Address.Equals(IPAddress.IPv6Any) ? new IPEndPoint(IPAddress.IPv6Loopback, endPoint.Port)
        : endPoint;

    private static TransportAddress FirstOf(IEnumerable<IPAddress> addresses, AddressFamily family) =>
        addresses.FirstOrDefault(a => a.AddressFamily == family) is { } found ? TransportAddress.FromIPAddress(found, 0) : default;
}
