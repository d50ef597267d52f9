using Stun;

namespace Turn;

/// <summary>What the parts of a client share.</summary>
internal sealed class ClientContext
{
    private const int MaxHints = 256;

    private readonly Queue<TurnClientEvent> _events = new();
    private readonly long[] _drops = new long[Enum.GetValues<TurnDropReason>().Length];

    public ClientContext(TurnClientOptions options, EntropySource entropy, Instant now)
    {
        Options = options;
        Entropy = entropy;
        Server = options.Server;
        Authenticator = new Authenticator(options, now);
        Requests = new RequestQueue(this);
    }

    public TurnClientOptions Options { get; }

    public EntropySource Entropy { get; }

    public Authenticator Authenticator { get; }

    public RequestQueue Requests { get; }

    /// <summary>The server as it stands: a redirection changes it.</summary>
    public TransportAddress Server { get; set; }

    public TurnClientState State { get; set; } = TurnClientState.New;

    /// <summary>Called with what the server says of an allocation that it does not have (any more).</summary>
    public required Action<TurnFailure, RequestError, Instant> LoseAllocation { get; init; }

    public long GetDropCount(TurnDropReason reason) => _drops[(int)reason];

    public TurnInput Drop(TurnDropReason reason)
    {
        _drops[(int)reason]++;
        return TurnInput.Dropped;
    }

    public void Report(TurnClientEvent value) => _events.Enqueue(value);

    /// <summary>Reports what an unauthenticated indication says, within bounds: an owner that does not read cannot be flooded.</summary>
    public TurnInput ReportHint(TurnClientEvent value)
    {
        if (_events.Count >= MaxHints)
            return Drop(TurnDropReason.TooManyEvents);
        _events.Enqueue(value);
        return TurnInput.Handled;
    }

    public TurnClientEvent? TakeEvent() => _events.TryDequeue(out TurnClientEvent? value) ? value : null;
}
