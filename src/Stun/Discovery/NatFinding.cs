namespace Stun;

/// <summary>One thing that was to be found out about a NAT: the answer, or why there is none.</summary>
/// <typeparam name="T">What the answer is.</typeparam>
/// <param name="Value">The answer; null when it is not known.</param>
/// <param name="Reason">Why it is not known, or not known better, in a sentence; null when there is nothing to add.</param>
public readonly record struct NatFinding<T>(T? Value, string? Reason = null)
    where T : struct
{
    /// <summary>Whether there is an answer.</summary>
    public bool IsKnown => Value.HasValue;

    /// <summary>The answer, or the reason why there is none.</summary>
    public override string ToString() => Value is { } value ? value.ToString() ?? "" : $"unknown: {Reason}";
}
