namespace Ice.Simulation;

/// <summary>Which addresses a site has.</summary>
public enum AddressFamilies
{
    /// <summary>IPv4 alone.</summary>
    IPv4,

    /// <summary>IPv6 alone.</summary>
    IPv6,

    /// <summary>Both.</summary>
    Both,
}
