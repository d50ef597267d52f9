using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Ice.Net;

/// <summary>Resolves <c>.local</c> names by one-shot multicast DNS queries (RFC 6762 §5.1) from each interface, repeated after 1, 3 and so on seconds; the first answer counts. Thread-safe.</summary>
/// <remarks>
/// It answers no queries and keeps no cache: names of ICE candidates are asked for once. Answers are taken from the querying socket, where
/// RFC 6762 §6.7 wants them, and from the multicast group, where some browsers send them whoever asks.
/// </remarks>
public sealed class MdnsResolver : INameResolver
{
    private const int MulticastPort = 5353;
    private const int MaxInterfaces = 16;
    private const int MaxDatagram = 9000;

    private static readonly IPEndPoint s_groupIPv4 = new(IPAddress.Parse("224.0.0.251"), MulticastPort);
    private static readonly IPEndPoint s_groupIPv6 = new(IPAddress.Parse("ff02::fb"), MulticastPort);

    private readonly Func<IReadOnlyList<HostAddress>> _lister;
    private readonly TimeProvider _time;

    /// <summary>Creates a resolver.</summary>
    /// <param name="lister">Lists the addresses to ask from; null asks from those that ICE would use.</param>
    /// <param name="timeProvider">The clock; null is the system's.</param>
    public MdnsResolver(Func<IReadOnlyList<HostAddress>>? lister = null, TimeProvider? timeProvider = null)
    {
        _lister = lister ?? (static () => HostAddressSelection.Select(HostAddresses.List(), includeLoopback: false));
        _time = timeProvider ?? TimeProvider.System;
    }

    /// <summary>How long to wait for the first answer: 5 s.</summary>
    /// <remarks>
    /// RFC 6762 §5.1: "Typically, the timeout would also be shortened to two or three seconds." But §6: "a Multicast DNS responder MUST NOT (except
    /// in the one special case of answering probe queries) multicast a record on a given interface until at least one second has elapsed since the
    /// last time that record was multicast": a browser that announces its names answers up to three seconds later.
    /// </remarks>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    // RFC 6762 §5.2: "the interval between the first two queries MUST be at least one second, the intervals between successive queries MUST
    // increase by at least a factor of two". A wireless link does not repeat a multicast that it has lost.
    internal TimeSpan FirstRepeat { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Where queries go in place of the multicast group, for tests.</summary>
    internal IPEndPoint? Server { get; init; }

    /// <summary>Where answers to the group are read in place of the group's port, for tests.</summary>
    internal IPEndPoint? ListenOn { get; init; }

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
            // RFC 6762 §5.1: "these queries MUST NOT be sent using UDP source port 5353"
            using Socket socket = MdnsSockets.OpenForQueries(local.Address);
            IPEndPoint group = local.Address.AddressFamily == AddressFamily.InterNetwork ? s_groupIPv4 : s_groupIPv6;
            using Socket? listener = MdnsSockets.TryListen(local.Address, ListenOn ?? group);
            byte[] query = new byte[MdnsMessage.MaxQueryLength];
            ushort id = (ushort)RandomNumberGenerator.GetInt32(1, ushort.MaxValue + 1);
            int length = MdnsMessage.WriteQuery(query, id, name);
            await socket.SendToAsync(query.AsMemory(0, length), SocketFlags.None, Server ?? group, stop).ConfigureAwait(false);
            return await ReadOrRepeatAsync(socket, listener, local, query.AsMemory(0, length), Server ?? group, id, name, stop).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            // An interface without multicast, or no answer on it: the others may have one.
            return [];
        }
    }

    private async Task<IReadOnlyList<IPAddress>> ReadOrRepeatAsync(
        Socket socket, Socket? listener, HostAddress local, ReadOnlyMemory<byte> query, IPEndPoint group, ushort id, string name, CancellationToken stop)
    {
        using CancellationTokenSource answered = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task repeating = RepeatAsync(socket, query, group, answered.Token);
        try
        {
            return await ReadFirstAsync(socket, listener, local, id, name, stop).ConfigureAwait(false);
        }
        finally
        {
            await answered.CancelAsync().ConfigureAwait(false);
            await repeating.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Asks again, after longer and longer pauses, until it is canceled or the system refuses.</summary>
    private async Task RepeatAsync(Socket socket, ReadOnlyMemory<byte> query, IPEndPoint destination, CancellationToken stop)
    {
        for (TimeSpan pause = FirstRepeat; ; pause *= 2)
        {
            await Task.Delay(pause, _time, stop).ConfigureAwait(false);
            await socket.SendToAsync(query, SocketFlags.None, destination, stop).ConfigureAwait(false);
        }
    }

    private static async Task<IReadOnlyList<IPAddress>> ReadFirstAsync(
        Socket socket, Socket? listener, HostAddress local, ushort id, string name, CancellationToken stop)
    {
        if (listener is null)
            return await ReadAnswerAsync(socket, local, id, name, stop).ConfigureAwait(false);
        using CancellationTokenSource first = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task<IReadOnlyList<IPAddress>>[] readers = [ReadAnswerAsync(socket, local, id, name, first.Token), ReadAnswerAsync(listener, local, null, name, first.Token)];
        Task<IReadOnlyList<IPAddress>> answered = await Task.WhenAny(readers).ConfigureAwait(false);
        await first.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(readers.Cast<Task>()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return await answered.ConfigureAwait(false);
    }

    private static async Task<IReadOnlyList<IPAddress>> ReadAnswerAsync(Socket socket, HostAddress local, ushort? id, string name, CancellationToken stop)
    {
        byte[] buffer = new byte[MaxDatagram];
        IPEndPoint any = new(local.Address.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        while (true)
        {
            SocketReceiveFromResult received = await socket.ReceiveFromAsync(buffer, SocketFlags.None, any, stop).ConfigureAwait(false);
            // RFC 6762 §11: "MUST only accept responses to that query that originate from the local link, and silently discard any other response packets."
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
}
