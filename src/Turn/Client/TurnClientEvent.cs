using Stun;

namespace Turn;

/// <summary>What a <see cref="TurnClient"/> tells its owner: an instruction or a change, with all the data that is needed to act.</summary>
/// <remarks>A closed hierarchy: switch over the nested records.</remarks>
public abstract record TurnClientEvent
{
    private protected TurnClientEvent()
    {
    }

    /// <summary>The allocation was made.</summary>
    /// <param name="IPv4">The relayed IPv4 address; none if there is none.</param>
    /// <param name="IPv6">The relayed IPv6 address; none if there is none.</param>
    /// <param name="Mapped">The client's server-reflexive address; none if the server did not tell.</param>
    /// <param name="Lifetime">How long the allocation lives unless refreshed; the client refreshes it.</param>
    public sealed record Allocated(TransportAddress IPv4, TransportAddress IPv6, TransportAddress Mapped, TimeSpan Lifetime) : TurnClientEvent
    {
        /// <summary>The token of the reserved next port (EVEN-PORT with reservation): for another client's <see cref="TurnClientOptions.ReservationToken"/>, within 30 s.</summary>
        public ulong? ReservationToken { get; init; }

        /// <summary>Of an allocation of both families: the code with which one was refused (440 or 508); 0 if none was.</summary>
        /// <remarks>
        /// RFC 8656 §7.3: after 440 "the client MUST NOT retry its request for the rejected address type", after 508 it "SHOULD wait at least 1
        /// minute".
        /// </remarks>
        public int AddressErrorCode { get; init; }

        /// <summary>Whether Send indications may ask for unfragmented datagrams.</summary>
        public bool DontFragment { get; init; }

        /// <summary>Whether the allocation can be moved to another local address (RFC 8016).</summary>
        public bool Movable { get; init; }
    }

    /// <summary>No allocation could be made; the state is Failed.</summary>
    /// <param name="Failure">Why.</param>
    /// <param name="Code">The server's error code; 0 if it gave none.</param>
    /// <param name="Explanation">What happened and what to try, in a sentence.</param>
    /// <param name="RetryAfter">
    /// After how long <see cref="TurnClient.Allocate"/> may be called to some purpose (called earlier, it waits); null when it needs other
    /// options, credentials or another server first.
    /// </param>
    public sealed record AllocationFailed(TurnFailure Failure, int Code, string Explanation, TimeSpan? RetryAfter) : TurnClientEvent;

    /// <summary>
    /// The server sees the 5-tuple as in use by another allocation (437). Bind another local address and call
    /// <see cref="TurnClient.AllocateAnew"/>; or, where that cannot be, call <see cref="TurnClient.Reclaim"/>.
    /// </summary>
    /// <param name="Attempt">How many 5-tuples were tried; after the third the allocation fails.</param>
    public sealed record TupleInUse(int Attempt) : TurnClientEvent;

    /// <summary>
    /// The server sends the client to another server (300): reach it over the same transport protocol and call
    /// <see cref="TurnClient.AllocateAnew"/>.
    /// </summary>
    /// <param name="Server">The other server's address.</param>
    /// <param name="Domain">
    /// Over TLS and DTLS: the name against which the other server's certificate is to be validated; null for the same name as before
    /// (RFC 8489 §10).
    /// </param>
    public sealed record Redirected(TransportAddress Server, string? Domain) : TurnClientEvent;

    /// <summary>The allocation lives on after a refresh.</summary>
    /// <param name="Lifetime">How long from now on, unless refreshed.</param>
    public sealed record Refreshed(TimeSpan Lifetime) : TurnClientEvent;

    /// <summary>The allocation lives on, on the new 5-tuple (RFC 8016); permissions and channels are as they were.</summary>
    /// <param name="Lifetime">How long from now on, unless refreshed.</param>
    public sealed record Moved(TimeSpan Lifetime) : TurnClientEvent;

    /// <summary>The allocation is gone, and its permissions and channels with it; the state is Failed.</summary>
    /// <param name="Failure">Why.</param>
    /// <param name="Code">The server's error code; 0 if it gave none.</param>
    /// <param name="Explanation">What happened and what to try, in a sentence.</param>
    public sealed record Lost(TurnFailure Failure, int Code, string Explanation) : TurnClientEvent;

    /// <summary>The client is closed: the server has deleted the allocation, or did not answer.</summary>
    public sealed record Closed : TurnClientEvent;

    /// <summary>Data can go to and come from a peer.</summary>
    /// <param name="Peer">The peer as it was given; the permission is for its IP address, whatever the port.</param>
    public sealed record PermissionReady(TransportAddress Peer) : TurnClientEvent;

    /// <summary>A permission was refused, or could not be refreshed and has ended.</summary>
    /// <param name="Peer">The peer as it was given.</param>
    /// <param name="Failure">Why.</param>
    /// <param name="Code">The server's error code; 0 if it gave none.</param>
    public sealed record PermissionFailed(TransportAddress Peer, TurnFailure Failure, int Code) : TurnClientEvent;

    /// <summary>Data to a peer goes as ChannelData from now on.</summary>
    /// <param name="Peer">The peer.</param>
    /// <param name="Number">The channel.</param>
    public sealed record ChannelBound(TransportAddress Peer, ushort Number) : TurnClientEvent;

    /// <summary>A channel could not be bound, or could not be refreshed and has ended: data goes by Send indications.</summary>
    /// <param name="Peer">The peer.</param>
    /// <param name="Failure">Why.</param>
    /// <param name="Code">The server's error code; 0 if it gave none.</param>
    public sealed record ChannelFailed(TransportAddress Peer, TurnFailure Failure, int Code) : TurnClientEvent;

    /// <summary>A datagram to a peer did not get there (RFC 8656 §11.6). Indications are not authenticated: take it as a hint.</summary>
    /// <param name="Peer">The peer; its port may be 0.</param>
    /// <param name="Icmp">What the network said.</param>
    public sealed record IcmpReceived(TransportAddress Peer, TurnIcmp Icmp) : TurnClientEvent;

    /// <summary>
    /// The server has connected to a peer over TCP (RFC 6062): open another stream to the server and hand it
    /// <see cref="TurnClient.CreateDataConnection"/>, within 30 s.
    /// </summary>
    /// <param name="Peer">The peer.</param>
    /// <param name="ConnectionId">The connection.</param>
    public sealed record PeerConnected(TransportAddress Peer, uint ConnectionId) : TurnClientEvent;

    /// <summary>The server could not connect to a peer over TCP (RFC 6062).</summary>
    /// <param name="Peer">The peer.</param>
    /// <param name="Failure">Why.</param>
    /// <param name="Code">The server's error code; 0 if it gave none. After 447 the next attempt waits for 10 s.</param>
    public sealed record PeerConnectFailed(TransportAddress Peer, TurnFailure Failure, int Code) : TurnClientEvent;

    /// <summary>
    /// A peer has connected over TCP to the relayed address (RFC 6062): to accept, open another stream to the server and hand it
    /// <see cref="TurnClient.CreateDataConnection"/>, within 30 s.
    /// </summary>
    /// <param name="Peer">The peer.</param>
    /// <param name="ConnectionId">The connection.</param>
    public sealed record ConnectionAttempt(TransportAddress Peer, uint ConnectionId) : TurnClientEvent;

    /// <summary>The server wants an access token (RFC 7635): get one, or a newer one, and call <see cref="TurnClient.SetAccessToken"/>.</summary>
    /// <param name="ServerName">The server's name for the authorization server; empty when the server did not tell.</param>
    public sealed record AccessTokenNeeded(string ServerName) : TurnClientEvent;
}
