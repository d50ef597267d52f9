using System.Diagnostics.CodeAnalysis;
using Stun;

namespace Turn;

/// <summary>
/// A TURN client with one server (RFC 8656, with RFC 6062, RFC 7635 and RFC 8016) as a state machine. It owns no socket, no thread and no
/// clock: messages, commands and the time go in; messages, events and the next deadline come out.
/// </summary>
/// <remarks>
/// Not thread-safe. After any input, drain both outputs and then re-read <see cref="NextTimeout"/>. The owner makes the 5-tuple: a datagram
/// socket, or a stream that it cuts into messages with <see cref="TurnFrame"/>, and hands in only what came from the server.
/// </remarks>
public sealed partial class TurnClient
{
    private readonly ClientContext _context;
    private readonly AllocationKeeper _allocation;
    private readonly PermissionTable _permissions;
    private readonly ChannelTable _channels;
    private readonly TcpAllocation _tcp;

    /// <summary>Makes a client in state New; <see cref="Allocate"/> is next.</summary>
    /// <param name="options">What it asks for.</param>
    /// <param name="entropy">The randomness: transaction ids.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="ArgumentException">The options cannot be; the message says which and why.</exception>
    public TurnClient(TurnClientOptions options, EntropySource entropy, Instant now)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(entropy);
        options.Validate();
        _context = new ClientContext(options, entropy, now) { LoseAllocation = LoseAllocation };
        _allocation = new AllocationKeeper(_context) { Made = TakeAllocated, Gone = ForgetPeers };
        _permissions = new PermissionTable(_context, _allocation);
        _channels = new ChannelTable(_context, _allocation, _permissions);
        _tcp = new TcpAllocation(_context, _permissions);
    }

    /// <summary>Where the client stands.</summary>
    public TurnClientState State => _context.State;

    /// <summary>The server's address; a redirection changes it.</summary>
    public TransportAddress Server => _context.Server;

    /// <summary>The relayed IPv4 address; none if there is none.</summary>
    public TransportAddress RelayedIPv4 => _allocation.IPv4;

    /// <summary>The relayed IPv6 address; none if there is none.</summary>
    public TransportAddress RelayedIPv6 => _allocation.IPv6;

    /// <summary>When the allocation expires unless refreshed; Never without one.</summary>
    public Instant ExpiresAt => _allocation.ExpiresAt;

    /// <summary>Whether <see cref="MoveTo"/> can keep the allocation: the server gave a mobility ticket.</summary>
    public bool CanMove => _allocation.CanMove;

    /// <summary>When <see cref="HandleTimeout"/> is due; Never when idle.</summary>
    public Instant NextTimeout { get; private set; } = Instant.Never;

    /// <summary>With <see cref="TurnClientOptions.PacedExternally"/>: whether <see cref="StartNext"/> has something to send.</summary>
    public bool HasWaiting => _context.Requests.HasWaiting;

    /// <summary>Whether what <see cref="StartNext"/> would send is waited for, such as the permission for a check that is about to be sent.</summary>
    public bool NextIsUrgent => _context.Requests.NextIsUrgent;

    /// <summary>Asks the server for an allocation; Allocated or AllocationFailed follows, or NeedsTuple with its event.</summary>
    /// <param name="now">The time.</param>
    /// <exception cref="InvalidOperationException">There is one already, or the server would refuse again as it did.</exception>
    public void Allocate(Instant now)
    {
        _allocation.Allocate(now);
        Advance(now);
    }

    /// <summary>
    /// Goes on with a new allocation from a new 5-tuple: another local address after TupleInUse, another server after Redirected, or after the
    /// allocation was lost. What there was of an allocation is given up.
    /// </summary>
    /// <param name="server">The server's address.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="InvalidOperationException">The client is new, closing or closed.</exception>
    public void AllocateAnew(TransportAddress server, Instant now)
    {
        _allocation.AllocateAnew(server, now);
        Advance(now);
    }

    /// <summary>
    /// After TupleInUse, where no other local address can be had: deletes the allocation that a former client with the same credentials left on
    /// this 5-tuple, and allocates again.
    /// </summary>
    /// <param name="now">The time.</param>
    /// <exception cref="InvalidOperationException">The server did not say that the 5-tuple is in use.</exception>
    public void Reclaim(Instant now)
    {
        _allocation.Reclaim();
        Advance(now);
    }

    /// <summary>The local address has changed, and what is sent from now on goes from a new 5-tuple: moves the allocation there (RFC 8016).</summary>
    /// <remarks>Moved follows, or Lost when it cannot be moved. No data goes until then. Without an allocation, what is under way is asked again.</remarks>
    /// <param name="now">The time.</param>
    public void MoveTo(Instant now)
    {
        _allocation.Move(now);
        Advance(now);
    }

    /// <summary>Lets the IP addresses of peers send, and be sent to. Kept until <see cref="Release"/>; may be called before there is an allocation.</summary>
    /// <remarks>PermissionReady or PermissionFailed follows for each IP address, once there is an allocation.</remarks>
    /// <param name="peers">The peers; only their IP addresses count.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="ArgumentException">One of them is no address.</exception>
    public void CreatePermission(ReadOnlySpan<TransportAddress> peers, Instant now)
    {
        foreach (TransportAddress peer in peers)
            RequirePeer(peer, nameof(peers));
        ThrowIfClosed();
        foreach (TransportAddress peer in peers)
            _permissions.Request(peer, now);
        Advance(now);
    }

    /// <summary>Binds a channel to a peer, with a permission; data goes by Send indications until it is bound. Kept until <see cref="Release"/>.</summary>
    /// <remarks>ChannelBound or ChannelFailed follows, once there is an allocation.</remarks>
    /// <param name="peer">The peer.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="ArgumentException">It is no address, or has no port.</exception>
    /// <exception cref="InvalidOperationException">This is a TCP allocation, which has no channels.</exception>
    public void BindChannel(TransportAddress peer, Instant now)
    {
        RequirePeer(peer, nameof(peer));
        if (peer.Port == 0)
            throw new ArgumentException("A channel needs the peer's port.", nameof(peer));
        if (_context.Options.Transport == TurnTransport.Tcp)
            throw new InvalidOperationException("A TCP allocation has no channels: call Connect.");
        ThrowIfClosed();
        _channels.Bind(peer, now);
        Advance(now);
    }

    /// <summary>Ceases to refresh a peer's channel and the permission of its IP address: they end when they expire.</summary>
    /// <remarks>The permission stays while a channel to another port of that IP address is kept.</remarks>
    /// <param name="peer">The peer.</param>
    /// <param name="now">The time.</param>
    public void Release(TransportAddress peer, Instant now)
    {
        _channels.Release(peer);
        if (!_channels.Wants(peer))
            _permissions.Release(peer);
        Advance(now);
    }

    /// <summary>Has the server connect to a peer over TCP (RFC 6062). PeerConnected or PeerConnectFailed follows.</summary>
    /// <remarks>Within 10 s of a failure with 447 the request waits; while one is under way another is not made.</remarks>
    /// <param name="peer">The peer.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="InvalidOperationException">This is no TCP allocation.</exception>
    public void Connect(TransportAddress peer, Instant now)
    {
        RequirePeer(peer, nameof(peer));
        RequireTcp();
        ThrowIfClosed();
        _tcp.Connect(peer, now);
        Advance(now);
    }

    /// <summary>Makes the machine for another stream to the server, which is to carry a connection with a peer (RFC 6062).</summary>
    /// <param name="connectionId">From PeerConnected or ConnectionAttempt.</param>
    /// <param name="now">The time: the stream is open.</param>
    /// <exception cref="InvalidOperationException">This is no TCP allocation, or there is none at present.</exception>
    public TcpDataConnection CreateDataConnection(uint connectionId, Instant now)
    {
        RequireTcp();
        if (State != TurnClientState.Allocated || _context.Authenticator.AwaitsToken)
            throw new InvalidOperationException($"The client is {State}: a data connection needs an allocation, and an access token where the server wants one.");
        return new TcpDataConnection(_context, connectionId, now);
    }

    /// <summary>Gives an access token (RFC 7635): the first one, or one that follows another before it expires.</summary>
    /// <param name="token">The token.</param>
    /// <param name="now">The time.</param>
    public void SetAccessToken(OAuthAccessToken token, Instant now)
    {
        ArgumentNullException.ThrowIfNull(token);
        _context.Authenticator.SetToken(token, now);
        // RFC 7635 §9: "The client MUST use the new token to refresh existing allocations."
        _allocation.Refresh();
        Advance(now);
    }

    /// <summary>Deletes the allocation, if there is one or one is being made, and sends nothing any more. Closed follows.</summary>
    /// <param name="now">The time.</param>
    public void Close(Instant now)
    {
        _allocation.Close();
        Advance(now);
    }

    /// <summary>With <see cref="TurnClientOptions.PacedExternally"/>: sends the next request that waits.</summary>
    /// <param name="now">The time.</param>
    /// <returns>False when there was nothing to send after all.</returns>
    public bool StartNext(Instant now)
    {
        bool started = _context.Requests.StartNext(now);
        Advance(now);
        return started;
    }

    /// <summary>Does what is due.</summary>
    /// <param name="now">The time.</param>
    public void HandleTimeout(Instant now) => Advance(now);

    /// <summary>Gives the next request to send to the server. Application data does not go this way: see <see cref="EncodeData(TransportAddress, ReadOnlySpan{byte}, Span{byte})"/>.</summary>
    /// <param name="buffer">At least 1,280 bytes.</param>
    /// <param name="length">The length of the message in bytes.</param>
    /// <returns>False when there is nothing more to send.</returns>
    /// <exception cref="ArgumentException">The buffer is too short.</exception>
    public bool TryGetTransmit(Span<byte> buffer, out int length) => _context.Requests.TryTakeOutput(buffer, out length);

    /// <summary>The next event.</summary>
    /// <param name="value">The event.</param>
    /// <returns>False when there is none.</returns>
    public bool TryGetEvent([NotNullWhen(true)] out TurnClientEvent? value)
    {
        value = _context.TakeEvent();
        return value is not null;
    }

    /// <summary>How many messages were refused for a reason.</summary>
    public long GetDropCount(TurnDropReason reason) => _context.GetDropCount(reason);

    /// <summary>The server and the state.</summary>
    public override string ToString() => $"TurnClient({Server}, {State})";

    private static void RequirePeer(TransportAddress peer, string parameter)
    {
        if (peer.IsNone)
            throw new ArgumentException("There is no peer's address: it is None.", parameter);
    }

    private void RequireTcp()
    {
        if (_context.Options.Transport != TurnTransport.Tcp)
            throw new InvalidOperationException("Connections are for TCP allocations: set Transport to Tcp in the options.");
    }

    private void ThrowIfClosed()
    {
        if (State is TurnClientState.Closing or TurnClientState.Closed)
            throw new InvalidOperationException($"The client is {State}.");
    }

    private void LoseAllocation(TurnFailure failure, RequestError error, Instant now) => _allocation.Lose(failure, error, now);

    private void TakeAllocated(Instant now)
    {
        _permissions.TakeAllocated(now);
        _channels.TakeAllocated();
    }

    private void ForgetPeers()
    {
        _permissions.Clear();
        _channels.Clear();
        _tcp.Clear();
    }

    /// <summary>Everything that follows from an input or from the time: one order, whatever the input was.</summary>
    private void Advance(Instant now)
    {
        if (_context.Authenticator.TakeTokenRequest(now) is { } serverName)
            _context.Report(new TurnClientEvent.AccessTokenNeeded(serverName));
        _context.Requests.Tick(now);
        _allocation.Tick(now);
        _permissions.Tick(now);
        _channels.Tick(now);
        _tcp.Tick(now);
        _context.Requests.Pump(now);
        NextTimeout = State == TurnClientState.Closed
            ? Instant.Never
            : Instant.Min(
                Instant.Min(Instant.Min(_context.Requests.NextTimeout, _allocation.NextTimeout), _context.Authenticator.NextTimeout),
                Instant.Min(Instant.Min(_permissions.NextTimeout, _channels.NextTimeout), _tcp.NextTimeout));
    }
}
