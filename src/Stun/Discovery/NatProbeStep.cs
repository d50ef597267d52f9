namespace Stun;

/// <summary>The tests of a <see cref="NatBehaviorProbe"/>.</summary>
public enum NatProbeStep
{
    /// <summary>Which servers answer at all (RFC 5780 §4.2).</summary>
    Servers,

    /// <summary>Mapping (RFC 5780 §4.3).</summary>
    Mapping,

    /// <summary>The external ports of several sockets in a row.</summary>
    Allocation,

    /// <summary>Filtering (RFC 5780 §4.4).</summary>
    Filtering,

    /// <summary>Hairpinning (RFC 4787 §6).</summary>
    Hairpinning,

    /// <summary>Fragments (RFC 5780 §7.6).</summary>
    Fragments,

    /// <summary>The lifetime of a mapping (RFC 5780 §4.6).</summary>
    Lifetime,
}
