using System.Globalization;
using System.Text;
using Stun;

namespace Ice;

/// <summary>Writes candidates in the grammar of RFC 8839 §5.1, with the TCP extension of RFC 6544 §4.5.</summary>
internal static class IceCandidateWriter
{
    internal const string Prefix = "candidate:";

    /// <summary>The canonical text, with its prefix.</summary>
    internal static string Write(IceCandidate candidate)
    {
        var text = new StringBuilder(Prefix, 160);
        text.Append(CultureInfo.InvariantCulture, $"{candidate.Foundation} {candidate.Component} {candidate.TransportToken} {candidate.Priority} ");
        text.Append(candidate.HostName ?? AddressText(candidate.Address));
        text.Append(CultureInfo.InvariantCulture, $" {candidate.Port} typ {TypeText(candidate.Type)}");
        AppendRelated(text, candidate);

        // RFC 6544 §4.5: "the connection type (active, passive, or S-O) is encoded using a new extension attribute."
        if (candidate.TcpType != IceTcpType.None)
            text.Append(" tcptype ").Append(TcpTypeText(candidate.TcpType));
        foreach (IceCandidateExtension extension in candidate.Extensions)
            text.Append(' ').Append(extension.Name).Append(' ').Append(extension.Value);
        return text.ToString();
    }

    /// <summary>An address as it goes on the wire: a zone names an interface of this machine and means nothing to the peer.</summary>
    internal static string AddressText(TransportAddress address) =>
        address.IsNone ? "0.0.0.0" : address.WithoutScope().ToIPAddress().ToString();

    private static void AppendRelated(StringBuilder text, IceCandidate candidate)
    {
        // RFC 8839 §5.1: "If the candidate is a host candidate, <rel-addr> and <rel-port> MUST be omitted."
        if (candidate.Type == IceCandidateType.Host)
            return;

        if (candidate.RelatedAddress.IsNone)
        {
            // RFC 8839 §5.1: "In this case the address MUST be set to "0.0.0.0" (for IPv4 candidates) or "::" (for IPv6 candidates) and the port to "9"."
            text.Append(candidate.Address.IsIPv6 ? " raddr :: rport 9" : " raddr 0.0.0.0 rport 9");
            return;
        }

        text.Append(CultureInfo.InvariantCulture, $" raddr {AddressText(candidate.RelatedAddress)} rport {candidate.RelatedAddress.Port}");
    }

    private static string TypeText(IceCandidateType type) => type switch
    {
        IceCandidateType.Host => "host",
        IceCandidateType.ServerReflexive => "srflx",
        IceCandidateType.PeerReflexive => "prflx",
        _ => "relay",
    };

    private static string TcpTypeText(IceTcpType type) => type switch
    {
        IceTcpType.Active => "active",
        IceTcpType.Passive => "passive",
        _ => "so",
    };
}
