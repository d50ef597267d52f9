namespace Ice.Simulation;

/// <summary>Which external port a NAT gives to a new mapping (RFC 4787 §4.2).</summary>
public enum NatPortAssignment
{
    /// <summary>The internal port where it is free, a random one otherwise.</summary>
    Preserving,

    /// <summary>A random free one.</summary>
    Random,

    /// <summary>The next free one, <see cref="NatOptions.PortStep"/> after the last.</summary>
    Sequential,

    /// <summary>A random free one, even where the internal port is even and odd where it is odd (RFC 4787 §4.2.2).</summary>
    Parity,
}
