namespace Ice.Simulation;

/// <summary>Something packets go to: a host or a gateway.</summary>
public abstract class SimNode
{
    private protected SimNode(SimNetwork network, string name)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentException.ThrowIfNullOrEmpty(name);
        Network = network;
        Name = name;
    }

    /// <summary>The network that it is part of.</summary>
    public SimNetwork Network { get; }

    /// <summary>Its name, for captures and messages.</summary>
    public string Name { get; }

    internal abstract void Receive(in SimPacket packet, Attachment via);
}
