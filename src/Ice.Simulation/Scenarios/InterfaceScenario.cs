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

    /// <summary>The link, both ways.</summary>
    public LinkConditions Link { get; init; } = LinkConditions.Perfect;

    /// <inheritdoc/>
    public override string ToString()
    {
        string family = (IPv4, IPv6) switch { (true, true) => "v4+v6", (true, false) => "v4", _ => "v6" };
        string nat = Access is Access.Nat or Access.SharedLan ? $" {Nat.Mapping}/{Nat.Filtering}" : "";
        return FormattableString.Invariant(
            $"{family} {Access}{nat}, {Link.Latency.TotalMilliseconds:0}+{Link.Jitter.TotalMilliseconds:0} ms, loss {Link.Loss.Average:P0}, reorder {Link.Reorder:P0}, duplicate {Link.Duplicate:P0}");
    }
}
