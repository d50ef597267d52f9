using Stun;

namespace Turn;

/// <summary>A ChannelBind request (RFC 8656 §12.1).</summary>
internal sealed class ClientChannelRequest(ChannelTable table, ChannelEntry entry) : ClientRequest(StunMethod.ChannelBind)
{
    public override bool MayStart(TurnClientState state) => state == TurnClientState.Allocated;

    public override bool Prepare(Instant now) => table.Prepare(entry, now);

    public override void Write(ref StunWriter writer)
    {
        writer.AddChannelNumber(entry.Number);
        writer.AddPeer(entry.Peer);
    }

    public override void Succeed(scoped in StunMessage response, Instant sentAt, Instant now) => table.TakeBound(entry, sentAt, now);

    public override void Fail(RequestError error, Instant now) => table.TakeError(entry, error, now);
}
