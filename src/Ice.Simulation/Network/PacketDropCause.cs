namespace Ice.Simulation;

/// <summary>Why a packet did not go on.</summary>
public enum PacketDropCause
{
    /// <summary>It was not dropped.</summary>
    None,

    /// <summary>The link lost it.</summary>
    Loss,

    /// <summary>The link is cut.</summary>
    LinkCut,

    /// <summary>It is longer than the link's MTU.</summary>
    TooBig,

    /// <summary>Nobody in the realm has its destination address, and there is no gateway for its family.</summary>
    NoRoute,

    /// <summary>The host has no socket at the destination.</summary>
    NoSocket,

    /// <summary>The NAT has no mapping at the destination.</summary>
    NoMapping,

    /// <summary>The NAT's or firewall's filter refused it.</summary>
    Filtered,

    /// <summary>The firewall lets nothing out.</summary>
    Blocked,

    /// <summary>The NAT has no free external port.</summary>
    PortsExhausted,

    /// <summary>It went through too many gateways.</summary>
    HopLimit,
}
