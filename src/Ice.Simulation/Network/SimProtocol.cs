namespace Ice.Simulation;

/// <summary>What a <see cref="SimPacket"/> carries.</summary>
public enum SimProtocol
{
    /// <summary>A UDP datagram.</summary>
    Udp,

    /// <summary>A TCP segment.</summary>
    Tcp,
}
