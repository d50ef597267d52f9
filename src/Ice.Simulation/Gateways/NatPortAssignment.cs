namespace Ice.Simulation;

/// <summary>Which external port a NAT gives to a new mapping (RFC 4787 §4.2).</summary>
public enum NatPortAssignment
{
    /// <summary>The internal port where it is free, a random one otherwise.</summary>
    Preserving,

    /// <summary>A random free one.</summary>
    Random,

    /// <summary>The next free one.</summary>
    Sequential,
}
