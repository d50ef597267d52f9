using Stun;

namespace Turn;

/// <content>What the server answers.</content>
internal sealed partial class AllocationKeeper
{
    /// <summary>Whether an Allocate request that waited is still to be sent.</summary>
    public bool MayAllocate()
    {
        if (context.State == TurnClientState.Closing)
            FinishClosing();
        return context.State == TurnClientState.Allocating;
    }

    public void TakeAllocated(scoped in StunMessage response, Instant sentAt, Instant now)
    {
        _mismatches = 0;
        if (context.State == TurnClientState.Closing)
        {
            Delete(null);
            return;
        }

        bool usable = response.TryGetRelayed(out TransportAddress ipv4, out TransportAddress ipv6) & response.TryGetLifetime(out TimeSpan lifetime);
        if (!usable || lifetime == TimeSpan.Zero)
        {
            Refuse(TurnFailure.BadResponse, now);
            return;
        }

        // RFC 8656 §7.3: "If these addresses are not part of an address family or families that the client is prepared to handle, then the
        // client MUST delete the allocation (Section 8) and MUST NOT attempt to create another allocation on that server until it believes
        // the mismatch has been fixed."
        if (!IsExpected(ipv4, ipv6))
        {
            Refuse(TurnFailure.UnexpectedAddressFamily, now);
            return;
        }

        IPv4 = ipv4;
        IPv6 = ipv6;
        TakeTicket(response);
        TakeLifetime(lifetime, sentAt);
        _retryAt = now;
        context.State = TurnClientState.Allocated;
        _ = response.TryGetXorAddress(StunAttributeType.XorMappedAddress, out TransportAddress mapped);
        _ = response.TryGetAddressErrorCode(out _, out int addressError);
        context.Report(new TurnClientEvent.Allocated(ipv4, ipv6, mapped, lifetime)
        {
            ReservationToken = response.TryGetReservationToken(out ulong token) ? token : null,
            AddressErrorCode = addressError,
            DontFragment = AsksDontFragment,
            Movable = CanMove,
        });
        Made(now);
    }

    public void TakeAllocateError(RequestError error, Instant now)
    {
        if (context.State == TurnClientState.Closing)
        {
            FinishClosing();
            return;
        }

        switch (error.Code)
        {
            case StunErrorCode.TryAlternate:
                Redirect(error, now);
                break;
            // RFC 8656 §7.4: "The client considers the current transaction as having failed but MAY choose to retry the Allocate request
            // without the DONT-FRAGMENT attribute."
            case StunErrorCode.UnknownAttribute when error.DontFragmentUnknown && AsksDontFragment:
                _withoutDontFragment = true;
                context.Requests.Add(new ClientAllocateRequest(this, _options));
                break;
            // RFC 8016 §3.1.4: "The client SHOULD NOT retry sending the Allocate request containing the MOBILITY-TICKET with this server
            // until it believes the problem has been fixed."
            case StunErrorCode.MobilityForbidden when AsksTicket:
                _withoutTicket = true;
                context.Requests.Add(new ClientAllocateRequest(this, _options));
                break;
            case StunErrorCode.AllocationMismatch:
                TakeMismatch(error, now);
                break;
            default:
                Fail(error.Failure, error, AllocateErrors.RetryAfter(error, _options), now);
                break;
        }
    }

    public void TakeRefreshed(RefreshKind kind, scoped in StunMessage response, Instant sentAt, Instant now)
    {
        // Without LIFETIME nothing shorter than the default can be meant: RFC 8656 §8.2 has the server raise what is asked for to that.
        if (!response.TryGetLifetime(out TimeSpan lifetime))
            lifetime = TurnDefaults.Lifetime;
        switch (kind)
        {
            case RefreshKind.Delete:
                FinishClosing();
                break;
            case RefreshKind.Reclaim:
                Begin(now);
                break;
            case RefreshKind.Discard:
                _discarding = false;
                break;
            case RefreshKind.Keep or RefreshKind.Move when lifetime == TimeSpan.Zero:
                Lose(TurnFailure.AllocationGone, new RequestError(TurnFailure.AllocationGone), now);
                break;
            case RefreshKind.Keep:
                TakeLifetime(lifetime, sentAt);
                context.Report(new TurnClientEvent.Refreshed(lifetime));
                break;
            case RefreshKind.Move:
                // RFC 8016 §3.2.3: "the client will store the MOBILITY-TICKET attribute, if present, from the response."
                _ticket = null;
                TakeTicket(response);
                TakeLifetime(lifetime, sentAt);
                context.State = TurnClientState.Allocated;
                context.Report(new TurnClientEvent.Moved(lifetime));
                break;
        }
    }

    public void TakeRefreshError(RefreshKind kind, RequestError error, Instant now)
    {
        switch (kind)
        {
            // RFC 8656 §8.3: "If the client receives a 437 (Allocation Mismatch) error response to a request to delete the allocation, then
            // the allocation no longer exists and it should consider its request as having effectively succeeded."
            case RefreshKind.Delete:
                FinishClosing();
                break;
            case RefreshKind.Reclaim:
                Begin(now);
                break;
            case RefreshKind.Discard:
                _discarding = false;
                break;
            // RFC 8016 §3.2.2: "the server rejects the Refresh request with a 405 (Mobility Forbidden) error and the client starts afresh
            // with a new allocation."
            case RefreshKind.Move:
                Lose(error.Failure == TurnFailure.Refused ? TurnFailure.NotMovable : error.Failure, error, now);
                break;
            case RefreshKind.Keep:
                _refreshing = false;
                _refreshError = error;
                TimeSpan pause = (_expiresAt - now) / 2;
                _refreshAt = error.Failure switch
                {
                    TurnFailure.Timeout => now,
                    // RFC 8656 §7.4: "The client SHOULD NOT send any further requests to this server until it believes the problem has been
                    // fixed." What was granted lasts until it expires.
                    TurnFailure.CredentialsRefused => Instant.Never,
                    _ => now + (pause > s_refreshRetry ? pause : s_refreshRetry),
                };
                break;
        }
    }

    // An allocation was made that is of no use: it is deleted in the background.
    private void Refuse(TurnFailure failure, Instant now)
    {
        Fail(failure, new RequestError(failure), null, now);
        Discard();
    }

    private void Fail(TurnFailure failure, RequestError error, TimeSpan? retryAfter, Instant now)
    {
        context.Requests.Clear();
        context.State = TurnClientState.Failed;
        _retryAt = retryAfter is { } wait ? now + wait : null;
        context.Report(new TurnClientEvent.AllocationFailed(failure, error.Code, FailureText.OfAllocate(failure, error), retryAfter));
    }

    private void Redirect(RequestError error, Instant now)
    {
        TransportAddress server = error.AlternateServer;
        bool named = !server.IsNone && server.Port != 0 && !server.IsAny && !server.IsMulticast;
        // RFC 8489 §10: "If the client has been redirected to a server to which it has already sent this request within the last five minutes,
        // it MUST ignore the redirection and consider the transaction to have failed."
        if (!named || !_redirects.TryAsk(server, now))
        {
            Fail(TurnFailure.RedirectLoop, error, null, now);
            return;
        }

        context.State = TurnClientState.NeedsTuple;
        context.Report(new TurnClientEvent.Redirected(server, _options.Secured ? error.AlternateDomain : null));
    }

    private void TakeMismatch(RequestError error, Instant now)
    {
        // RFC 8656 §7.4: "The client SHOULD try three different client transport addresses before giving up on this server. Once the client
        // gives up on the server, it SHOULD NOT try to create another allocation on the server for 2 minutes."
        if (++_mismatches >= TurnDefaults.MaxClientAddresses)
        {
            _mismatches = 0;
            Fail(TurnFailure.TupleInUse, error, TurnDefaults.MismatchWait, now);
            return;
        }

        context.State = TurnClientState.NeedsTuple;
        context.Report(new TurnClientEvent.TupleInUse(_mismatches));
    }

    private bool IsExpected(TransportAddress ipv4, TransportAddress ipv6)
    {
        if (_options.ReservationToken is not null)
            return true;
        bool wantsIPv4 = _options.RelayFamily != TurnRelayFamily.IPv6;
        bool wantsIPv6 = _options.RelayFamily is TurnRelayFamily.IPv6 or TurnRelayFamily.Both;
        return (ipv4.IsNone || wantsIPv4) && (ipv6.IsNone || wantsIPv6);
    }

    private void TakeTicket(scoped in StunMessage response)
    {
        // RFC 8016 §5: "If (D)TLS is not used or the (D)TLS handshake fails, and authentication also fails, then the TURN client and server
        // MUST fail and not proceed with TURN mobility."
        bool trusted = context.Authenticator.HasAuthenticated || _options.Secured;
        if (trusted && AsksTicket && response.TryGetMobilityTicket(out ReadOnlySpan<byte> ticket) && ticket.Length is > 0 and <= MaxTicketLength)
            _ticket = ticket.ToArray();
    }

    private void TakeLifetime(TimeSpan lifetime, Instant sentAt)
    {
        _refreshing = false;
        _refreshError = null;
        _expiresAt = sentAt + lifetime;
        TimeSpan margin = lifetime > TurnDefaults.RefreshMargin * 2 ? TurnDefaults.RefreshMargin : lifetime / 2;
        _refreshAt = _expiresAt - margin;
    }
}
