using System.Net;
using System.Net.Sockets;
using Ice.Core;
using Ice.Net;
using Microsoft.Extensions.Logging;

namespace Ice;

/// <summary>Checks <see cref="IceUdpMuxOptions"/> and opens the sockets.</summary>
internal static class MuxBinder
{
    private const int MaxShards = 64;

    public static void Validate(IceUdpMuxOptions options)
    {
        Require(options.LoggerFactory is not null && options.Addresses is not null, "LoggerFactory and Addresses must not be null: leave them out to have the defaults.");
        Require(options.Port is >= 0 and <= IPEndPoint.MaxPort, $"Port is {options.Port} and must be 0 to 65,535; 0 lets the system choose.");
        Require(options.MaxDatagramSize is >= 1280 and <= 65_535, $"MaxDatagramSize is {options.MaxDatagramSize} and must be 1,280 to 65,535 bytes; 2,048 is the default.");
        Require(options.IPv4 || options.IPv6, "IPv4 and IPv6 are both switched off: switch one of them on.");
        Require(options.Shards is >= 1 and <= MaxShards, $"Shards is {options.Shards} and must be 1 to {MaxShards}: one for each processor that is to receive.");
        Require(options.Shards == 1 || options.SocketFactory is null, "Shards above 1 need the system's sockets: leave SocketFactory out, or have 1.");
        // A host candidate is one address, and to which of them a datagram came is not known behind a wildcard.
        Require(!options.Addresses!.Any(static address => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)),
            "Addresses has a wildcard, which is no address that a peer could send to: leave Addresses empty to listen at all addresses of the host.");
        if (options.Shards > 1 && !OperatingSystem.IsLinux())
            throw new PlatformNotSupportedException("Several sockets at one port that share its peers (SO_REUSEPORT) are Linux's: have 1 for Shards here.");
    }

    public static MuxPort[] Open(IceUdpMuxOptions options, ILogger logger)
    {
        List<MuxPort> ports = [];
        List<IDatagramSocket> opened = [];
        SocketException? last = null;
        try
        {
            foreach (HostAddress address in SelectAddresses(options))
            {
                try
                {
                    IDatagramSocket[] sockets = OpenAt(new IPEndPoint(address.Address, options.Port), options);
                    opened.AddRange(sockets);
                    ports.Add(new MuxPort(address, sockets, options, logger));
                }
                catch (SocketException exception) when (options.Addresses.Count == 0)
                {
                    last = exception;
                    Log.BindFailed(logger, address.InterfaceName, exception.Message);
                }
            }

            if (ports.Count == 0)
                throw last ?? new SocketException((int)SocketError.AddressNotAvailable, "There is no local address to listen at: name some in IceUdpMuxOptions.Addresses, set IncludeLoopback, or check the filters.");
            return [.. ports];
        }
        catch
        {
            opened.ForEach(static socket => socket.Dispose());
            throw;
        }
    }

    private static IDatagramSocket[] OpenAt(IPEndPoint endPoint, IceUdpMuxOptions options) => options.Shards > 1
        ? [.. UdpSocket.BindShards(endPoint, options.Shards)]
        : [options.SocketFactory?.Invoke(endPoint) ?? UdpSocket.Bind(endPoint)];

    private static IReadOnlyList<HostAddress> SelectAddresses(IceUdpMuxOptions options)
    {
        IceAgentOptions like = new()
        {
            BindAddresses = options.Addresses,
            IPv4 = options.IPv4,
            IPv6 = options.IPv6,
            InterfaceFilter = options.InterfaceFilter,
            AddressFilter = options.AddressFilter,
            IncludeLoopback = options.IncludeLoopback,
            InterfaceLister = options.InterfaceLister,
        };
        return HostGatherer.Select(HostGatherer.List(like), like);
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
            throw new ArgumentException(message);
    }
}
