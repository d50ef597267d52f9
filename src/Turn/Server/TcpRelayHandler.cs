using System.Diagnostics.CodeAnalysis;
using Stun;

namespace Turn;

/// <summary>TCP allocations (RFC 6062): Connect, ConnectionBind, and connections that peers open.</summary>
internal sealed class TcpRelayHandler(ServerContext context)
{
    public void HandleConnect(scoped in StunMessage message, in RequestContext request, Allocation allocation, Instant now)
    {
        int error = CheckConnect(message, allocation, out TransportAddress peer);
        if (error != 0)
        {
            context.Refuse(request, error);
            return;
        }

        Relay relay = allocation.RelayFor(peer)!;
        PeerConnection connection = Add(allocation, peer, PeerConnectionState.Connecting, now + TurnDefaults.ConnectTimeout);
        connection.Request = request;
        // RFC 6062 §5.2: "Otherwise, the server MUST initiate an outgoing TCP connection. The local endpoint is the relayed transport address
        // associated with the allocation."
        context.Emit(new TurnServerEvent.ConnectPeer(connection.Id, relay.Id, relay.Local, peer));
    }

    public void HandleConnectionBind(scoped in StunMessage message, in RequestContext request)
    {
        // RFC 6062 §5.4: "If the client connection transport is not TCP or TLS, the server MUST return a 400 (Bad Request) error." The control
        // connection cannot become a data connection.
        // RFC 6062 §5.4: "If the request does not contain the CONNECTION-ID attribute, or if this attribute does not refer to an existing
        // pending connection, the server MUST return a 400 (Bad Request) error."
        if (!request.Path.IsStream || context.Table.Find(request.Path) is not null || !TryFind(message, out PeerConnection? connection)
            || connection.State != PeerConnectionState.Pending)
        {
            context.Refuse(request, StunErrorCode.BadRequest);
            return;
        }

        // RFC 6062 §4.3: "Authentication of the client by the server MUST use the same method and credentials as for the control connection."
        if (connection.Owner.User != request.User)
        {
            context.Refuse(request, StunErrorCode.WrongCredentials);
            return;
        }

        context.Table.Join(connection, request.Path);
        connection.Deadline = Instant.Never;
        context.Replies.Succeed(request);
        context.Emit(new TurnServerEvent.JoinStreams(request.Path, connection.Id));
    }

    /// <summary>The pending connection that a ConnectionBind request names.</summary>
    public bool TryFind(scoped in StunMessage message, [NotNullWhen(true)] out PeerConnection? connection)
    {
        connection = message.TryGetConnectionId(out uint id) ? context.Table.FindConnection(id) : null;
        return connection is not null;
    }

    public void HandleConnected(PeerConnection connection, Instant now)
    {
        if (connection.State != PeerConnectionState.Connecting)
            return;
        Wait(connection, now);
        // RFC 6062 §5.2: "The server MUST include the CONNECTION-ID attribute in the Connect success response."
        byte[] buffer = context.Replies.Rent();
        var writer = new StunWriter(buffer, connection.Request.Method, StunClass.SuccessResponse, connection.Request.Id);
        writer.AddConnectionId(connection.Id);
        context.Counters.Success();
        context.Replies.Finish(ref writer, buffer, connection.Request);
    }

    /// <summary>A peer has connected to the relayed address.</summary>
    /// <returns>The connection's id; 0 when it is to be closed.</returns>
    public uint HandleAccepted(Relay relay, TransportAddress peer, Instant now)
    {
        // RFC 6062 §5.3: "If no permission for this peer has been installed for this allocation, the server MUST close the connection with the
        // peer immediately after it has been accepted."
        if (relay.Owner is not { IsComplete: true } allocation || !allocation.HasPermission(peer, now)
            || allocation.Connections.Count >= context.Policy.MaxPeerConnections)
        {
            context.Counters.Drop(TurnServerDrop.PeerConnection);
            return 0;
        }

        PeerConnection connection = Add(allocation, peer, PeerConnectionState.Pending, now + TurnDefaults.ConnectionBindTimeout);
        // RFC 6062 §5.3: "The indication MUST include an XOR-PEER-ADDRESS attribute containing the peer's transport address, as well as a
        // CONNECTION-ID attribute uniquely identifying the peer data connection."
        byte[] buffer = context.Replies.Rent();
        var writer = new StunWriter(buffer, StunMethod.ConnectionAttempt, StunClass.Indication, TransactionId.Create(context.Entropy));
        writer.AddPeer(peer);
        writer.AddConnectionId(connection.Id);
        context.Replies.Commit(buffer, writer.Length, allocation.Path);
        return connection.Id;
    }

    /// <summary>The connection with a peer is gone, or never came to be.</summary>
    public void HandleClosed(PeerConnection connection)
    {
        // RFC 6062 §5.2: "If the connection attempt fails or times out, the server MUST return a 447 (Connection Timeout or Failure) error."
        if (connection.State == PeerConnectionState.Connecting)
            context.Refuse(connection.Request, StunErrorCode.ConnectionTimeoutOrFailure);
        // RFC 6062 §5.5: "When a peer data connection is closed, the server MUST close the corresponding client data connection."
        context.Close(connection);
    }

    public void HandleDeadline(PeerConnection connection, Instant now)
    {
        // The entry of an earlier state: another one is queued, or none is needed.
        if (connection.Deadline <= now)
            HandleClosed(connection);
    }

    private int CheckConnect(scoped in StunMessage message, Allocation allocation, out TransportAddress peer)
    {
        // RFC 6062 §5.2: "If the request does not contain an XOR-PEER-ADDRESS attribute, or if such attribute is invalid, the server MUST return
        // a 400 (Bad Request) error."
        if (!message.TryGetPeer(out TransportAddress asked) || allocation.Transport != TurnTransport.Tcp)
        {
            peer = default;
            return StunErrorCode.BadRequest;
        }

        peer = asked;
        // RFC 6062 §5.2: "If the server is currently processing a Connect request for this allocation with the same XOR-PEER-ADDRESS, it MUST
        // return a 446 (Connection Already Exists) error."
        if (allocation.Connections.Exists(c => c.Peer == asked))
            return StunErrorCode.ConnectionAlreadyExists;
        if (allocation.RelayFor(peer) is null)
            return StunErrorCode.PeerAddressFamilyMismatch;
        // RFC 6062 §5.2: "If the new connection is forbidden by local policy, the server MUST reject the request with a 403 (Forbidden) error."
        if (!context.IsPeerAllowed(peer, TurnTransport.Tcp, anyPort: false))
            return StunErrorCode.Forbidden;
        return allocation.Connections.Count < context.Policy.MaxPeerConnections ? 0 : StunErrorCode.InsufficientCapacity;
    }

    private PeerConnection Add(Allocation allocation, TransportAddress peer, PeerConnectionState state, Instant deadline)
    {
        uint id;
        do
        {
            id = (uint)context.Entropy.NextUInt64();
        }
        while (id == 0 || context.Table.FindConnection(id) is not null);
        var connection = new PeerConnection(id, allocation, peer) { State = state, Deadline = deadline };
        context.Table.Add(connection);
        context.Deadlines.Add(connection);
        return connection;
    }

    private void Wait(PeerConnection connection, Instant now)
    {
        connection.State = PeerConnectionState.Pending;
        connection.Deadline = now + TurnDefaults.ConnectionBindTimeout;
        context.Deadlines.Add(connection);
    }
}
