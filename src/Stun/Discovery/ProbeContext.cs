namespace Stun;

/// <summary>What the tests of a <see cref="NatBehaviorProbe"/> have in common: sockets, paced requests with their retransmissions, and timers.</summary>
internal sealed class ProbeContext(NatProbeOptions options, EntropySource entropy, Instant start)
{
    // Far more than a probe of an hour needs; a bound all the same.
    private const int MaxRequests = 1000;
    private const int MaxOutstanding = 64;

    // What chance adds to the pacing, so that retransmissions do not fall together.
    private const double Jitter = 0.2;

    // How many silences in a row count as one where requests get lost.
    private const int SilencesUnderLoss = 3;

    private readonly TransactionTable<ProbeRequest> _outstanding = new(MaxOutstanding);
    private readonly Dictionary<TransactionId, ProbeRequest> _asked = [];
    private readonly List<ProbeRequest> _waiting = [];
    private readonly Queue<ProbeRequest> _leaving = [];
    private readonly Dictionary<NatSocketId, (ProbeSocket Socket, Action<ProbeSocket?, Instant> Opened)> _opening = [];
    private readonly Dictionary<NatSocketId, ProbeSocket> _sockets = [];
    private readonly List<(Instant Due, Action<Instant> Action)> _timers = [];
    private Instant _nextStart = start;
    private bool _crowded;
    private int _order;
    private int _nextSocket;

    public NatProbeOptions Options { get; } = options;

    public Queue<NatProbeEvent> Events { get; } = [];

    /// <summary>The mappings seen, in the order of the answers.</summary>
    public List<ProbeSample> Samples { get; } = [];

    /// <summary>Whether a request that nothing filters had to be sent more than once.</summary>
    public bool LossSeen { get; private set; }

    /// <summary>How many requests have to stay unanswered until that means something.</summary>
    public int Silences => LossSeen ? SilencesUnderLoss : 1;

    public bool IsClosed { get; private set; }

    public Instant NextTimeout
    {
        get
        {
            Instant next = _outstanding.NextTimeout;
            if (_waiting.Count > 0 && !_crowded)
                next = Instant.Min(next, _nextStart);
            foreach ((Instant due, _) in _timers)
                next = Instant.Min(next, due);
            return next;
        }
    }

    /// <summary>Has a socket opened; the action gets null when that failed.</summary>
    public void Open(Action<ProbeSocket?, Instant> opened)
    {
        var socket = new ProbeSocket(new NatSocketId(_nextSocket++));
        _opening.Add(socket.Id, (socket, opened));
        Events.Enqueue(new NatProbeEvent.OpenSocket(socket.Id));
    }

    public void Close(ProbeSocket socket)
    {
        if (_sockets.Remove(socket.Id))
            Events.Enqueue(new NatProbeEvent.CloseSocket(socket.Id));
    }

    /// <summary>The driver has opened a socket, or could not (an address of none).</summary>
    public void Opened(NatSocketId id, TransportAddress local, Instant now)
    {
        if (!_opening.Remove(id, out (ProbeSocket Socket, Action<ProbeSocket?, Instant> Opened) entry))
            throw new InvalidOperationException($"The probe asked for no socket {id.Value}, or heard of it already.");
        if (IsClosed)
            return;
        entry.Socket.Local = local;
        if (!local.IsNone)
            _sockets.Add(id, entry.Socket);
        entry.Opened(local.IsNone ? null : entry.Socket, now);
    }

    public ProbeSocket? Find(NatSocketId id) => _sockets.GetValueOrDefault(id);

    public ProbeRequest? Find(TransactionId id) => _asked.GetValueOrDefault(id);

    /// <summary>Lines a request up; it leaves when the pacing lets it.</summary>
    public void Ask(ProbeRequest request, Instant now)
    {
        request.Id = TransactionId.Create(entropy);
        if (_asked.Count >= MaxRequests || !_asked.TryAdd(request.Id, request))
        {
            request.Ended(request, null, now);
            return;
        }

        _waiting.Add(request);
    }

    /// <summary>Is not interested in the answer any more.</summary>
    public void Cancel(ProbeRequest request)
    {
        request.IsCancelled = true;
        _ = _waiting.Remove(request);
        End(request);
    }

    public void After(TimeSpan time, Instant now, Action<Instant> action) => _timers.Add((now + time, action));

    /// <summary>Does everything whose time has come.</summary>
    public void Advance(Instant now)
    {
        while (_outstanding.TryTakeDue(now, out StunTransaction<ProbeRequest>? transaction, out TransactionDue due))
        {
            ProbeRequest request = transaction.State;
            if (due == TransactionDue.Retransmit)
                Leave(request);
            else
                Expire(request, now);
        }

        for (int i = _timers.FindIndex(timer => timer.Due <= now); i >= 0; i = _timers.FindIndex(timer => timer.Due <= now))
        {
            Action<Instant> action = _timers[i].Action;
            _timers.RemoveAt(i);
            action(now);
        }

        StartNext(now);
    }

    /// <summary>The next request that leaves now.</summary>
    public bool TryTakeLeaving(out ProbeRequest request)
    {
        while (_leaving.TryDequeue(out request!))
        {
            request.IsLeaving = false;
            if (request is { IsAnswered: false, IsCancelled: false })
                return true;
        }

        return false;
    }

    /// <summary>An answer was accepted.</summary>
    public void Take(ProbeRequest request, ProbeAnswer answer, Instant now)
    {
        if (End(request) is { } transaction)
            answer = answer with { RoundTrip = transaction.RoundTrip(now) };
        request.IsAnswered = true;
        if (request.IsPlain && request.Transmissions > 1)
            LossSeen = true;
        if (request.IsSample && answer is { IsSuccess: true, Mapped.IsNone: false })
            Samples.Add(new ProbeSample(request.Order, request.Transmissions == 1, new NatPortSample(request.Socket.Local, request.Destination, answer.Mapped)));
        request.Ended(request, answer, now);
    }

    /// <summary>Nothing leaves any more, and no timer runs.</summary>
    public void Shut()
    {
        IsClosed = true;
        _waiting.Clear();
        _leaving.Clear();
        _timers.Clear();
        _outstanding.Clear();
    }

    private StunTransaction<ProbeRequest>? End(ProbeRequest request)
    {
        _crowded = false;
        return _outstanding.TryRemove(request.Id, out StunTransaction<ProbeRequest>? transaction) ? transaction : null;
    }

    private void Expire(ProbeRequest request, Instant now)
    {
        _crowded = false;
        request.Ended(request, null, now);
    }

    private void StartNext(Instant now)
    {
        while (_waiting.Count > 0 && _nextStart <= now)
        {
            int index = _waiting.FindIndex(r => _outstanding.TryAdd(r.Id, r.Destination, r, r.Schedule ?? Options.Schedule, now));
            if (index < 0)
            {
                _crowded = true;
                return;
            }

            ProbeRequest request = _waiting[index];
            _waiting.RemoveAt(index);
            request.Order = _order++;
            Leave(request);
            _nextStart = now + (Options.Pacing * (1 + (Jitter * entropy.NextDouble())));
        }
    }

    private void Leave(ProbeRequest request)
    {
        if (request.IsLeaving)
            return;
        request.IsLeaving = true;
        request.Transmissions++;
        _leaving.Enqueue(request);
    }
}
