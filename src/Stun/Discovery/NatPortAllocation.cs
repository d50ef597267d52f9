namespace Stun;

/// <summary>How a NAT chooses the external ports of new mappings, as seen in a row of them.</summary>
/// <param name="Pattern">The pattern.</param>
/// <param name="Step">From one port to the next where the pattern is sequential, negative when they go down; 0 otherwise.</param>
/// <param name="KeepsParity">Whether even ports were mapped to even ones and odd to odd (RFC 4787 §4.2.2); null when the samples do not tell.</param>
public readonly record struct NatPortAllocation(NatPortPattern Pattern, int Step, bool? KeepsParity);
