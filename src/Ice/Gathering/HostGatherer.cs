using System.Net;
using System.Net.Sockets;
using Ice.Core;
using Ice.Net;
using Microsoft.Extensions.Logging;
using Stun;

namespace Ice;

/// <summary>Lists the host's addresses and binds a socket per address and component (RFC 8445 §5.1.1.1). Runs on the caller's thread.</summary>
internal static class HostGatherer
{
    /// <summary>Opens the sockets. An address that cannot be bound is logged and left out.</summary>
    /// <param name="options">How.</param>
    /// <param name="addresses">The addresses to use.</param>
    /// <param name="components">The components, which need a socket on each address.</param>
    /// <param name="isMissing">Whether a component has no socket on an address yet.</param>
    /// <param name="logger">Where failures go.</param>
    public static List<HostSocket> Open(
        IceAgentOptions options, IReadOnlyList<HostAddress> addresses, IReadOnlyList<IceComponent> components, Func<HostAddress, IceComponent, bool> isMissing, ILogger logger)
    {
        int[] preferences = LocalPreferences.Assign([.. addresses.Select(static address => TransportAddress.FromIPAddress(address.Address, 0))]);
        List<HostSocket> sockets = [];
        try
        {
            for (int i = 0; i < addresses.Count; i++)
            {
                foreach (IceComponent component in components)
                {
                    if (isMissing(addresses[i], component) && TryBind(addresses[i], options, logger) is { } socket)
                        sockets.Add(new HostSocket(component, addresses[i], preferences[i], socket));
                }
            }

            return sockets;
        }
        catch
        {
            // A factory of the application's may throw anything: it hears of it, and nothing stays open.
            sockets.ForEach(static socket => socket.Socket.Dispose());
            throw;
        }
    }

    /// <summary>The addresses that the options name, or else all that the host has.</summary>
    public static IReadOnlyList<HostAddress> List(IceAgentOptions options) => options.BindAddresses.Count > 0
        ? [.. options.BindAddresses.Select(address => new HostAddress { Address = address, IsLoopback = IPAddress.IsLoopback(address) })]
        : options.InterfaceLister?.Invoke() ?? HostAddresses.List();

    /// <summary>Those of the addresses that the options ask for.</summary>
    public static IReadOnlyList<HostAddress> Select(IReadOnlyList<HostAddress> listed, IceAgentOptions options)
    {
        IEnumerable<HostAddress> selected = options.BindAddresses.Count > 0
            ? listed
            : HostAddressSelection.Select(listed, options.IncludeLoopback);
        return [.. selected.Where(address => IsWanted(address, options))];
    }

    /// <summary>Whether the options have nothing against an address.</summary>
    public static bool IsWanted(HostAddress address, IceAgentOptions options) =>
        options.Uses(address.Address)
        && (options.InterfaceFilter?.Invoke(address.InterfaceName) ?? true)
        && (options.AddressFilter?.Invoke(address) ?? true);

    /// <summary>Binds one socket on an address, within the range of ports if there is one; null, and a log entry, when that cannot be.</summary>
    public static IDatagramSocket? TryBind(HostAddress address, IceAgentOptions options, ILogger logger)
    {
        IcePortRange? range = options.PortRange;
        Func<IPEndPoint, IDatagramSocket> factory = options.SocketFactory ?? UdpSocket.Bind;
        int attempts = range?.Count ?? 1;
        // Begins anywhere in the range, so that agents of one process do not all collide at its start.
        int offset = range is null ? 0 : (int)(EntropySource.Secure.NextUInt64() % (uint)attempts);
        SocketException? last = null;
        for (int i = 0; i < attempts; i++)
        {
            int port = range is { } ports ? ports.First + ((offset + i) % attempts) : 0;
            try
            {
                return factory(new IPEndPoint(address.Address, port));
            }
            catch (SocketException exception)
            {
                last = exception;
                if (exception.SocketErrorCode is not (SocketError.AddressAlreadyInUse or SocketError.AccessDenied))
                    break;
            }
        }

        Log.BindFailed(logger, address.InterfaceName, last!.Message);
        return null;
    }
}
