namespace Ice.Simulation;

/// <summary>A link with two directions, each with conditions that may be changed while the network runs.</summary>
public sealed class Link
{
    /// <summary>Creates a perfect link.</summary>
    public Link(SimNetwork network)
        : this(network, LinkConditions.Perfect)
    {
    }

    /// <summary>Creates a link with the same conditions both ways.</summary>
    public Link(SimNetwork network, LinkConditions conditions)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(conditions);
        Up = new LinkDirection(network, conditions);
        Down = new LinkDirection(network, conditions);
    }

    /// <summary>From the node to the realm.</summary>
    public LinkDirection Up { get; }

    /// <summary>From the realm to the node.</summary>
    public LinkDirection Down { get; }

    /// <summary>Sets both directions' conditions; packets on their way are not touched.</summary>
    public void SetConditions(LinkConditions conditions)
    {
        Up.Conditions = conditions;
        Down.Conditions = conditions;
    }

    /// <summary>Cuts both directions: packets are dropped until <see cref="Restore"/>.</summary>
    public void Cut() => Up.IsCut = Down.IsCut = true;

    /// <summary>Ends a cut.</summary>
    public void Restore() => Up.IsCut = Down.IsCut = false;
}
