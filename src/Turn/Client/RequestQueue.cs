using System.Buffers;
using Stun;

namespace Turn;

/// <summary>The client's requests: those that wait to be sent, those that wait for their responses, and what is to be sent now.</summary>
internal sealed class RequestQueue(ClientContext context)
{
    /// <summary>The longest request in bytes; it fits into one datagram on every IPv6 path.</summary>
    internal const int MaxRequestLength = 1280;

    // What a server's realm, nonce and algorithms can add at most lies well below.
    private const int ScratchLength = 8192;

    // What a server may put into responses and indications without being misunderstood.
    private static readonly StunAttributeType[] s_known =
    [
        StunAttributeType.MappedAddress, StunAttributeType.Username, StunAttributeType.ErrorCode, StunAttributeType.UnknownAttributes,
        StunAttributeType.ChannelNumber, StunAttributeType.Lifetime, StunAttributeType.XorPeerAddress, StunAttributeType.Data,
        StunAttributeType.Realm, StunAttributeType.Nonce, StunAttributeType.XorRelayedAddress, StunAttributeType.RequestedAddressFamily,
        StunAttributeType.RequestedTransport, StunAttributeType.XorMappedAddress, StunAttributeType.ReservationToken, StunAttributeType.ConnectionId,
    ];

    private readonly List<ClientRequest> _waiting = [];
    private readonly List<Flight> _flights = [];
    private readonly TransactionTable<Flight> _transactions = new(TransactionLimits.OutstandingPerServer);
    private readonly Queue<byte[]> _output = new();
    private readonly RtoEstimator _rto = new(context.Options.Retransmission.Rto);

    public Instant NextTimeout => _transactions.NextTimeout;

    public bool HasWaiting => FindStartable() >= 0;

    public bool NextIsUrgent => FindStartable() is >= 0 and int index && _waiting[index].IsUrgent;

    public static bool HasUnknownAttributes(scoped in StunMessage message) => message.GetUnknownComprehensionRequired([], s_known) > 0;

    public void Add(ClientRequest request) => _waiting.Add(request);

    /// <summary>Whether a request of a kind is under way, and not only waits.</summary>
    public bool IsUnderWay(StunMethod method) => _flights.Exists(flight => flight.Request.Method == method);

    /// <summary>Forgets everything: waiting, under way, or encoded and not yet taken.</summary>
    public void Clear()
    {
        _waiting.Clear();
        _flights.Clear();
        _transactions.Clear();
        _output.Clear();
    }

    /// <summary>Takes back what is under way, to be made anew from another 5-tuple.</summary>
    /// <param name="drop">Which requests are not to be made again.</param>
    public void Recall(Predicate<ClientRequest> drop)
    {
        ClientRequest[] requests = [.. _flights.Select(static flight => flight.Request), .. _waiting];
        Clear();
        _waiting.AddRange(requests.Where(request => !drop(request)));
    }

    /// <summary>Sends what waits, where the owner does not pace it.</summary>
    public void Pump(Instant now)
    {
        while (!context.Options.PacedExternally && StartNext(now))
        {
        }
    }

    /// <summary>Sends the next request that waits.</summary>
    /// <returns>False when none does, or none can be sent now.</returns>
    public bool StartNext(Instant now)
    {
        for (int index = FindStartable(); index >= 0; index = FindStartable())
        {
            ClientRequest request = _waiting[index];
            _waiting.RemoveAt(index);
            if (request.Prepare(now) && Start(request, now))
                return true;
        }

        return false;
    }

    public bool TryTakeOutput(Span<byte> buffer, out int length)
    {
        length = 0;
        if (!_output.TryPeek(out byte[]? message))
            return false;
        if (buffer.Length < message.Length)
            throw new ArgumentException($"The buffer has {buffer.Length} bytes, and the request {message.Length}: give {MaxRequestLength}.", nameof(buffer));
        message.CopyTo(buffer);
        length = message.Length;
        _ = _output.Dequeue();
        return true;
    }

    public TurnInput HandleResponse(scoped in StunMessage response, Instant now)
    {
        if (!_transactions.TryGet(response.TransactionId, out StunTransaction<Flight>? transaction) || transaction.State.Request.Method != response.Method)
            return context.Drop(TurnDropReason.UnknownTransaction);
        int code = 0;
        ReadOnlySpan<byte> reason = default;
        if (response.Class == StunClass.ErrorResponse)
            _ = response.TryGetErrorCode(out code, out reason);
        ClientRequest request = transaction.State.Request;
        ResponseVerdict verdict = context.Authenticator.Check(response, transaction.State.Signature, context.Options.Reliable);
        // coturn signs no 437 to an Allocate request (docs/departures.md, RFC 8489 §9.2.5). All that follows is that the allocation on this 5-tuple is
        // deleted by a request that is signed, or that another 5-tuple is tried.
        if (verdict is ResponseVerdict.IntegrityIgnored or ResponseVerdict.IntegrityViolated
            && code == StunErrorCode.AllocationMismatch && request.Method == StunMethod.Allocate && response.Integrity == StunIntegrity.None)
            verdict = ResponseVerdict.Accepted;
        switch (verdict)
        {
            case ResponseVerdict.Ignored:
                return context.Drop(TurnDropReason.Ignored);
            case ResponseVerdict.IntegrityIgnored:
                transaction.NoteIntegrityViolation();
                return context.Drop(TurnDropReason.BadIntegrity);
            case ResponseVerdict.IntegrityViolated:
                _ = context.Drop(TurnDropReason.BadIntegrity);
                End(transaction);
                request.Fail(new RequestError(TurnFailure.IntegrityViolated), now);
                return TurnInput.Handled;
            case ResponseVerdict.Retry:
                End(transaction);
                _waiting.Insert(0, request);
                return TurnInput.Handled;
            case ResponseVerdict.CredentialsRefused:
                End(transaction);
                request.Fail(new RequestError(TurnFailure.CredentialsRefused, code), now);
                return TurnInput.Handled;
            case ResponseVerdict.ChallengeRefused:
                End(transaction);
                request.Fail(new RequestError(TurnFailure.ChallengeRefused, code), now);
                return TurnInput.Handled;
            default:
                End(transaction);
                if (transaction.RoundTrip(now) is { } roundTrip && roundTrip >= TimeSpan.Zero)
                    _rto.Sample(roundTrip);
                Conclude(response, transaction, code, reason, now);
                return TurnInput.Handled;
        }
    }

    /// <summary>Sends again what is due, and gives up what has failed.</summary>
    public void Tick(Instant now)
    {
        while (_transactions.TryTakeDue(now, out StunTransaction<Flight>? transaction, out TransactionDue due))
        {
            if (due == TransactionDue.Retransmit)
            {
                _output.Enqueue(transaction.State.Message);
                continue;
            }

            _ = _flights.Remove(transaction.State);
            TurnFailure failure = due == TransactionDue.IntegrityViolated ? TurnFailure.IntegrityViolated : TurnFailure.Timeout;
            transaction.State.Request.Fail(new RequestError(failure), now);
        }
    }

    private int FindStartable()
    {
        // RFC 8489 §6.2: "a client SHOULD limit itself to ten outstanding transactions to the same server."
        if (_transactions.Count >= _transactions.CapacityPerServer || context.Authenticator.AwaitsToken)
            return -1;
        int first = -1;
        for (int index = 0; index < _waiting.Count; index++)
        {
            if (!_waiting[index].MayStart(context.State))
                continue;
            if (_waiting[index].IsUrgent)
                return index;
            if (first < 0)
                first = index;
        }

        return first;
    }

    private bool Start(ClientRequest request, Instant now)
    {
        var id = TransactionId.Create(context.Entropy);
        if (Encode(request, id, out RequestSignature signature) is not { } message)
        {
            request.Fail(new RequestError(TurnFailure.ChallengeRefused), now);
            return false;
        }

        var flight = new Flight(request, id, message, signature);
        RetransmissionSchedule schedule = context.Options.Reliable
            ? RetransmissionSchedule.Reliable(RetransmissionSchedule.DefaultReliableTimeout)
            : context.Options.Retransmission with { Rto = _rto.Rto };
        if (!_transactions.TryAdd(id, context.Server, flight, schedule, now))
            throw new InvalidOperationException("The entropy source has given the same transaction id twice.");
        _flights.Add(flight);
        _output.Enqueue(message);
        return true;
    }

    // Null when what the server wants repeated does not fit into a datagram.
    private byte[]? Encode(ClientRequest request, TransactionId id, out RequestSignature signature)
    {
        byte[] scratch = ArrayPool<byte>.Shared.Rent(ScratchLength);
        var writer = new StunWriter(scratch, request.Method, StunClass.Request, id);
        request.Write(ref writer);
        if (request.IsAllocateOrRefresh && context.Options.Software is { } software)
            writer.AddText(StunAttributeType.Software, software);
        signature = context.Authenticator.Sign(ref writer, request.IsAllocateOrRefresh);
        byte[]? message = writer.Length > MaxRequestLength ? null : writer.Written.ToArray();
        ArrayPool<byte>.Shared.Return(scratch);
        return message;
    }

    private void End(StunTransaction<Flight> transaction)
    {
        _ = _transactions.TryRemove(transaction.Id, out _);
        _ = _flights.Remove(transaction.State);
    }

    private void Conclude(scoped in StunMessage response, StunTransaction<Flight> transaction, int code, ReadOnlySpan<byte> reason, Instant now)
    {
        ClientRequest request = transaction.State.Request;
        // RFC 8489 §6.3.3: "If the success response contains unknown comprehension-required attributes, the response is discarded and the
        // transaction is considered to have failed."
        // RFC 8489 §6.3.4: "If the error response contains unknown comprehension-required attributes, or if the error response does not contain
        // an ERROR-CODE attribute, then the transaction is simply considered to have failed."
        if (HasUnknownAttributes(response) || (response.Class == StunClass.ErrorResponse && code == 0))
            request.Fail(new RequestError(TurnFailure.BadResponse, code), now);
        else if (response.Class == StunClass.SuccessResponse)
            request.Succeed(response, transaction.StartedAt, now);
        // RFC 8656 §5: "A client receiving a 437 error response to a request other than Allocate MUST assume the allocation no longer exists."
        else if (code == StunErrorCode.AllocationMismatch && request.Method != StunMethod.Allocate && !request.DeletesAllocation)
            context.LoseAllocation(TurnFailure.AllocationGone, RequestError.Read(response, code, reason), now);
        else
            request.Fail(RequestError.Read(response, code, reason), now);
    }
}
