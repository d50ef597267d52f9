using Stun;

namespace Turn;

/// <content>What comes from the server, and application data. Nothing here allocates for data.</content>
public sealed partial class TurnClient
{
    // XOR-PEER-ADDRESS and DATA with their headers, without the data.
    private const int SendOverhead = StunMessage.HeaderLength + 4 + 4;
    private const int AddressOverhead = 4;
    private const int DontFragmentLength = 4;

    /// <summary>Handles a message of the server, if it came from there. Never throws, whatever the bytes.</summary>
    /// <param name="source">Where it came from; another address than <see cref="Server"/> is refused and counted.</param>
    /// <param name="message">One whole datagram.</param>
    /// <param name="now">The time.</param>
    /// <param name="payload">The application data, when the result is Data.</param>
    public TurnInput HandleDatagram(TransportAddress source, ReadOnlySpan<byte> message, Instant now, out TurnPayload payload)
    {
        if (source == _context.Server)
            return HandleDatagram(message, now, out payload);
        payload = default;
        return _context.Drop(TurnDropReason.WrongSource);
    }

    /// <summary>Handles a message of the server. Never throws, whatever the bytes.</summary>
    /// <param name="message">One whole datagram; or one whole message of a stream, with its padding.</param>
    /// <param name="now">The time.</param>
    /// <param name="payload">The application data, when the result is Data: nothing is copied.</param>
    public TurnInput HandleDatagram(ReadOnlySpan<byte> message, Instant now, out TurnPayload payload)
    {
        payload = default;
        switch (Demultiplexer.Classify(message))
        {
            case PacketKind.TurnChannel:
                return HandleChannelData(message, out payload);
            case PacketKind.Stun:
                return HandleStun(message, now, out payload);
            default:
                return TurnInput.NotTurn;
        }
    }

    /// <summary>Wraps application data for a peer: in a ChannelData message once a channel is bound, in a Send indication before. Allocates nothing.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="payload">The data; 0 bytes are possible.</param>
    /// <param name="destination">Where the message for the server goes; 48 bytes more than the data are always enough.</param>
    /// <returns>The length of the message; 0 when there is no allocation or no permission yet, or when it does not fit.</returns>
    public int EncodeData(TransportAddress peer, ReadOnlySpan<byte> payload, Span<byte> destination)
    {
        if (State != TurnClientState.Allocated)
            return 0;
        return _channels.TryGetBound(peer, out ushort number)
            ? ChannelData.Write(destination, number, payload, _context.Options.Reliable)
            : _permissions.IsInstalled(peer) ? EncodeSend(peer, payload, destination, dontFragment: false) : 0;
    }

    /// <summary>
    /// As <see cref="EncodeData(TransportAddress, ReadOnlySpan{byte}, Span{byte})"/>, but also right behind the request for the permission: for what may be lost, as a connectivity check may, and
    /// gains a round trip where the server gets both in order. Allocates nothing.
    /// </summary>
    /// <param name="peer">The peer.</param>
    /// <param name="payload">The data; 0 bytes are possible.</param>
    /// <param name="destination">Where the message for the server goes; 48 bytes more than the data are always enough.</param>
    /// <returns>The length of the message; 0 when there is no allocation, no permission and no request for one, or when it does not fit.</returns>
    public int EncodeEarlyData(TransportAddress peer, ReadOnlySpan<byte> payload, Span<byte> destination)
    {
        int length = EncodeData(peer, payload, destination);
        // RFC 8656 §11.1: "the client MUST ensure that there is a permission installed for the IP address of the peer to which the Send
        // indication is being sent": the request that goes before it does so, where neither is lost nor overtaken (docs/departures.md).
        return length == 0 && MayReach(peer) ? EncodeSend(peer, payload, destination, dontFragment: false) : length;
    }

    /// <summary>
    /// Wraps application data for a peer in a Send indication that has the server forbid fragmentation: for path MTU discovery. Allocates
    /// nothing.
    /// </summary>
    /// <param name="peer">The peer.</param>
    /// <param name="payload">The data; 0 bytes are possible.</param>
    /// <param name="destination">Where the message for the server goes; 52 bytes more than the data are always enough.</param>
    /// <returns>
    /// The length of the message; 0 when there is no allocation or no permission yet, when the server does not know DONT-FRAGMENT or was not
    /// asked (<see cref="TurnClientOptions.DontFragment"/>), or when it does not fit.
    /// </returns>
    public int EncodeUnfragmentedData(TransportAddress peer, ReadOnlySpan<byte> payload, Span<byte> destination) =>
        State == TurnClientState.Allocated && _allocation.AsksDontFragment && _permissions.IsInstalled(peer) ? EncodeSend(peer, payload, destination, dontFragment: true) : 0;

    /// <summary>The channel over which data goes to a peer: with it, the owner can make the header itself (<see cref="ChannelData"/>).</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="number">The channel.</param>
    /// <returns>False when data goes by Send indications, or not at all.</returns>
    public bool TryGetChannel(TransportAddress peer, out ushort number)
    {
        number = 0;
        return State == TurnClientState.Allocated && _channels.TryGetBound(peer, out number);
    }

    /// <summary>Whether the server has a permission for a peer's IP address, or a request for it has been sent.</summary>
    /// <param name="peer">The peer; only its IP address counts.</param>
    public bool MayReach(TransportAddress peer) => State == TurnClientState.Allocated && _permissions.IsAskedOrInstalled(peer);

    /// <summary>Whether the server has a permission for a peer's IP address.</summary>
    public bool HasPermission(TransportAddress peer) => State == TurnClientState.Allocated && _permissions.IsInstalled(peer);

    private int EncodeSend(TransportAddress peer, ReadOnlySpan<byte> payload, Span<byte> destination, bool dontFragment)
    {
        if (_context.Options.Transport != TurnTransport.Udp)
            return 0;
        int length = SendOverhead + AddressOverhead + peer.AddressLength + ((payload.Length + 3) & ~3) + (dontFragment ? DontFragmentLength : 0);
        if (payload.Length > ushort.MaxValue || length > destination.Length || length > StunMessage.MaxLength)
            return 0;
        var writer = new StunWriter(destination, StunMethod.Send, StunClass.Indication, TransactionId.Create(_context.Entropy));
        // RFC 8656 §11.1: "When forming a Send indication, the client MUST include an XOR-PEER-ADDRESS attribute and a DATA attribute."
        writer.AddPeer(peer);
        if (dontFragment)
            writer.AddEmpty(StunAttributeType.DontFragment);
        writer.Add(StunAttributeType.Data, payload);
        return writer.Length;
    }

    private TurnInput HandleChannelData(ReadOnlySpan<byte> message, out TurnPayload payload)
    {
        payload = default;
        if (State is not (TurnClientState.Allocated or TurnClientState.Moving))
            return _context.Drop(TurnDropReason.NoAllocation);
        if (!ChannelData.TryParse(message, out ushort number, out ReadOnlySpan<byte> data))
            return _context.Drop(TurnDropReason.TruncatedChannelData);
        // RFC 8656 §12.6: "If the ChannelData message is received on a channel that is not bound to any peer, then the message is silently
        // discarded."
        if (_channels.Find(number) is not { } channel)
            return _context.Drop(TurnDropReason.UnknownChannel);
        // RFC 8656 §12.6: "On the client, it is RECOMMENDED that the client discard the ChannelData message if the client believes there is no
        // active permission towards the peer." Before the ChannelBind response comes, the request itself is the reason to believe.
        if (channel.Permission is { IsInstalled: false })
            return _context.Drop(TurnDropReason.NoPermission);
        payload = new TurnPayload(channel.Peer, ChannelData.HeaderLength, data.Length);
        return TurnInput.Data;
    }

    private TurnInput HandleStun(ReadOnlySpan<byte> bytes, Instant now, out TurnPayload payload)
    {
        payload = default;
        if (!StunMessage.TryParse(bytes, out StunMessage message, out _))
            return _context.Drop(TurnDropReason.Malformed);
        // The server's address may be asked for Binding too, by ICE.
        if (message.Method == StunMethod.Binding)
            return TurnInput.NotTurn;
        if (State == TurnClientState.Closed)
            return _context.Drop(TurnDropReason.NoAllocation);
        switch (message.Class)
        {
            case StunClass.Indication:
                return HandleIndication(message, out payload);
            case StunClass.Request:
                return _context.Drop(TurnDropReason.Unexpected);
            default:
                TurnInput result = _context.Requests.HandleResponse(message, now);
                Advance(now);
                return result;
        }
    }

    private TurnInput HandleIndication(scoped in StunMessage message, out TurnPayload payload)
    {
        payload = default;
        if (State is not (TurnClientState.Allocated or TurnClientState.Moving))
            return _context.Drop(TurnDropReason.NoAllocation);
        if (message.Method is not (StunMethod.Data or StunMethod.ConnectionAttempt))
            return _context.Drop(TurnDropReason.Unexpected);
        // RFC 8489 §6.3.2: "If the indication contains unknown comprehension-required attributes, the indication is discarded and processing
        // ceases."
        if (RequestQueue.HasUnknownAttributes(message))
            return _context.Drop(TurnDropReason.UnknownAttributes);
        if (message.Method == StunMethod.Data)
            return HandleData(message, out payload);
        return _context.Options.Transport == TurnTransport.Tcp ? _tcp.HandleAttempt(message) : _context.Drop(TurnDropReason.Unexpected);
    }

    private TurnInput HandleData(scoped in StunMessage message, out TurnPayload payload)
    {
        payload = default;
        // RFC 8656 §11.4: "When the client receives a Data indication, it checks that the Data indication contains an XOR-PEER-ADDRESS
        // attribute and discards the indication if it does not."
        if (!message.TryGetPeer(out TransportAddress peer))
            return _context.Drop(TurnDropReason.NoPeerAddress);
        // RFC 8656 §11.4: "The client SHOULD also check that the XOR-PEER-ADDRESS attribute value contains an IP address with which the client
        // believes there is an active permission and discard the Data indication otherwise." Before the response to CreatePermission comes,
        // the request itself is the reason to believe.
        if (!_permissions.IsAskedOrInstalled(peer))
            return _context.Drop(TurnDropReason.NoPermission);
        if (message.TryGet(StunAttributeType.Data, out ReadOnlySpan<byte> data))
        {
            _ = message.Bytes.Overlaps(data, out int offset);
            payload = new TurnPayload(peer, data.IsEmpty ? 0 : offset, data.Length);
            return TurnInput.Data;
        }

        // RFC 8656 §11.6: "If the Data indication passes the above checks, the client signals the application of the error condition along with
        // an indication that it was received from the peer whose transport address is given by the XOR-PEER-ADDRESS attribute."
        return message.TryGetIcmp(out TurnIcmp icmp)
            ? _context.ReportHint(new TurnClientEvent.IcmpReceived(peer, icmp))
            : _context.Drop(TurnDropReason.NoData);
    }
}
