namespace Ice.Simulation;

/// <summary>Something that must never happen happened in a simulation: a bug in a machine, a driver or the simulation.</summary>
public sealed class InvariantViolationException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was to hold, and what was found.</param>
    public InvariantViolationException(string message)
        : base(message)
    {
    }
}
