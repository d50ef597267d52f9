using System.Net;

namespace Ice.Net;

/// <summary>An IP address of this host, with what candidate gathering needs to know of it.</summary>
public sealed record HostAddress
{
    /// <summary>The address; an IPv6 link-local one carries its scope.</summary>
    public required IPAddress Address { get; init; }

    /// <summary>The name of the interface, such as <c>eth0</c>; empty when unknown.</summary>
    public string InterfaceName { get; init; } = "";

    /// <summary>The number of bits of the network prefix.</summary>
    public int PrefixLength { get; init; }

    /// <summary>Whether the interface is a loopback interface.</summary>
    public bool IsLoopback { get; init; }

    /// <summary>Whether the address is a temporary one that prevents location tracking (RFC 8981).</summary>
    public bool IsTemporary { get; init; }

    /// <summary>Whether the address is deprecated: valid, but not for new communication (RFC 4862 §5.5.4).</summary>
    public bool IsDeprecated { get; init; }
}
