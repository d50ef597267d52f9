namespace Ice.Simulation;

/// <summary>A place where an agent may be: what is between it and the Internet.</summary>
/// <param name="Name">A short name, for tables and messages.</param>
/// <param name="Interface">The one interface of a host there.</param>
public sealed record Site(string Name, InterfaceScenario Interface)
{
    /// <summary>The same site with other address families.</summary>
    public Site With(AddressFamilies families) => this with
    {
        Interface = Interface with { IPv4 = families != AddressFamilies.IPv6, IPv6 = families != AddressFamilies.IPv4 },
    };

    /// <inheritdoc/>
    public override string ToString() => Name;
}
