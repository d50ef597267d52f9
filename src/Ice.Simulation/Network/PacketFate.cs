namespace Ice.Simulation;

/// <summary>What happened to a packet at one place.</summary>
public enum PacketFate
{
    /// <summary>A node sent it out.</summary>
    Sent,

    /// <summary>It arrived at a node.</summary>
    Received,

    /// <summary>It ended here, for the reason that the record gives.</summary>
    Dropped,
}
