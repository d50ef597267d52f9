using Stun;

namespace Turn;

/// <summary>Makes the allocation, keeps it alive, moves it and deletes it (RFC 8656 §7, §8; RFC 8016).</summary>
internal sealed partial class AllocationKeeper(ClientContext context)
{
    private const int MaxTicketLength = 768;

    // How soon at the earliest a refresh that the server refused is tried again.
    private static readonly TimeSpan s_refreshRetry = TimeSpan.FromSeconds(5);

    private readonly TurnClientOptions _options = context.Options;
    private readonly RedirectGuard _redirects = new();
    private byte[]? _ticket;
    private Instant _expiresAt = Instant.Never;
    private Instant _refreshAt = Instant.Never;
    private RequestError? _refreshError;
    private bool _refreshing;
    private bool _discarding;
    private bool _waitsToAllocate;
    private Instant? _retryAt;
    private int _mismatches;
    private bool _withoutDontFragment;
    private bool _withoutTicket;

    public TransportAddress IPv4 { get; private set; }

    public TransportAddress IPv6 { get; private set; }

    public Instant ExpiresAt => _expiresAt;

    public bool AsksDontFragment => _options.DontFragment && !_withoutDontFragment;

    public bool AsksTicket => _options.Mobility && !_withoutTicket;

    public bool CanMove => _ticket is not null && context.State is TurnClientState.Allocated or TurnClientState.Moving;

    /// <summary>Called when an allocation was made.</summary>
    public required Action<Instant> Made { get; init; }

    /// <summary>Called when the allocation is gone, and all that belongs to it.</summary>
    public required Action Gone { get; init; }

    public Instant NextTimeout => context.State switch
    {
        TurnClientState.Allocating when _waitsToAllocate && !_discarding => _retryAt ?? Instant.Never,
        TurnClientState.Allocated => Instant.Min(_refreshing ? Instant.Never : _refreshAt, _expiresAt),
        TurnClientState.Moving => _expiresAt,
        _ => Instant.Never,
    };

    public bool HasFamilyOf(TransportAddress peer) => peer.IsIPv4 ? !IPv4.IsNone : !IPv6.IsNone;

    public void Allocate(Instant now)
    {
        if (context.State is not (TurnClientState.New or TurnClientState.Failed))
            throw new InvalidOperationException($"The client is {context.State}: Allocate is for a new client, or for another attempt after a failure.");
        if (context.State == TurnClientState.Failed && _retryAt is null)
            throw new InvalidOperationException("The server would refuse again: make a client with other options or credentials, or use another server.");
        Begin(now);
    }

    public void AllocateAnew(TransportAddress server, Instant now)
    {
        if (server.IsNone || server.Port == 0)
            throw new ArgumentException("The server needs an address and a port.", nameof(server));
        if (context.State is TurnClientState.New or TurnClientState.Closing or TurnClientState.Closed)
            throw new InvalidOperationException($"The client is {context.State}: AllocateAnew is for going on from another 5-tuple.");
        if (context.State is TurnClientState.Allocated or TurnClientState.Moving)
            Forget();
        context.Requests.Clear();
        _discarding = false;
        if (server != context.Server)
        {
            context.Server = server;
            context.Authenticator.Reset();
            _retryAt = null;
            _mismatches = 0;
            _withoutDontFragment = false;
            _withoutTicket = false;
        }

        Begin(now);
    }

    public void Reclaim()
    {
        if (context.State != TurnClientState.NeedsTuple || _mismatches == 0)
            throw new InvalidOperationException("There is nothing to reclaim: Reclaim is an answer to TupleInUse.");
        context.State = TurnClientState.Allocating;
        context.Requests.Add(new ClientRefreshRequest(this, RefreshKind.Reclaim, null, null));
    }

    public void Move(Instant now)
    {
        switch (context.State)
        {
            case TurnClientState.Allocated or TurnClientState.Moving when _ticket is null:
                Lose(TurnFailure.NotMovable, new RequestError(TurnFailure.NotMovable), now);
                return;
            case TurnClientState.Allocated or TurnClientState.Moving:
                _refreshing = false;
                context.State = TurnClientState.Moving;
                context.Requests.Recall(static request => request is ClientRefreshRequest);
                // RFC 8016 §3.2.1: "If the client's IP address or source port has changed and the client wants to retain the existing
                // allocation, the client includes the MOBILITY-TICKET attribute received in the Allocate success response in the Refresh
                // request."
                context.Requests.Add(new ClientRefreshRequest(this, RefreshKind.Move, _options.Lifetime, _ticket));
                return;
            case TurnClientState.Allocating or TurnClientState.Closing:
                context.Requests.Recall(static _ => false);
                return;
        }
    }

    public void Close()
    {
        switch (context.State)
        {
            case TurnClientState.Closing or TurnClientState.Closed:
                return;
            // Without an access token nothing can be said to the server.
            case TurnClientState.Allocated or TurnClientState.Moving when !context.Authenticator.AwaitsToken:
                // RFC 8656 §8: "If a client no longer wishes to use an allocation, then it SHOULD explicitly delete the allocation."
                byte[]? ticket = context.State == TurnClientState.Moving ? _ticket : null;
                Delete(ticket);
                return;
            case TurnClientState.Allocating when context.Requests.IsUnderWay(StunMethod.Allocate):
                // The server may make the allocation yet: it is deleted when the response says so.
                context.State = TurnClientState.Closing;
                return;
            default:
                FinishClosing();
                return;
        }
    }

    public void Tick(Instant now)
    {
        if (context.State == TurnClientState.Allocating && _waitsToAllocate && !_discarding && now >= (_retryAt ?? now))
        {
            _waitsToAllocate = false;
            context.Requests.Add(new ClientAllocateRequest(this, _options));
        }

        if (context.State is not (TurnClientState.Allocated or TurnClientState.Moving))
            return;
        if (now >= _expiresAt)
        {
            RequestError error = _refreshError ?? new RequestError(TurnFailure.Expired);
            Lose(error.Failure == TurnFailure.CredentialsRefused ? TurnFailure.CredentialsRefused : TurnFailure.Expired, error, now);
        }
        else if (now >= _refreshAt)
        {
            Refresh();
        }
    }

    /// <summary>Refreshes now, and not first when it is due.</summary>
    public void Refresh()
    {
        if (context.State != TurnClientState.Allocated || _refreshing)
            return;
        _refreshing = true;
        context.Requests.Add(new ClientRefreshRequest(this, RefreshKind.Keep, _options.Lifetime, null));
    }

    /// <summary>The allocation does not exist (any more), or cannot be used.</summary>
    public void Lose(TurnFailure failure, RequestError error, Instant now)
    {
        if (context.State is not (TurnClientState.Allocated or TurnClientState.Moving))
            return;
        Forget();
        context.Requests.Clear();
        context.State = TurnClientState.Failed;
        _retryAt = now;
        context.Report(new TurnClientEvent.Lost(failure, error.Code, FailureText.OfAllocation(failure, error)));
    }

    /// <summary>The server has another idea of a channel than the client: the allocation is deleted in the background.</summary>
    public void LoseOutOfSync(RequestError error, Instant now)
    {
        if (context.State is not (TurnClientState.Allocated or TurnClientState.Moving))
            return;
        Lose(TurnFailure.ChannelsOutOfSync, error, now);
        Discard();
    }

    private void Discard()
    {
        _discarding = true;
        context.Requests.Add(new ClientRefreshRequest(this, RefreshKind.Discard, null, null));
    }

    private void Begin(Instant now)
    {
        context.State = TurnClientState.Allocating;
        _waitsToAllocate = true;
        _ = _redirects.TryAsk(context.Server, now);
        Tick(now);
    }

    private void Delete(byte[]? ticket)
    {
        Forget();
        context.Requests.Clear();
        context.State = TurnClientState.Closing;
        context.Requests.Add(new ClientRefreshRequest(this, RefreshKind.Delete, null, ticket));
    }

    private void FinishClosing()
    {
        Forget();
        context.Requests.Clear();
        context.State = TurnClientState.Closed;
        context.Report(new TurnClientEvent.Closed());
    }

    private void Forget()
    {
        IPv4 = default;
        IPv6 = default;
        _ticket = null;
        _expiresAt = Instant.Never;
        _refreshAt = Instant.Never;
        _refreshError = null;
        _refreshing = false;
        Gone();
    }
}
