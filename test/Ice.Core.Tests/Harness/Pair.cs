using Stun;
using static Ice.Core.Tests.Harness.Make;

namespace Ice.Core.Tests.Harness;

/// <summary>Two agents on a link without loss, on one virtual clock. Each base is reached at its own address.</summary>
internal sealed class Pair
{
    private const int MaxSteps = 200_000;
    private readonly byte[] _buffer = new byte[1280];
    private readonly PriorityQueue<Flight, (Instant, long)> _air = new();
    private long _sequence;

    public Pair(IceCoreOptions? left = null, IceCoreOptions? right = null, int seed = 1)
    {
        Left = new Side("left", left ?? new IceCoreOptions { Role = IceRole.Controlling }, seed, Start);
        Right = new Side("right", right ?? new IceCoreOptions { Role = IceRole.Controlled }, seed + 1, Start);
        Left.Other = Right;
        Right.Other = Left;
    }

    public Side Left { get; }

    public Side Right { get; }

    public Instant Now { get; private set; } = Start;

    public TimeSpan Elapsed => Now - Start;

    public TimeSpan Latency { get; set; } = Ms(10);

    /// <summary>Returns true for what the link loses.</summary>
    public Func<Flight, bool>? Lose { get; set; }

    public List<Flight> Flights { get; } = [];

    /// <summary>Exchanges parameters and all candidates so far, and says that there are no more.</summary>
    public void Signal()
    {
        SignalParameters();
        foreach (Side side in new[] { Left, Right })
        {
            side.Core.EndGatheringInputs(Now);
            SignalCandidates(side);
            for (int stream = 0; stream < side.Options.Streams.Count; stream++)
                side.Other.Core.EndOfRemoteCandidates(stream, Now);
        }

        Settle();
    }

    public void SignalParameters()
    {
        foreach (Side side in new[] { Left, Right })
        {
            for (int stream = 0; stream < side.Options.Streams.Count; stream++)
                side.Core.SetRemoteParameters(stream, side.Other.Core.LocalParameters, Now);
        }

        Settle();
    }

    /// <summary>Hands to the other side what this side gathered since the last call.</summary>
    public void SignalCandidates(Side from)
    {
        Settle();
        foreach (IceEvent.LocalCandidate local in from.TakeCandidates())
            from.Other.Core.AddRemoteCandidate(local.Stream, local.Candidate, Now);
        Settle();
    }

    /// <summary>Runs until a condition holds; returns whether it came to hold before the limit.</summary>
    public bool DriveUntil(Func<bool> condition, TimeSpan limit)
    {
        Instant end = Now + limit;
        Settle();
        while (!condition())
        {
            if (Next() > end)
            {
                Now = end;
                Settle();
                return condition();
            }

            Step();
        }

        return true;
    }

    public void Drive(TimeSpan duration)
    {
        Instant end = Now + duration;
        _ = DriveUntil(() => false, duration);
        Now = end;
    }

    /// <summary>Goes to the next moment at which anything happens.</summary>
    public void Step()
    {
        Now = Instant.Max(Now, Next());
        while (_air.TryPeek(out Flight? flight, out (Instant At, long) key) && key.At <= Now)
        {
            _ = _air.Dequeue();
            Side to = flight.From.Other;
            if (to.TryFindBase(flight.To, out BaseId id))
                to.Core.HandleDatagram(new IcePath(id, flight.Source), flight.Message.Bytes, Now);
        }

        Settle();
    }

    public void Settle()
    {
        for (int step = 0; step < MaxSteps; step++)
        {
            Drain(Left);
            Drain(Right);
            Side? due = Left.Core.NextTimeout <= Now ? Left : Right.Core.NextTimeout <= Now ? Right : null;
            if (due is null)
                return;
            due.Core.HandleTimeout(Now);
        }

        Assert.Fail("an agent does not come to rest: NextTimeout stays in the past");
    }

    private Instant Next()
    {
        Instant next = Instant.Min(Left.Core.NextTimeout, Right.Core.NextTimeout);
        return _air.TryPeek(out _, out (Instant At, long) key) ? Instant.Min(next, key.At) : next;
    }

    private void Drain(Side side)
    {
        while (side.Core.TryGetTransmit(_buffer, out Transmit transmit))
        {
            var message = WireMessage.Parse(_buffer.AsSpan(0, transmit.Length));
            var flight = new Flight(Now, side, side.Bases[transmit.Path.Base], transmit.Path.Remote, message);
            Flights.Add(flight);
            if (Lose?.Invoke(flight) != true)
                _air.Enqueue(flight, (Now + Latency, _sequence++));
        }

        while (side.Core.TryGetEvent(out IceEvent? value))
            side.Events.Add((Now, value));
    }

    /// <summary>A datagram on the link.</summary>
    internal sealed record Flight(Instant At, Side From, TransportAddress Source, TransportAddress To, WireMessage Message)
    {
        public bool IsCheck => Message.IsRequest && Message.Username is not null;
    }

    internal sealed class Side
    {
        private int _signalled;

        public Side(string name, IceCoreOptions options, int seed, Instant start)
        {
            Name = name;
            Options = options;
            Core = new IceCore(options, new SeededEntropy(seed), start);
        }

        public string Name { get; }

        public IceCoreOptions Options { get; }

        public IceCore Core { get; }

        public Side Other { get; set; } = null!;

        public Dictionary<BaseId, TransportAddress> Bases { get; } = [];

        public List<(Instant At, IceEvent Event)> Events { get; } = [];

        /// <summary>The selected pair, not a valid one that carries data until one is selected.</summary>
        public CandidatePairInfo? Selected => Core.GetSelectedPair(ComponentId.First) is { Selected: true } pair ? pair : null;

        public BaseId AddHost(string address, Instant now, ComponentId? component = null, int localPreference = 65535)
        {
            var id = new BaseId(Bases.Count + 1);
            Bases.Add(id, At(address));
            Core.AddBase(id, component ?? ComponentId.First, At(address), new BaseTraits { LocalPreference = localPreference }, now);
            return id;
        }

        public bool TryFindBase(TransportAddress address, out BaseId id)
        {
            foreach ((BaseId key, TransportAddress value) in Bases)
            {
                if (value != address)
                    continue;
                id = key;
                return true;
            }

            id = default;
            return false;
        }

        public IReadOnlyList<IceEvent.LocalCandidate> TakeCandidates()
        {
            IceEvent.LocalCandidate[] all = [.. EventsOf<IceEvent.LocalCandidate>()];
            IceEvent.LocalCandidate[] fresh = all[_signalled..];
            _signalled = all.Length;
            return fresh;
        }

        public IEnumerable<T> EventsOf<T>()
            where T : IceEvent => Events.Select(e => e.Event).OfType<T>();

        public override string ToString() => Name;
    }
}
