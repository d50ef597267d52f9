using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Ice.Net;

/// <summary>Resolves <c>.local</c> names by one-shot multicast DNS queries (RFC 6762 §5.1): one from each interface, and the first answer counts. Thread-safe.</summary>
/// <remarks>It answers no queries and keeps no cache: names of ICE candidates are asked for once.</remarks>
public sealed class MdnsResolver : INameResolver
{
    private const int MulticastPort = 5353;
    private const int MaxInterfaces = 16;
    private const int MaxDatagram = 9000;

    private static readonly IPEndPoint s_groupIPv4 = new(IPAddress.Parse("224.0.0.251"), MulticastPort);
    private static readonly IPEndPoint s_groupIPv6 = new(IPAddress.Parse("ff02::fb"), MulticastPort);

    private readonly Func<IReadOnlyList<HostAddress>> _lister;
    private readonly TimeProvider _time;
    private readonly IPEndPoint? _server;

    /// <summary>Creates a resolver.</summary>
    /// <param name="lister">Lists the addresses to ask from; null asks from those that ICE would use.</param>
    /// <param name="timeProvider">The clock; null is the system's.</param>
    public MdnsResolver(Func<IReadOnlyList<HostAddress>>? lister = null, TimeProvider? timeProvider = null)
        : this(lister, timeProvider, null)
    {
    }

    internal MdnsResolver(Func<IReadOnlyList<HostAddress>>? lister, TimeProvider? timeProvider, IPEndPoint? server)
    {
        _lister = lister ?? (static () => HostAddressSelection.Select(HostAddresses.List(), includeLoopback: false));
        _time = timeProvider ?? TimeProvider.System;
        _server = server;
    }

    /// <summary>How long to wait for the first answer: RFC 6762 §5.1 speaks of two or three seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<IPAddress>> ResolveAsync(string name, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!MdnsMessage.IsValidName(name))
            return [];
        using CancellationTokenSource timeout = new(Timeout, _time);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        List<Task<IReadOnlyList<IPAddress>>> queries = [.. _lister().Take(MaxInterfaces).Select(address => AskAsync(address, name, stop.Token))];
        try
        {
            await foreach (Task<IReadOnlyList<IPAddress>> ended in Task.WhenEach(queries).ConfigureAwait(false))
            {
                IReadOnlyList<IPAddress> addresses = await ended.ConfigureAwait(false);
                if (addresses.Count > 0)
                    return addresses;
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(queries).ConfigureAwait(false);
        }

        cancellationToken.ThrowIfCancellationRequested();
        return [];
    }

    /// <summary>Asks from one address until an answer or the end of time; empty without an answer.</summary>
    private async Task<IReadOnlyList<IPAddress>> AskAsync(HostAddress local, string name, CancellationToken stop)
    {
        try
        {
            using Socket socket = Open(local.Address);
            // RFC 6762 §5.1: "these queries MUST NOT be sent using UDP source port 5353"
            byte[] query = new byte[MdnsMessage.MaxQueryLength];
            ushort id = (ushort)RandomNumberGenerator.GetInt32(1, ushort.MaxValue + 1);
            int length = MdnsMessage.WriteQuery(query, id, name);
            IPEndPoint destination = _server ?? (local.Address.AddressFamily == AddressFamily.InterNetwork ? s_groupIPv4 : s_groupIPv6);
            await socket.SendToAsync(query.AsMemory(0, length), SocketFlags.None, destination, stop).ConfigureAwait(false);
            return await ReadAnswerAsync(socket, local, id, name, stop).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            // An interface without multicast, or no answer on it: the others may have one.
            return [];
        }
    }

    private static async Task<IReadOnlyList<IPAddress>> ReadAnswerAsync(Socket socket, HostAddress local, ushort id, string name, CancellationToken stop)
    {
        byte[] buffer = new byte[MaxDatagram];
        IPEndPoint any = new(local.Address.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        while (true)
        {
            SocketReceiveFromResult received = await socket.ReceiveFromAsync(buffer, SocketFlags.None, any, stop).ConfigureAwait(false);
            if (!HostAddressSelection.IsOnLink(local, ((IPEndPoint)received.RemoteEndPoint).Address))
                continue;
            IReadOnlyList<IPAddress> addresses = MdnsMessage.ReadAddresses(buffer.AsSpan(0, received.ReceivedBytes), id, name);
            if (addresses.Count > 0)
                return [.. addresses.Select(address => WithScopeOf(local.Address, address))];
        }
    }

    // A link-local address means something on the link that it was learned on only.
    private static IPAddress WithScopeOf(IPAddress local, IPAddress address) =>
        address.IsIPv6LinkLocal && local.AddressFamily == AddressFamily.InterNetworkV6 ? new IPAddress(address.GetAddressBytes(), local.ScopeId) : address;

    private static Socket Open(IPAddress local)
    {
        Socket socket = new(local.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Bind(new IPEndPoint(local, 0));
            // Queries and answers have the IP TTL 255, for old implementations that check it (RFC 6762 §11).
            if (local.AddressFamily == AddressFamily.InterNetwork)
            {
                socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, local.GetAddressBytes());
                socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastTimeToLive, 255);
            }
            else
            {
                if (local.ScopeId != 0)
                    socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastInterface, (int)local.ScopeId);
                socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastTimeToLive, 255);
            }

            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
