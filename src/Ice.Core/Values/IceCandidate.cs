using System.Net;
using Stun;

namespace Ice;

/// <summary>A candidate: a transport address that may be used to reach an agent (RFC 8445 §4), with what signalling says of it.</summary>
/// <remarks>Immutable. The text form is the value of the SDP attribute <c>a=candidate</c> (RFC 8839 §5.1), with its <c>candidate:</c> prefix.</remarks>
public sealed partial record IceCandidate
{
    /// <summary>Groups candidates of the same type, base, server and transport (RFC 8445 §5.1.1.3): 1 to 32 characters.</summary>
    public required string Foundation { get; init; }

    /// <summary>The component, 1 to 256.</summary>
    public int Component { get; init; } = 1;

    /// <summary>The transport protocol.</summary>
    public IceTransport Transport { get; init; }

    /// <summary>The transport token as it was written, such as <c>udp</c> or <c>UDP</c>.</summary>
    public string TransportToken { get; init; } = "udp";

    /// <summary>The priority (RFC 8445 §5.1.2), 1 to 2^31 - 1.</summary>
    public required uint Priority { get; init; }

    /// <summary>The address; <see cref="TransportAddress.None"/> as long as only <see cref="HostName"/> is known.</summary>
    public TransportAddress Address { get; init; }

    /// <summary>The name in place of an address (an mDNS <c>.local</c> name or another FQDN); null for an address.</summary>
    public string? HostName { get; init; }

    /// <summary>The port; that of <see cref="Address"/> where there is one.</summary>
    public int Port { get; init; }

    /// <summary>The type.</summary>
    public required IceCandidateType Type { get; init; }

    /// <summary>The related address (raddr, rport): the base of a reflexive candidate, the mapped address of a relayed one.</summary>
    public TransportAddress RelatedAddress { get; init; }

    /// <summary>Who opens the connection, for TCP candidates (RFC 6544 §4.5).</summary>
    public IceTcpType TcpType { get; init; }

    /// <summary>The extensions, unknown ones included, in the order they were written.</summary>
    public IReadOnlyList<IceCandidateExtension> Extensions { get; init; } = [];

    /// <summary>The address as the framework's type: an <see cref="IPEndPoint"/>, or a <see cref="DnsEndPoint"/> for a name.</summary>
    public EndPoint EndPoint => HostName is { } name ? new DnsEndPoint(name, Port) : Address.ToIPEndPoint();
}
