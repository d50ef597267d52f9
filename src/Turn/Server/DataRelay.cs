using System.Buffers.Binary;
using Stun;

namespace Turn;

/// <summary>Application data on its way between clients and peers (RFC 8656 §11, §12). Copies nothing and allocates nothing.</summary>
internal sealed class DataRelay(ServerContext context)
{
    // The longest UDP datagram of IPv4.
    private const int MaxDatagram = 65507;
    private const int IPv4Header = StunMessage.HeaderLength + 12 + 4;
    private const int IPv6Header = StunMessage.HeaderLength + 24 + 4;

    public TurnForward HandleChannelData(in FiveTuple path, ReadOnlySpan<byte> message, Instant now)
    {
        // RFC 8656 §12.6: "if the UDP datagram is too short to contain the claimed length of the ChannelData message ..., then the message is
        // silently discarded."
        if (!TryReadHeader(message, out ushort number, out int length))
            return Drop(TurnServerDrop.InvalidChannelData);
        if (FindForData(path) is not { } allocation)
            return Drop(TurnServerDrop.NoAllocation);
        // RFC 8656 §12.6: "If the ChannelData message is received on a channel that is not bound to any peer, then the message is silently
        // discarded."
        if (allocation.FindChannel(number, now) is not { } channel)
            return Drop(TurnServerDrop.UnboundChannel);
        // An own address stays a peer only as long as it is relayed.
        if (context.IsOwn(channel.Peer) && !context.IsPeerAllowed(channel.Peer, TurnTransport.Udp, anyPort: false))
            return Drop(TurnServerDrop.ForbiddenPeer);
        return ToPeer(allocation, channel.Relay, channel.Peer, ChannelData.HeaderLength, length, dontFragment: false, now);
    }

    public TurnForward HandleSend(in FiveTuple path, scoped in StunMessage message, Instant now)
    {
        // RFC 8656 §11.2: "The Send indication MUST contain both an XOR-PEER-ADDRESS attribute and a DATA attribute. If one of these attributes
        // is missing or invalid, then the message is discarded."
        if (!message.TryGetPeer(out TransportAddress peer) || !message.TryGet(StunAttributeType.Data, out ReadOnlySpan<byte> data))
            return Drop(TurnServerDrop.InvalidSend);
        if (FindForData(path) is not { } allocation)
            return Drop(TurnServerDrop.NoAllocation);
        // RFC 8656 §11.2: "The server also checks that there is a permission installed for the IP address contained in the XOR-PEER-ADDRESS
        // attribute. If no such permission exists, the message is discarded."
        if (!allocation.HasPermission(peer, now) || allocation.RelayFor(peer) is not { } relay)
            return Drop(TurnServerDrop.NoPermission);
        // RFC 8656 §11.2: "The server MAY impose restrictions on the IP address and port values allowed in the XOR-PEER-ADDRESS attribute; if a
        // value is not allowed, the server silently discards the Send indication."
        if (!context.IsPeerAllowed(peer, TurnTransport.Udp, anyPort: false))
            return Drop(TurnServerDrop.ForbiddenPeer);
        // RFC 8656 §13.1: "For both preferred and alternate behavior, the DONT-FRAGMENT attribute MUST be ignored by the server."
        // RFC 8656 §13: "ignoring the DONT-FRAGMENT attribute is only applicable for UDP-to-UDP relay and not for TCP-to-UDP relay."
        bool dontFragment = message.Has(StunAttributeType.DontFragment) && peer.IsIPv4 && (path.IsStream || path.Client.IsIPv4);
        _ = message.Bytes.Overlaps(data, out int offset);
        return ToPeer(allocation, relay, peer, offset, data.Length, dontFragment, now);
    }

    public TurnForward HandlePeer(RelayId id, TransportAddress peer, Span<byte> buffer, int offset, int length, Instant now)
    {
        if (context.Table.FindRelay(id) is not { Owner: { IsComplete: true } allocation })
            return Drop(TurnServerDrop.UnknownRelay);
        peer = peer.WithoutScope();
        // RFC 8656 §9: "If no match is found, relaying is not permitted and the server silently discards the UDP datagram."
        if (!allocation.HasPermission(peer, now))
            return Drop(TurnServerDrop.NoPermission);
        if (allocation.IsOrphaned)
            return Drop(TurnServerDrop.NoAllocation);
        if (!allocation.TrySpend(length, context.Policy.MaxBytesPerSecond, now))
            return Drop(TurnServerDrop.Bandwidth);
        // RFC 8656 §12.5: "The server, on the other hand, MUST use the ChannelData message if a channel has been bound to the peer."
        return allocation.FindChannel(peer, now) is { } channel
            ? ToChannel(allocation, channel, buffer, offset, length)
            : ToIndication(allocation, peer, buffer, offset, length);
    }

    public void HandleIcmp(RelayId id, TransportAddress destination, TurnIcmp icmp, Instant now)
    {
        destination = destination.WithoutScope();
        // RFC 8656 §11.5: "When the server receives an ICMP packet, the server verifies that the type is either 3 or 11 for an ICMPv4 [RFC0792]
        // packet or either 1, 2, or 3 for an ICMPv6 [RFC4443] packet."
        bool relevant = destination.IsIPv4 ? icmp.Type is 3 or 11 : icmp.Type is 1 or 2 or 3;
        // RFC 8656 §11.5: "For ICMP packets, the source IP address MUST NOT be checked against the permissions list as it would be for UDP
        // packets. Instead, the server extracts the destination IP address from the encapsulated IP header."
        if (!relevant || context.Table.FindRelay(id) is not { Owner: { IsComplete: true } allocation } || !allocation.HasPermission(destination, now))
        {
            context.Counters.Drop(TurnServerDrop.Icmp);
            return;
        }

        // RFC 8656 §18.13: "For other ICMPv6 types and ICMPv4 types and codes, the Error Data field MUST be set to zero."
        bool tooBig = destination.IsIPv4 ? icmp is { Type: 3, Code: 4 } : icmp.Type == 2;
        byte[] buffer = context.Replies.Rent();
        var writer = new StunWriter(buffer, StunMethod.Data, StunClass.Indication, TransactionId.Create(context.Entropy));
        writer.AddPeer(destination);
        writer.AddIcmp(tooBig ? icmp : icmp with { Data = 0 });
        context.Replies.Commit(buffer, writer.Length, allocation.Path);
    }

    private bool TryReadHeader(ReadOnlySpan<byte> message, out ushort number, out int length)
    {
        number = 0;
        length = 0;
        if (message.Length < ChannelData.HeaderLength)
            return false;
        number = BinaryPrimitives.ReadUInt16BigEndian(message);
        length = BinaryPrimitives.ReadUInt16BigEndian(message[2..]);
        return context.Policy.IsChannel(number) && length <= message.Length - ChannelData.HeaderLength;
    }

    private TurnForward Drop(TurnServerDrop reason)
    {
        context.Counters.Drop(reason);
        return default;
    }

    private Allocation? FindForData(in FiveTuple path)
    {
        if (context.Table.Find(path) is not { IsComplete: true, Transport: TurnTransport.Udp } allocation)
            return null;
        // RFC 8016 §3.2.2: "The TURN server MUST continue receiving and processing data on the old 5-tuple and MUST continue transmitting data on
        // the old-5 tuple until it receives a Send Indication or ChannelData message from the client on the new 5-tuple".
        if (allocation.IsMoving && allocation.NextPath == path)
            context.CompleteMove(allocation);
        return allocation;
    }

    private TurnForward ToPeer(Allocation allocation, Relay relay, TransportAddress peer, int offset, int length, bool dontFragment, Instant now)
    {
        if (length > MaxDatagram)
            return Drop(TurnServerDrop.TooLong);
        if (!allocation.TrySpend(length, context.Policy.MaxBytesPerSecond, now))
            return Drop(TurnServerDrop.Bandwidth);
        context.Counters.ToPeer(length);
        return TurnForward.ToPeer(relay.Id, peer, offset, length, dontFragment);
    }

    private TurnForward ToChannel(Allocation allocation, Channel channel, Span<byte> buffer, int offset, int length)
    {
        int total = ChannelData.MessageLength(length, allocation.Path.IsStream);
        if (!allocation.Path.IsStream && total > MaxDatagram)
            return Drop(TurnServerDrop.TooLong);
        int start = offset - ChannelData.HeaderLength;
        BinaryPrimitives.WriteUInt16BigEndian(buffer[start..], channel.Number);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[(start + 2)..], (ushort)length);
        buffer.Slice(offset + length, total - ChannelData.HeaderLength - length).Clear();
        context.Counters.ToClient(length);
        return TurnForward.ToClient(allocation.Path, start, total);
    }

    private TurnForward ToIndication(Allocation allocation, TransportAddress peer, Span<byte> buffer, int offset, int length)
    {
        int header = peer.IsIPv4 ? IPv4Header : IPv6Header;
        int limit = allocation.Path.IsStream ? ushort.MaxValue : MaxDatagram;
        if (header + length + 3 > limit)
            return Drop(TurnServerDrop.TooLong);
        int start = offset - header;
        // The header is written just before the data, which stays where it is.
        var writer = new StunWriter(buffer[start..], StunMethod.Data, StunClass.Indication, TransactionId.Create(context.Entropy));
        // RFC 8656 §11.3: "The Data indication MUST contain both an XOR-PEER-ADDRESS and a DATA attribute."
        writer.AddPeer(peer);
        writer.Add(StunAttributeType.Data, buffer.Slice(offset, length));
        context.Counters.ToClient(length);
        return TurnForward.ToClient(allocation.Path, start, writer.Length);
    }
}
