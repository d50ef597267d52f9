using Stun;

namespace Turn;

/// <summary>CreatePermission and ChannelBind requests (RFC 8656 §10.2, §12.2).</summary>
internal sealed class PermissionHandler(ServerContext context)
{
    public void HandleCreatePermission(scoped in StunMessage message, in RequestContext request, Allocation allocation, Instant now)
    {
        int error = CheckPeers(message, allocation, now);
        if (error != 0)
        {
            context.Refuse(request, error);
            return;
        }

        foreach (StunAttribute attribute in message)
        {
            if (attribute.Type == StunAttributeType.XorPeerAddress && message.TryReadXorAddress(attribute.Value, out TransportAddress peer))
                Permit(allocation, request, peer, now);
        }

        context.Replies.Succeed(request);
    }

    public void HandleChannelBind(scoped in StunMessage message, in RequestContext request, Allocation allocation, Instant now)
    {
        int error = CheckBinding(message, allocation, now, out ushort number, out TransportAddress peer);
        if (error != 0)
        {
            context.Refuse(request, error);
            return;
        }

        bool isNew = allocation.FindChannel(number, now) is null;
        allocation.Bind(number, peer, allocation.RelayFor(peer)!, now);
        if (isNew)
            context.Emit(new TurnServerEvent.ChannelBound(request.Path, allocation.User, peer, number));
        // RFC 8656 §12.2: "The server also installs or refreshes a permission for the IP address in the XOR-PEER-ADDRESS attribute as
        // described in Section 9."
        Permit(allocation, request, peer, now);
        context.Replies.Succeed(request);
    }

    private void Permit(Allocation allocation, in RequestContext request, TransportAddress peer, Instant now)
    {
        if (allocation.Permit(peer, now))
            context.Emit(new TurnServerEvent.PermissionCreated(request.Path, allocation.User, peer));
    }

    private int CheckPeers(scoped in StunMessage message, Allocation allocation, Instant now)
    {
        int count = 0;
        int added = 0;
        int error = 0;
        foreach (StunAttribute attribute in message)
        {
            if (attribute.Type != StunAttributeType.XorPeerAddress)
                continue;
            // RFC 8656 §10.2: "If no such attribute exists, or if any of these attributes are invalid, then a 400 (Bad Request) error is
            // returned."
            if (!message.TryReadXorAddress(attribute.Value, out TransportAddress peer))
                return StunErrorCode.BadRequest;
            count++;
            if (!allocation.KnowsPermission(peer))
                added++;
            if (error == 0)
                error = CheckPeer(allocation, peer, anyPort: true);
        }

        if (count == 0)
            return StunErrorCode.BadRequest;
        if (error != 0)
            return error;
        // RFC 8656 §10.2: "If the request is valid, but the server is unable to satisfy the request due to some capacity limit or similar,
        // then a 508 (Insufficient Capacity) error is returned."
        return allocation.HasRoomForPermissions(added, context.Policy.MaxPermissions, now) ? 0 : StunErrorCode.InsufficientCapacity;
    }

    private int CheckPeer(Allocation allocation, TransportAddress peer, bool anyPort)
    {
        // RFC 8656 §10.2: "If an XOR-PEER-ADDRESS attribute contains an address of an address family that is not the same as that of a relayed
        // transport address for the allocation, the server MUST generate an error response with the 443 (Peer Address Family Mismatch)
        // response code."
        if (allocation.RelayFor(peer) is null)
            return StunErrorCode.PeerAddressFamilyMismatch;
        // RFC 8656 §10.2: "The server MAY impose restrictions on the IP address allowed in the XOR-PEER-ADDRESS attribute; if a value is not
        // allowed, the server rejects the request with a 403 (Forbidden) error."
        return context.IsPeerAllowed(peer, allocation.Transport, anyPort) ? 0 : StunErrorCode.Forbidden;
    }

    private int CheckBinding(scoped in StunMessage message, Allocation allocation, Instant now, out ushort number, out TransportAddress peer)
    {
        peer = default;
        // RFC 8656 §12.2: "If any of these tests fail, the server replies with a 400 (Bad Request) error." A TCP allocation has no channels:
        // its data travels on connections of its own (RFC 6062 §3).
        if (!message.TryGetChannelNumber(out number) || !context.Policy.IsChannel(number) || !message.TryGetPeer(out peer) || allocation.Transport != TurnTransport.Udp)
            return StunErrorCode.BadRequest;
        Channel? byNumber = allocation.FindChannel(number, now);
        Channel? byPeer = allocation.FindChannel(peer, now);
        if (byNumber is null ? byPeer is not null : byNumber.Peer != peer)
            return StunErrorCode.BadRequest;
        int error = CheckPeer(allocation, peer, anyPort: false);
        if (error != 0)
            return error;
        // RFC 8656 §12.2: "If the request is valid, but the server is unable to fulfill the request due to some capacity limit or similar, the
        // server replies with a 508 (Insufficient Capacity) error."
        bool fits = (byNumber is not null || allocation.HasRoomForChannel(context.Policy.MaxChannels, now))
            && (allocation.KnowsPermission(peer) || allocation.HasRoomForPermissions(1, context.Policy.MaxPermissions, now));
        return fits ? 0 : StunErrorCode.InsufficientCapacity;
    }
}
