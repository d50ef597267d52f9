namespace Ice.Simulation;

/// <summary>Sees every packet of a network at every attachment: captures, hashes and statistics derive from it.</summary>
public abstract class PacketTap
{
    /// <summary>Something happened to a packet.</summary>
    public abstract void OnPacket(in PacketRecord record);
}
