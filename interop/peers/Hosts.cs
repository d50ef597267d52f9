namespace PeersInterop;

/// <summary>The hosts of the laboratory, each a network namespace.</summary>
internal static class Hosts
{
    /// <summary>A host with an IPv4 and an IPv6 address, in the segment of all that are not behind a NAT.</summary>
    public const string A = "a";

    /// <summary>Another like <see cref="A"/>.</summary>
    public const string B = "b";

    /// <summary>A host with an IPv4 address alone.</summary>
    public const string A4 = "a4";

    /// <summary>Another like <see cref="A4"/>.</summary>
    public const string B4 = "b4";

    /// <summary>A host with an IPv6 address alone.</summary>
    public const string A6 = "a6";

    /// <summary>Another like <see cref="A6"/>.</summary>
    public const string B6 = "b6";

    /// <summary>A host that loses a tenth of the UDP datagrams that come in.</summary>
    public const string LossyA = "la";

    /// <summary>Another like <see cref="LossyA"/>.</summary>
    public const string LossyB = "lb";

    /// <summary>A host behind a NAT that maps an endpoint to one port.</summary>
    public const string NatA = "na";

    /// <summary>Another like <see cref="NatA"/>, behind a NAT of its own.</summary>
    public const string NatB = "nb";

    /// <summary>A host behind a NAT that maps an endpoint to another port for each destination.</summary>
    public const string Symmetric = "sa";

    /// <summary>A host with an IPv4 address alone, behind a firewall that lets in UDP from the server only.</summary>
    public const string Walled = "wb";

    /// <summary>Where coturn runs.</summary>
    public const string Server = "srv";
}
