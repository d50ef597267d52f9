using System.Globalization;
using System.Net;
using SIPSorcery.Net;

namespace Ice.SIPSorcery;

/// <summary>Turns the agent's candidates into SIPSorcery's, and back.</summary>
internal static class CandidateConverter
{
    /// <summary>A candidate for SIPSorcery.</summary>
    public static RTCIceCandidate ToRtc(IceCandidate candidate, string usernameFragment)
    {
        // RTCIceCandidate has no setter for its text, and its constructor from RTCIceCandidateInit loses the transport.
        RTCIceCandidate result = RTCIceCandidate.Parse(candidate.ToString());
        result.sdpMid = RtpIceChannel.SDP_MID;
        result.sdpMLineIndex = RtpIceChannel.SDP_MLINE_INDEX;
        result.usernameFragment = usernameFragment;
        if (candidate.Transport == IceTransport.Tcp)
        {
            // Parse does not read the type of a TCP candidate, and takes it for the related address.
            result.protocol = RTCIceProtocol.tcp;
            result.tcpType = candidate.TcpType switch
            {
                IceTcpType.Active => RTCIceTcpCandidateType.active,
                IceTcpType.Passive => RTCIceTcpCandidateType.passive,
                _ => RTCIceTcpCandidateType.so,
            };
            result.relatedAddress = candidate.RelatedAddress is { IsNone: false } related ? related.ToIPAddress().ToString() : null;
            result.relatedPort = (ushort)(candidate.RelatedAddress is { IsNone: false } port ? port.Port : 0);
        }

        return result;
    }

    /// <summary>A remote candidate for SIPSorcery, with the address that its data comes from.</summary>
    public static RTCIceCandidate ToRtc(IceCandidate candidate, IPEndPoint destination)
    {
        RTCIceCandidate result = ToRtc(candidate, "");
        result.SetDestinationEndPoint(destination);
        return result;
    }

    /// <summary>Reads a candidate that SIPSorcery read first; null when it cannot be what the peer meant.</summary>
    /// <remarks>
    /// SIPSorcery takes every candidate for one of UDP. Port 9 stands in TCP candidates of the active type alone (RFC 6544 §4.5), which no
    /// check can be sent to.
    /// </remarks>
    public static IceCandidate? FromRtc(RTCIceCandidate candidate)
    {
        const int discardPort = 9;
        if (candidate.port == discardPort)
            return null;
        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"candidate:{candidate.foundation} {(int)candidate.component} udp {candidate.priority} {candidate.address} {candidate.port} typ {candidate.type}");
        return IceCandidate.TryParse(text, out IceCandidate? result) ? result : null;
    }
}
