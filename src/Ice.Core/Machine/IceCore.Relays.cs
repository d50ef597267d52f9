using System.Buffers.Binary;
using Stun;
using Turn;

namespace Ice.Core;

/// <content>What comes through TURN servers, and the streams towards them.</content>
public sealed partial class IceCore
{
    /// <summary>Where the data of the last <see cref="InputResult.RelayedData"/> lies in its datagram.</summary>
    public RelayedData RelayedData { get; private set; }

    /// <summary>The stream for <see cref="IceEvent.OpenRelayStream"/> is open.</summary>
    /// <param name="relayId">From the event.</param>
    /// <param name="via">The driver's number for the stream: transmits for the server name it, and what comes from the server is handed in with it.</param>
    /// <param name="now">The time.</param>
    public void RelayStreamOpened(int relayId, BaseId via, Instant now)
    {
        if (State == IceConnectionState.Closed || _agent.Relays.FindById(relayId) is not { Client: null } relay)
            return;
        relay.Via = via;
        _agent.Relays.Start(relay, now);
        Advance(now);
    }

    /// <summary>The stream for <see cref="IceEvent.OpenRelayStream"/> could not be opened, or was closed.</summary>
    /// <param name="relayId">From the event.</param>
    /// <param name="reason">Why, for people.</param>
    /// <param name="now">The time.</param>
    public void RelayStreamClosed(int relayId, string reason, Instant now)
    {
        if (State == IceConnectionState.Closed || _agent.Relays.FindById(relayId) is not { } relay)
            return;
        Relays.StreamClosed(_session, _previous, relay, reason, now);
        Advance(now);
    }

    /// <summary>Wraps application data for a relayed path; the way for data as long as its route has no channel.</summary>
    /// <param name="path">The path of a pair whose local candidate is relayed.</param>
    /// <param name="payload">The data.</param>
    /// <param name="buffer">48 bytes more than the data are enough.</param>
    /// <param name="transmit">To the server.</param>
    /// <returns>False when there is no such relay, no permission, or no room.</returns>
    public bool TryEncodeRelayed(IcePath path, ReadOnlySpan<byte> payload, Span<byte> buffer, out Transmit transmit)
    {
        transmit = default;
        if (_agent.Relays.FindBase(path.Base)?.Relay is not { Client: { } client } relay)
            return false;
        int length = client.EncodeData(path.Remote, payload, buffer);
        transmit = new Transmit(relay.ServerPath, length);
        return length > 0;
    }

    private bool TryHandleRelayed(IcePath path, ReadOnlySpan<byte> datagram, Instant now, out InputResult result)
    {
        result = InputResult.Dropped;
        if (State == IceConnectionState.Closed || _agent.Relays.Find(path) is not { Client: { } client } relay)
            return false;
        switch (client.HandleDatagram(datagram, now, out TurnPayload payload))
        {
            case TurnInput.NotTurn:
                return false;
            case TurnInput.Handled:
                result = InputResult.Handled;
                Advance(now);
                return true;
            case TurnInput.Data when relay.BaseFor(payload.Peer) is { } relayed:
                result = HandlePayload(new IcePath(relayed.Id, payload.Peer), datagram.Slice(payload.Offset, payload.Length), payload, now);
                return true;
            default:
                _agent.Drops.Count(DropReason.RefusedByRelay);
                return true;
        }
    }

    private InputResult HandlePayload(IcePath path, ReadOnlySpan<byte> bytes, TurnPayload payload, Instant now)
    {
        // The first bytes 0 to 3 are STUN's (RFC 7983 §7); the magic cookie tells it from application data that happens to begin so.
        InputResult result = MayBeStun(bytes) ? HandleDirect(path, bytes, now) : InputResult.NotStun;
        if (result != InputResult.NotStun)
            return result;
        RelayedData = new RelayedData(path, payload.Offset, payload.Length);
        return InputResult.RelayedData;
    }

    private static bool MayBeStun(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= StunMessage.HeaderLength && bytes[0] <= 3 && BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]) == StunMessage.MagicCookie;
}
