using Stun;

namespace Ice.Core;

/// <summary>What a base's first packet to a destination had its NAT make, if the NAT maps each destination anew.</summary>
internal sealed class Mapping(IcePath path, TransportAddress host, int order)
{
    public IcePath Path { get; } = path;

    /// <summary>The local IP address, with port 0: all bases on it are taken to be behind one NAT.</summary>
    public TransportAddress Host { get; } = host;

    /// <summary>How many mappings of the same local IP address came before.</summary>
    public int Order { get; set; } = order;

    /// <summary>Whether it may have been made later than the first request left: that one may have been lost on its way to the NAT.</summary>
    public bool IsOrderUncertain { get; set; }

    /// <summary>What a server has seen; None where nobody was asked.</summary>
    public TransportAddress External { get; set; }
}
