using Stun;

namespace Turn;

/// <summary>A Connect request (RFC 6062 §4.3).</summary>
internal sealed class ClientConnectRequest(TcpAllocation allocation, ConnectEntry entry) : ClientRequest(StunMethod.Connect)
{
    public override bool MayStart(TurnClientState state) => state == TurnClientState.Allocated;

    // RFC 6062 §4.3: "The Connect request MUST include an XOR-PEER-ADDRESS attribute containing the transport address of the peer to which a
    // connection is desired."
    public override void Write(ref StunWriter writer) => writer.AddPeer(entry.Peer);

    public override void Succeed(scoped in StunMessage response, Instant sentAt, Instant now) => allocation.TakeConnected(entry, response);

    public override void Fail(RequestError error, Instant now) => allocation.TakeError(entry, error, now);
}
