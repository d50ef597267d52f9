using Stun;

namespace Turn;

/// <summary>What every request goes through before its method's handler: authentication, unknown attributes, 437, 441.</summary>
internal sealed class RequestDispatcher
{
    // An answer much longer than its request would make the server an amplifier: only so many unknown types are named.
    private const int MaxUnknownReported = 16;

    private readonly ServerContext _context;
    private readonly TurnAuthenticator _authenticator;
    private readonly ChallengeLimiter _limiter;
    private readonly StunAttributeType[] _known;
    private readonly AllocateHandler _allocate;
    private readonly RefreshHandler _refresh;
    private readonly PermissionHandler _permissions;
    private readonly TcpRelayHandler _tcp;
    private readonly BindingHandler _binding;

    public RequestDispatcher(ServerContext context, AllocateHandler allocate, MobilityTickets tickets, TcpRelayHandler tcp)
    {
        _context = context;
        _authenticator = new TurnAuthenticator(context.Options, context.Entropy);
        _limiter = new ChallengeLimiter(context.Policy.MaxChallengesPerSecond);
        _known = KnownAttributes.For(context.Options.SupportsDontFragment, _authenticator.TakesTokens);
        _allocate = allocate;
        _refresh = new RefreshHandler(context, tickets);
        _permissions = new PermissionHandler(context);
        _tcp = tcp;
        _binding = new BindingHandler(context);
    }

    public void Handle(scoped in StunMessage message, in FiveTuple path, Instant now)
    {
        if (message.Method == StunMethod.Binding)
        {
            // Whoever asks is told the address that the answer goes to: nobody needs a credential for that (RFC 8489 §8).
            var open = new RequestContext(path, message.Method, message.TransactionId, message.HasFingerprint, default);
            if (!RefuseUnknown(message, open))
                _binding.Handle(message, open);
            return;
        }

        Allocation? allocation = _context.Table.Find(path);
        Allocation? about = allocation;
        if (message.Method == StunMethod.ConnectionBind && _tcp.TryFind(message, out PeerConnection? connection))
            about = connection.Owner;
        TurnAuthentication authentication = _authenticator.Check(message, path.Client, about, now);
        // A data connection has another source port. Clients go on with the nonce of the control connection, which was given to the same client.
        if (authentication.Result.ErrorCode == StunErrorCode.StaleNonce && about is not null && about != allocation)
            authentication = _authenticator.Check(message, about.Path.Client, about, now);
        var request = new RequestContext(path, message.Method, message.TransactionId, message.HasFingerprint, authentication);
        if (!authentication.IsPassed)
            Challenge(request, now);
        else if (!RefuseUnknown(message, request))
            Dispatch(message, request, allocation, now);
    }

    /// <summary>Whether a Send indication has attributes that would have to be understood.</summary>
    public bool HasUnknown(scoped in StunMessage message) => message.GetUnknownComprehensionRequired([], _known) > 0;

    private void Dispatch(scoped in StunMessage message, in RequestContext request, Allocation? allocation, Instant now)
    {
        switch (request.Method)
        {
            case StunMethod.Allocate:
                _allocate.Handle(message, request, now);
                return;
            case StunMethod.ConnectionBind:
                _tcp.HandleConnectionBind(message, request);
                return;
            case StunMethod.Refresh when message.Has(StunAttributeType.MobilityTicket):
                _refresh.Handle(message, request, now);
                return;
        }

        // RFC 8656 §5: "For all TURN messages (including ChannelData) EXCEPT an Allocate request, if the 5-tuple does not identify an existing
        // allocation, then the message MUST either be rejected with a 437 Allocation Mismatch error (if it is a request)"
        if (allocation is not { IsComplete: true })
        {
            _context.Refuse(request, StunErrorCode.AllocationMismatch);
            return;
        }

        // RFC 8656 §5: "the request does not use the same username as used to create the allocation, then the request MUST be rejected with a
        // 441 (Wrong Credentials) error."
        if (allocation.User != request.User)
        {
            _context.Refuse(request, StunErrorCode.WrongCredentials);
            return;
        }

        switch (request.Method)
        {
            case StunMethod.Refresh:
                _refresh.Handle(message, request, now);
                break;
            case StunMethod.CreatePermission:
                _permissions.HandleCreatePermission(message, request, allocation, now);
                break;
            case StunMethod.ChannelBind:
                _permissions.HandleChannelBind(message, request, allocation, now);
                break;
            default:
                _tcp.HandleConnect(message, request, allocation, now);
                break;
        }
    }

    private void Challenge(in RequestContext request, Instant now)
    {
        TransportAddress source = request.Path.Client;
        if (!request.Path.IsStream && !_limiter.TryTake(source, now))
        {
            _context.Counters.Drop(TurnServerDrop.ChallengeLimit);
            return;
        }

        byte[] buffer = _context.Replies.Rent();
        var writer = new StunWriter(buffer, request.Method, StunClass.ErrorResponse, request.Id);
        _authenticator.WriteError(ref writer, request.Auth.Result, source, now);
        _context.Counters.Error(request.Auth.Result.ErrorCode);
        _context.Replies.Finish(ref writer, buffer, request);
    }

    private bool RefuseUnknown(scoped in StunMessage message, in RequestContext request)
    {
        Span<ushort> types = stackalloc ushort[MaxUnknownReported];
        int count = message.GetUnknownComprehensionRequired(types, _known);
        if (count == 0)
            return false;
        _context.Replies.RefuseUnknown(request, types[..Math.Min(count, types.Length)]);
        return true;
    }
}
