namespace Ice.Simulation;

/// <summary>How an interface is joined to the Internet.</summary>
public enum Access
{
    /// <summary>With public addresses, and nothing in between.</summary>
    Public,

    /// <summary>Behind a NAT of its own for IPv4, and a stateful firewall for IPv6.</summary>
    Nat,

    /// <summary>With public addresses, behind a stateful firewall.</summary>
    Firewall,

    /// <summary>Behind a firewall that lets no UDP out, and TCP to every port.</summary>
    Blocked,

    /// <summary>Behind a firewall that lets out TCP to port 443 and nothing else.</summary>
    TcpOnly,

    /// <summary>Behind a firewall that lets nothing out: a proxy for the web is all there is.</summary>
    Closed,

    /// <summary>In one network with the peer, behind one NAT.</summary>
    SharedLan,
}
