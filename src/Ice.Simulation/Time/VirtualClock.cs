using Stun;

namespace Ice.Simulation;

/// <summary>The time of a simulation: it stands still while code runs and jumps from event to event.</summary>
public sealed class VirtualClock
{
    /// <summary>Creates a clock.</summary>
    /// <param name="origin">The time at the start; any instant, negative ones and ones close to the end of the time line included.</param>
    public VirtualClock(Instant origin) => Now = Origin = origin;

    /// <summary>The time at the start.</summary>
    public Instant Origin { get; }

    /// <summary>The time as it stands.</summary>
    public Instant Now { get; private set; }

    /// <summary>The time since the start.</summary>
    public TimeSpan Elapsed => Now - Origin;

    /// <summary>Moves the clock on.</summary>
    /// <param name="to">The new time: not before <see cref="Now"/>, and a real one.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time would run backwards, or end.</exception>
    public void AdvanceTo(Instant to)
    {
        if (to < Now || to.IsNever)
            throw new ArgumentOutOfRangeException(nameof(to), to, $"The clock stands at {Now} and only moves forward, to an instant before Never.");
        Now = to;
    }
}
