namespace Stun;

/// <summary>What <see cref="NatBehaviorProbe"/> found out about the NATs between a local address and the servers, in the words of RFC 4787.</summary>
/// <remarks>
/// RFC 5780 §4: these are upper bounds of the moment: a NAT may change its behavior under load, over time, and from port to port. Of several NATs
/// in a row the strictest shows.
/// </remarks>
public sealed record NatBehavior
{
    /// <summary>The local address and port of the first socket; none when there was no socket.</summary>
    public TransportAddress Local { get; init; }

    /// <summary>Whether no server answered over UDP: it is blocked on the way, or none of the servers is there.</summary>
    public bool UdpBlocked { get; init; }

    /// <summary>Whether addresses are translated: false means that servers see the local address and port.</summary>
    public NatFinding<bool> Translated { get; init; }

    /// <summary>When an external port is reused.</summary>
    public NatFinding<NatMappingBehavior> Mapping { get; init; }

    /// <summary>Whose packets are let in. Without a NAT, it is a firewall's behavior.</summary>
    public NatFinding<NatFilteringBehavior> Filtering { get; init; }

    /// <summary>Whether hosts behind the NAT reach each other by their external addresses.</summary>
    public NatFinding<NatHairpinning> Hairpinning { get; init; }

    /// <summary>How long a mapping lives without traffic.</summary>
    public NatFinding<NatLifetime> Lifetime { get; init; }

    /// <summary>Whether the external port is the internal one as a rule.</summary>
    public NatFinding<bool> PortPreservation { get; init; }

    /// <summary>How the external ports of new mappings are chosen.</summary>
    public NatFinding<NatPortAllocation> Allocation { get; init; }

    /// <summary>Whether fragmented datagrams pass, out and in.</summary>
    public NatFinding<bool> Fragments { get; init; }

    /// <summary>The IP addresses that servers saw, with port 0. More than one: the NAT has a pool, and its pooling is "arbitrary" (RFC 4787 §4.1).</summary>
    public IReadOnlyList<TransportAddress> PublicAddresses { get; init; } = [];

    /// <summary>The new mappings in the order in which they were asked for: what a prediction of the next port starts from.</summary>
    public IReadOnlyList<NatPortSample> Samples { get; init; } = [];

    /// <summary>What each server said first.</summary>
    public IReadOnlyList<NatServerAnswer> Servers { get; init; } = [];

    /// <summary>A behavior of which nothing is known, for one reason.</summary>
    /// <param name="local">The local address; none if there is none.</param>
    /// <param name="reason">The reason, in a sentence.</param>
    public static NatBehavior Unknown(TransportAddress local, string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        return new NatBehavior
        {
            Local = local,
            Translated = new NatFinding<bool>(null, reason),
            Mapping = new NatFinding<NatMappingBehavior>(null, reason),
            Filtering = new NatFinding<NatFilteringBehavior>(null, reason),
            Hairpinning = new NatFinding<NatHairpinning>(null, reason),
            Lifetime = new NatFinding<NatLifetime>(null, reason),
            PortPreservation = new NatFinding<bool>(null, reason),
            Allocation = new NatFinding<NatPortAllocation>(null, reason),
            Fragments = new NatFinding<bool>(null, reason),
        };
    }
}
