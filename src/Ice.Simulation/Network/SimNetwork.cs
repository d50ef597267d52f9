using Stun;

namespace Ice.Simulation;

/// <summary>A network in virtual time: a queue of events ordered by time and, within one time, by the order they were scheduled in.</summary>
/// <remarks>
/// Single-threaded and deterministic: two runs with the same seed and the same commands do the same, byte for byte. Nodes, realms, links
/// and agents hang off it; <see cref="Step"/> and its companions make it run.
/// </remarks>
public sealed class SimNetwork
{
    /// <summary>The most events that may be waiting: more means that something floods.</summary>
    public const int MaxPending = 100_000;

    /// <summary>The most events at one instant: more means that something loops without the time going on.</summary>
    public const int MaxStepsAtOneInstant = 20_000;

    private readonly PriorityQueue<Action, (Instant Time, long Sequence)> _queue = new();
    private readonly List<PacketTap> _taps = [];
    private long _sequence;
    private int _attachments;
    private int _stepsAtThisInstant;
    private Instant _lastStep;

    /// <summary>Creates an empty network.</summary>
    /// <param name="seed">The seed of all chance in it.</param>
    public SimNetwork(ulong seed)
        : this(seed, Instant.Zero)
    {
    }

    /// <summary>Creates an empty network.</summary>
    /// <param name="seed">The seed of all chance in it.</param>
    /// <param name="origin">The time at the start.</param>
    public SimNetwork(ulong seed, Instant origin)
    {
        Seed = seed;
        Random = new SimRandom(seed);
        Clock = new VirtualClock(origin);
    }

    /// <summary>The seed.</summary>
    public ulong Seed { get; }

    /// <summary>The chance of this run: fork it for parts of your own.</summary>
    public SimRandom Random { get; }

    /// <summary>The time.</summary>
    public VirtualClock Clock { get; }

    /// <summary>The time as it stands.</summary>
    public Instant Now => Clock.Now;

    /// <summary>How many events have run.</summary>
    public long Steps { get; private set; }

    /// <summary>How many events wait.</summary>
    public int Pending => _queue.Count;

    /// <summary>Shows a tap every packet from now on.</summary>
    public void AddTap(PacketTap tap)
    {
        ArgumentNullException.ThrowIfNull(tap);
        _taps.Add(tap);
    }

    /// <summary>Runs something at a time: after everything that was scheduled for that time before.</summary>
    /// <param name="at">When; a time in the past means now.</param>
    /// <param name="action">What.</param>
    /// <exception cref="InvariantViolationException">More than <see cref="MaxPending"/> events wait.</exception>
    public void Schedule(Instant at, Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        if (at.IsNever)
            throw new ArgumentOutOfRangeException(nameof(at), at, "Never does not come: do not schedule it.");
        if (_queue.Count >= MaxPending)
            throw new InvariantViolationException($"{MaxPending} events wait at {Clock.Elapsed}: something floods the network.");
        _queue.Enqueue(action, (Instant.Max(at, Now), _sequence++));
    }

    /// <summary>Runs something after a while.</summary>
    /// <param name="after">How long from now.</param>
    /// <param name="action">What.</param>
    public void Schedule(TimeSpan after, Action action) => Schedule(Now + after, action);

    /// <summary>Runs the next event.</summary>
    /// <returns>False when none waits.</returns>
    public bool Step()
    {
        if (!_queue.TryDequeue(out Action? action, out (Instant Time, long Sequence) key))
            return false;
        _stepsAtThisInstant = key.Time == _lastStep ? _stepsAtThisInstant + 1 : 0;
        _lastStep = key.Time;
        if (_stepsAtThisInstant > MaxStepsAtOneInstant)
            throw new InvariantViolationException($"{MaxStepsAtOneInstant} events ran at {Clock.Elapsed} without the time going on: something loops.");
        Clock.AdvanceTo(key.Time);
        Steps++;
        action();
        return true;
    }

    /// <summary>Runs until a time has passed; the clock then stands exactly there.</summary>
    public void RunFor(TimeSpan duration) => _ = RunUntil(static () => false, duration);

    /// <summary>Runs until a condition holds.</summary>
    /// <param name="condition">Asked before the first event and after each one.</param>
    /// <param name="limit">The most virtual time to spend.</param>
    /// <returns>Whether the condition came to hold; if not, the clock stands at the limit.</returns>
    public bool RunUntil(Func<bool> condition, TimeSpan limit)
    {
        ArgumentNullException.ThrowIfNull(condition);
        Instant end = Now + limit;
        while (true)
        {
            if (condition())
                return true;
            if (!_queue.TryPeek(out _, out (Instant Time, long Sequence) next) || next.Time > end)
            {
                Clock.AdvanceTo(end);
                return condition();
            }

            Step();
        }
    }

    internal int NextAttachmentIndex() => _attachments++;

    internal void Report(Attachment where, PacketFate fate, PacketDropCause cause, in SimPacket packet)
    {
        if (_taps.Count == 0)
            return;
        var record = new PacketRecord(Now, where, fate, cause, packet);
        foreach (PacketTap tap in _taps)
            tap.OnPacket(record);
    }
}
