namespace Ice.Simulation;

/// <summary>One interface of one side of a <see cref="Scenario"/>.</summary>
public sealed record InterfaceScenario
{
    /// <summary>Whether it has an IPv4 address.</summary>
    public bool IPv4 { get; init; } = true;

    /// <summary>Whether it has an IPv6 address.</summary>
    public bool IPv6 { get; init; }

    /// <summary>How it is joined to the Internet.</summary>
    public Access Access { get; init; }

    /// <summary>The NAT, where <see cref="Access"/> says that there is one.</summary>
    public NatOptions Nat { get; init; } = new();

    /// <summary>How many external addresses the NAT has.</summary>
    public int PoolSize { get; init; } = 1;

    /// <summary>The NATs between that NAT and the Internet, from the inside: a carrier's, say.</summary>
    public IReadOnlyList<NatOptions> OuterNats { get; init; } = [];

    /// <summary>Whether the last of <see cref="OuterNats"/> is one NAT for both sides.</summary>
    public bool SharesOuterNat { get; init; }

    /// <summary>Who may send in through the stateful firewall for IPv6 (RFC 6092), and for IPv4 with <see cref="Access.Firewall"/>.</summary>
    public NatFiltering FirewallFiltering { get; init; } = NatFiltering.AddressAndPortDependent;

    /// <summary>The link, both ways.</summary>
    public LinkConditions Link { get; init; } = LinkConditions.Perfect;

    /// <inheritdoc/>
    public override string ToString()
    {
        string family = (IPv4, IPv6) switch { (true, true) => "v4+v6", (true, false) => "v4", _ => "v6" };
        string nat = Access is Access.Nat or Access.SharedLan ? $" {Nat.ShortName} {Nat.PortAssignment}, hairpin {Nat.Hairpin}" : "";
        foreach (NatOptions outer in OuterNats)
            nat += $" behind {outer.ShortName} {outer.PortAssignment}, hairpin {outer.Hairpin}";
        if (SharesOuterNat)
            nat += " (shared)";
        if (IPv6 && Access is not Access.Public)
            nat += $", firewall {FirewallFiltering}";
        return FormattableString.Invariant(
            $"{family} {Access}{nat}, {Link.Latency.TotalMilliseconds:0}+{Link.Jitter.TotalMilliseconds:0} ms, loss {Link.Loss.Average:P0}, reorder {Link.Reorder:P0}, duplicate {Link.Duplicate:P0}");
    }
}
