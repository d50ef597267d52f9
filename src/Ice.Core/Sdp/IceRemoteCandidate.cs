using System.Globalization;
using Stun;

namespace Ice;

/// <summary>What <c>a=remote-candidates</c> says of one component: the peer's address of the selected pair (RFC 8839 §5.2).</summary>
/// <param name="Component">The component, 1 to 256.</param>
/// <param name="Address">The address; <see cref="TransportAddress.None"/> where a name stands in its place.</param>
/// <param name="Port">The port.</param>
/// <param name="HostName">The name in place of an address; null for an address.</param>
public readonly record struct IceRemoteCandidate(int Component, TransportAddress Address, int Port, string? HostName = null)
{
    /// <summary>The three fields: <c>1 192.0.2.3 45664</c>.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Component} {HostName ?? IceCandidateWriter.AddressText(Address)} {Port}");
}
