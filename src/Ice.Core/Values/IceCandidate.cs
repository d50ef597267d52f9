using System.Net;
using Stun;

namespace Ice;

/// <summary>A candidate: a transport address that may be used to reach an agent (RFC 8445 §4), with what signalling says of it.</summary>
/// <remarks>Immutable. The text form is the value of the SDP attribute <c>a=candidate</c> (RFC 8839 §5.1), with its <c>candidate:</c> prefix.</remarks>
public sealed partial record IceCandidate
{
    /// <summary>Creates a candidate to be described by its initializer.</summary>
    public IceCandidate()
    {
    }

    /// <summary>Groups candidates of the same type, base, server and transport (RFC 8445 §5.1.1.3): 1 to 32 characters.</summary>
    public required string Foundation { get; init; }

    /// <summary>The component, 1 to 256.</summary>
    public int Component { get; init; } = 1;

    /// <summary>The transport protocol.</summary>
    public IceTransport Transport { get; init; }

    /// <summary>The transport token as it was written, such as <c>udp</c> or <c>UDP</c>; by default that of <see cref="Transport"/>.</summary>
    public string TransportToken
    {
        get => field ?? (Transport == IceTransport.Tcp ? "tcp" : "udp");
        init;
    }

    /// <summary>The priority (RFC 8445 §5.1.2), 1 to 2^31 - 1.</summary>
    public required uint Priority { get; init; }

    /// <summary>The address; <see cref="TransportAddress.None"/> as long as only <see cref="HostName"/> is known.</summary>
    public TransportAddress Address { get; init; }

    /// <summary>
    /// The name that signalling uses in place of the address (an mDNS <c>.local</c> name or another FQDN); null for an address.
    /// Where both are set, the text form shows the name only.
    /// </summary>
    public string? HostName { get; init; }

    /// <summary>The port, 0 to 65535; that of <see cref="Address"/> where there is one.</summary>
    public int Port
    {
        get => Address.IsNone ? field : Address.Port;
        init;
    }

    /// <summary>The type.</summary>
    public required IceCandidateType Type { get; init; }

    /// <summary>The related address (raddr, rport): the base of a reflexive candidate, the mapped address of a relayed one.</summary>
    public TransportAddress RelatedAddress { get; init; }

    /// <summary>Who opens the connection, for TCP candidates (RFC 6544 §4.5).</summary>
    public IceTcpType TcpType { get; init; }

    /// <summary>The extensions, unknown ones included, in the order they were written; not tcptype, which is <see cref="TcpType"/>.</summary>
    public IReadOnlyList<IceCandidateExtension> Extensions { get; init; } = [];

    /// <summary>The address as the framework's type: an <see cref="IPEndPoint"/>, or a <see cref="DnsEndPoint"/> for a name.</summary>
    /// <exception cref="InvalidOperationException">There is neither an address nor a name.</exception>
    public EndPoint EndPoint => HostName is { } name ? new DnsEndPoint(name, Port) : Address.ToIPEndPoint();

    /// <summary>The value of the <c>ufrag</c> extension, which names the ICE session that the candidate belongs to (RFC 8838 §9); or null.</summary>
    public string? UsernameFragment => GetExtension("ufrag");

    /// <summary>The value of the first extension of that name, or null.</summary>
    public string? GetExtension(string name)
    {
        foreach (IceCandidateExtension extension in Extensions)
        {
            if (string.Equals(extension.Name, name, StringComparison.Ordinal))
                return extension.Value;
        }

        return null;
    }

    /// <summary>Says what keeps the candidate from being written as text that others can read, or null when nothing does.</summary>
    /// <remarks>A candidate that was parsed has nothing wrong with it.</remarks>
    public string? Validate() => IceCandidateGrammar.Validate(this);

    /// <summary>Whether two candidates say the same; how the text was written (case, zeros, prefixes) does not count.</summary>
    public bool Equals(IceCandidate? other) =>
        other is not null
        && Address == other.Address
        && Port == other.Port
        && Component == other.Component
        && Type == other.Type
        && Priority == other.Priority
        && Transport == other.Transport
        && TcpType == other.TcpType
        && RelatedAddress == other.RelatedAddress
        && string.Equals(Foundation, other.Foundation, StringComparison.Ordinal)
        && string.Equals(HostName, other.HostName, StringComparison.OrdinalIgnoreCase)
        && string.Equals(TransportToken, other.TransportToken, StringComparison.OrdinalIgnoreCase)
        && Extensions.SequenceEqual(other.Extensions);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Address, Port, Component, Type, Priority, Transport, Foundation);
}
