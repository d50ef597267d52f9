namespace Ice.Core;

/// <summary>How a NAT with endpoint-dependent mapping gives ports to new mappings, as far as samples show (RFC 4787 §4.2).</summary>
public enum PortAllocation
{
    /// <summary>No rule is seen: random, or too few samples.</summary>
    Unpredictable,

    /// <summary>One after the other, a constant step apart but for the mappings that others take in between.</summary>
    Sequential,
}
