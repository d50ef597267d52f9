using Stun;

namespace Turn;

/// <summary>What a <see cref="TurnServerCore"/> wants done (instructions), and what has happened (news, for a log). A closed hierarchy.</summary>
public abstract record TurnServerEvent
{
    private protected TurnServerEvent()
    {
    }

    /// <summary>Instruction: open a socket (UDP) or a listener (TCP); answer with <see cref="TurnServerCore.HandleRelayOpened"/> or <see cref="TurnServerCore.HandleRelayFailed"/>.</summary>
    /// <param name="Relay">The socket's name.</param>
    /// <param name="Address">Where to bind it.</param>
    /// <param name="Transport">UDP or TCP.</param>
    public sealed record OpenRelay(RelayId Relay, TransportAddress Address, TurnTransport Transport) : TurnServerEvent;

    /// <summary>Instruction: close a relay socket or listener.</summary>
    /// <param name="Relay">The socket's name.</param>
    public sealed record CloseRelay(RelayId Relay) : TurnServerEvent;

    /// <summary>
    /// Instruction: connect to a peer from the relayed address; answer with <see cref="TurnServerCore.HandlePeerConnected"/> or
    /// <see cref="TurnServerCore.HandlePeerClosed"/>. The time limit is the server's.
    /// </summary>
    /// <param name="Connection">The connection's name.</param>
    /// <param name="Relay">The relay's listener.</param>
    /// <param name="Local">The address to connect from.</param>
    /// <param name="Peer">The address to connect to.</param>
    public sealed record ConnectPeer(uint Connection, RelayId Relay, TransportAddress Local, TransportAddress Peer) : TurnServerEvent;

    /// <summary>Instruction: close the connection with a peer, or give up connecting.</summary>
    /// <param name="Connection">The connection's name.</param>
    public sealed record ClosePeer(uint Connection) : TurnServerEvent;

    /// <summary>Instruction: from now on copy bytes between a client's stream and the connection with a peer, after the replies before this.</summary>
    /// <param name="Client">The client's stream.</param>
    /// <param name="Connection">The connection's name.</param>
    public sealed record JoinStreams(FiveTuple Client, uint Connection) : TurnServerEvent;

    /// <summary>Instruction: close a client's stream.</summary>
    /// <param name="Client">The client's stream.</param>
    public sealed record CloseClient(FiveTuple Client) : TurnServerEvent;

    /// <summary>News: an allocation was made.</summary>
    /// <param name="Client">The client's path.</param>
    /// <param name="User">The user; empty when the server asks for none.</param>
    /// <param name="Relayed">The relayed address.</param>
    /// <param name="AlsoRelayed">The second one of a dual allocation; none otherwise.</param>
    /// <param name="Transport">The transport with peers.</param>
    /// <param name="Lifetime">How long it lasts.</param>
    public sealed record AllocationCreated(
        FiveTuple Client, string User, TransportAddress Relayed, TransportAddress AlsoRelayed, TurnTransport Transport, TimeSpan Lifetime) : TurnServerEvent;

    /// <summary>News: an allocation was refreshed.</summary>
    /// <param name="Client">The client's path.</param>
    /// <param name="User">The user.</param>
    /// <param name="Lifetime">How long it lasts from now on.</param>
    public sealed record AllocationRefreshed(FiveTuple Client, string User, TimeSpan Lifetime) : TurnServerEvent;

    /// <summary>News: the client goes on from another address (RFC 8016).</summary>
    /// <param name="From">The old path.</param>
    /// <param name="To">The new path.</param>
    /// <param name="User">The user.</param>
    public sealed record AllocationMoved(FiveTuple From, FiveTuple To, string User) : TurnServerEvent;

    /// <summary>News: a relayed address was given up.</summary>
    /// <param name="Client">The client's path.</param>
    /// <param name="User">The user.</param>
    /// <param name="Relayed">The relayed address.</param>
    /// <param name="Reason">Why.</param>
    public sealed record AllocationEnded(FiveTuple Client, string User, TransportAddress Relayed, AllocationEnd Reason) : TurnServerEvent;

    /// <summary>News: a peer's address was given a permission that it did not have.</summary>
    /// <param name="Client">The client's path.</param>
    /// <param name="User">The user.</param>
    /// <param name="Peer">The peer; the port does not matter.</param>
    public sealed record PermissionCreated(FiveTuple Client, string User, TransportAddress Peer) : TurnServerEvent;

    /// <summary>News: a channel was bound that was not.</summary>
    /// <param name="Client">The client's path.</param>
    /// <param name="User">The user.</param>
    /// <param name="Peer">The peer.</param>
    /// <param name="Channel">The channel number.</param>
    public sealed record ChannelBound(FiveTuple Client, string User, TransportAddress Peer, ushort Channel) : TurnServerEvent;

    /// <summary>News: an authenticated request was answered with an error.</summary>
    /// <param name="Client">The client's path.</param>
    /// <param name="User">The user.</param>
    /// <param name="Method">What was asked for.</param>
    /// <param name="Code">The error code.</param>
    public sealed record RequestRefused(FiveTuple Client, string User, StunMethod Method, int Code) : TurnServerEvent;
}
