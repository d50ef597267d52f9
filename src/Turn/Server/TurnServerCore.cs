using System.Diagnostics.CodeAnalysis;
using Stun;

namespace Turn;

/// <summary>
/// A STUN and TURN server as a state machine (RFC 8489, RFC 8656, RFC 6062, RFC 8016, RFC 7635, RFC 5780). It owns no socket, no thread and no
/// clock: messages of clients, datagrams of peers and the time go in; replies, instructions and the next deadline come out.
/// </summary>
/// <remarks>
/// After any input, drain <see cref="TryGetTransmit"/>, then <see cref="TryGetEvent"/>, and then read <see cref="NextTimeout"/> again. Application
/// data does not wait for that: its input tells at once where the same bytes go next. What comes from the network never throws, every table has
/// a limit (<see cref="RelayPolicy"/>), and a request that is not authenticated leaves nothing behind. Not thread-safe.
/// </remarks>
public sealed class TurnServerCore
{
    /// <summary>A buffer of this many bytes is large enough for every reply.</summary>
    public const int MaxReplyLength = ReplyQueue.MaxLength;

    private readonly ServerContext _context;
    private readonly AllocateHandler _allocate;
    private readonly TcpRelayHandler _tcp;
    private readonly DataRelay _data;
    private readonly RequestDispatcher _requests;

    /// <summary>Makes a server.</summary>
    /// <param name="options">How it runs.</param>
    /// <param name="entropy">Where keys, ports and tokens come from; <see cref="EntropySource.Secure"/> in production.</param>
    /// <exception cref="ArgumentException">The options contradict each other; the message says what to change.</exception>
    public TurnServerCore(TurnServerCoreOptions options, EntropySource entropy)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(entropy);
        options.Validate();
        _context = new ServerContext(options, entropy);
        var tickets = new MobilityTickets(entropy);
        _allocate = new AllocateHandler(_context, new RelayOpener(_context), tickets);
        _tcp = new TcpRelayHandler(_context);
        _data = new DataRelay(_context);
        _requests = new RequestDispatcher(_context, _allocate, tickets, _tcp);
    }

    /// <summary>What it has done so far.</summary>
    public TurnServerCounters Counters => _context.Counters;

    /// <summary>How many allocations there are.</summary>
    public int AllocationCount => _context.Table.Count;

    /// <summary>How many relay sockets are open or being opened, reserved ones included.</summary>
    public int RelayCount => _context.Table.RelayCount;

    /// <summary>When <see cref="HandleTimeout"/> has to be called at the latest; <see cref="Instant.Never"/> when nothing runs out.</summary>
    public Instant NextTimeout => _context.Deadlines.Next;

    /// <summary>All entries of all tables: 0 when the server keeps nothing.</summary>
    internal int EntryCount => _context.Table.EntryCount;

    /// <summary>Entries of the queue of deadlines, those that were overtaken included.</summary>
    internal int PendingDeadlines => _context.Deadlines.Count;

    /// <summary>Handles a message of a client: one datagram, or one message of a stream with its padding.</summary>
    /// <param name="path">Where it came from and to.</param>
    /// <param name="message">The message.</param>
    /// <param name="now">The time.</param>
    /// <returns>What to send to a peer, as a part of <paramref name="message"/>.</returns>
    public TurnForward HandleClient(in FiveTuple path, ReadOnlySpan<byte> message, Instant now)
    {
        HandleTimeout(now);
        TransportAddress source = path.Client;
        if (source.IsNone || source.Port == 0 || source.IsAny || source.IsMulticast)
            return Drop(TurnServerDrop.UnusableSource);
        if (path.IsStream && _context.Table.TryFindJoined(path, out _))
            return Drop(TurnServerDrop.DataConnection);
        return Demultiplexer.Classify(message) switch
        {
            PacketKind.TurnChannel or PacketKind.Quic when IsChannel(message) => _data.HandleChannelData(path, message, now),
            PacketKind.Stun => HandleStun(path, message, now),
            _ => Drop(TurnServerDrop.NotTurn),
        };
    }

    /// <summary>Handles a datagram that arrived at a relay socket.</summary>
    /// <param name="relay">The socket.</param>
    /// <param name="peer">Where it came from.</param>
    /// <param name="buffer">The buffer, with room before and after the datagram.</param>
    /// <param name="offset">Where the datagram begins: <see cref="TurnServerDefaults.Headroom"/> or more.</param>
    /// <param name="length">Its length; <see cref="TurnServerDefaults.Tailroom"/> bytes have to follow.</param>
    /// <param name="now">The time.</param>
    /// <returns>What to send to the client, as a part of <paramref name="buffer"/>.</returns>
    /// <exception cref="ArgumentException">There is not enough room.</exception>
    public TurnForward HandlePeer(RelayId relay, TransportAddress peer, Span<byte> buffer, int offset, int length, Instant now)
    {
        if (offset < TurnServerDefaults.Headroom || length < 0 || offset + length + TurnServerDefaults.Tailroom > buffer.Length)
            throw new ArgumentException($"The datagram needs {TurnServerDefaults.Headroom} bytes before it and {TurnServerDefaults.Tailroom} after it in the buffer.", nameof(offset));
        HandleTimeout(now);
        return _data.HandlePeer(relay, peer, buffer, offset, length, now);
    }

    /// <summary>Handles an ICMP message about a datagram that a relay socket sent.</summary>
    /// <param name="relay">The socket.</param>
    /// <param name="destination">Where that datagram went; port 0 when the system does not tell.</param>
    /// <param name="icmp">Type, code and, where there is one, the MTU.</param>
    /// <param name="now">The time.</param>
    public void HandleIcmp(RelayId relay, TransportAddress destination, TurnIcmp icmp, Instant now)
    {
        HandleTimeout(now);
        _data.HandleIcmp(relay, destination, icmp, now);
    }

    /// <summary>The driver has opened a relay.</summary>
    public void HandleRelayOpened(RelayId relay, Instant now)
    {
        HandleTimeout(now);
        if (_context.Table.FindRelay(relay) is { State: RelayState.Opening, Owner: not null } found)
            _allocate.HandleOpened(found, now);
    }

    /// <summary>The driver could not open a relay, or has lost it.</summary>
    public void HandleRelayFailed(RelayId relay, Instant now)
    {
        HandleTimeout(now);
        if (_context.Table.FindRelay(relay) is not { } found)
            return;
        if (found.Owner is null)
            _context.Close(found);
        else if (found.State == RelayState.Opening || !found.Owner.IsComplete)
            _allocate.HandleFailed(found, now);
        else
            _context.End(found, AllocationEnd.RelayLost);
    }

    /// <summary>A client's stream was closed, by whomever.</summary>
    public void HandleStreamClosed(in FiveTuple path, Instant now)
    {
        HandleTimeout(now);
        // RFC 6062 §5.5: "When a client data connection is closed, the server MUST close the corresponding peer data connection."
        if (_context.Table.TryFindJoined(path, out PeerConnection? connection))
            _context.Close(connection);
        if (_context.Table.Find(path) is not { } allocation)
            return;
        if (allocation.IsMoving && allocation.NextPath == path)
            _context.Table.AbandonMove(allocation);
        else if (allocation.IsMoving)
            _context.CompleteMove(allocation);
        else if (allocation is { Ticket: not null, IsComplete: true })
            allocation.IsOrphaned = true;
        else
            _context.End(allocation, AllocationEnd.StreamClosed);
    }

    /// <summary>The driver has connected to a peer, as it was told to.</summary>
    public void HandlePeerConnected(uint connection, Instant now)
    {
        HandleTimeout(now);
        if (_context.Table.FindConnection(connection) is { } found)
            _tcp.HandleConnected(found, now);
    }

    /// <summary>A connection with a peer was closed, or could not be made.</summary>
    public void HandlePeerClosed(uint connection, Instant now)
    {
        HandleTimeout(now);
        if (_context.Table.FindConnection(connection) is { } found)
            _tcp.HandleClosed(found);
    }

    /// <summary>A peer has connected to a relay's listener.</summary>
    /// <returns>The connection's name; 0 when the driver has to close it at once.</returns>
    public uint HandlePeerAccepted(RelayId relay, TransportAddress peer, Instant now)
    {
        HandleTimeout(now);
        if (_context.Table.FindRelay(relay) is { } found)
            return _tcp.HandleAccepted(found, peer.WithoutScope(), now);
        _context.Counters.Drop(TurnServerDrop.UnknownRelay);
        return 0;
    }

    /// <summary>Whether there is an allocation for a path.</summary>
    public bool HasAllocation(in FiveTuple path) => _context.Table.Find(path) is not null;

    /// <summary>Ends what has run out.</summary>
    public void HandleTimeout(Instant now)
    {
        while (_context.Deadlines.TryTakeDue(now, out RelayId relay, out uint connection, out Instant at))
        {
            if (connection != 0)
            {
                if (_context.Table.FindConnection(connection) is { } due)
                    _tcp.HandleDeadline(due, now);
            }
            else if (_context.Table.FindRelay(relay) is { } found && found.Queued == at)
            {
                // Another time is the entry of a longer lifetime, which was shortened since.
                Expire(found, now);
            }
        }
    }

    /// <summary>Refuses new allocations from now on (508); those that there are go on.</summary>
    public void StopAccepting() => _allocate.IsStopped = true;

    /// <summary>Ends every allocation and every reservation, and refuses new ones.</summary>
    public void Close()
    {
        StopAccepting();
        foreach (Allocation allocation in _context.Table.All.ToArray())
            _context.End(allocation, AllocationEnd.ServerStopped);
        foreach (Relay relay in _context.Table.Reserved.ToArray())
            _context.Close(relay);
    }

    /// <summary>Takes the next reply.</summary>
    /// <param name="buffer">Where it goes: <see cref="MaxReplyLength"/> bytes always suffice.</param>
    /// <param name="transmit">Its length and its path.</param>
    public bool TryGetTransmit(Span<byte> buffer, out TurnServerTransmit transmit) => _context.Replies.TryDequeue(buffer, out transmit);

    /// <summary>Takes the next instruction or news.</summary>
    public bool TryGetEvent([NotNullWhen(true)] out TurnServerEvent? value) => _context.TryGetEvent(out value);

    private TurnForward HandleStun(in FiveTuple path, ReadOnlySpan<byte> bytes, Instant now)
    {
        // RFC 8489 §6.3: "If any errors are detected, the message is silently discarded."
        if (!StunMessage.TryParse(bytes, out StunMessage message, out StunParseError error))
            return Drop(error == StunParseError.BadFingerprint ? TurnServerDrop.BadFingerprint : TurnServerDrop.Malformed);
        switch (message.Class)
        {
            case StunClass.Request when IsServed(message.Method):
                _requests.Handle(message, path, now);
                return default;
            // RFC 8489 §6.3.2: "If the indication contains unknown comprehension-required attributes, the indication is discarded and processing
            // ceases."
            case StunClass.Indication when message.Method == StunMethod.Send:
                return _requests.HasUnknown(message) ? Drop(TurnServerDrop.InvalidSend) : _data.HandleSend(path, message, now);
            case StunClass.Indication when message.Method == StunMethod.Binding:
                // A keepalive, which has done what it is for by arriving.
                return default;
            case StunClass.Request:
                return Drop(TurnServerDrop.UnknownMethod);
            default:
                return Drop(TurnServerDrop.Unexpected);
        }
    }

    // Between a TURN client and its server 80 to 127 is no QUIC (RFC 9443 §3).
    private bool IsChannel(ReadOnlySpan<byte> message) => message[0] is >= 64 and <= 79 || (message[0] <= 127 && _context.Policy.AllowLegacyChannels);

    private static bool IsServed(StunMethod method) => method is StunMethod.Binding or StunMethod.Allocate or StunMethod.Refresh
        or StunMethod.CreatePermission or StunMethod.ChannelBind or StunMethod.Connect or StunMethod.ConnectionBind;

    private void Expire(Relay relay, Instant now)
    {
        relay.Queued = Instant.Never;
        // It was refreshed since it was queued.
        if (relay.Expiry > now)
            _context.Deadlines.Add(relay);
        else if (relay.Owner is null)
            _context.Close(relay);
        else
            _context.End(relay, AllocationEnd.Expired);
    }

    private TurnForward Drop(TurnServerDrop reason)
    {
        _context.Counters.Drop(reason);
        return default;
    }
}
