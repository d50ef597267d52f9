using Ice.SIPSorcery;
using SIPSorcery.Net;
using SIPSorceryMedia.Abstractions;

namespace BrowserVideo;

/// <summary>Sends a browser's video back to it, packet by packet, as a forwarding server would send it to others.</summary>
internal static class VideoEcho
{
    /// <summary>Answers an offer. The connection closes itself when the browser goes.</summary>
    public static async Task<string> AnswerAsync(string offer)
    {
#pragma warning disable CA2000 // it lives until the browser goes
        IcePeerConnection connection = new(new RTCConfiguration { X_ICEIncludeAllInterfaceAddresses = true });
#pragma warning restore CA2000
        connection.addTrack(new MediaStreamTrack(new VideoFormat(VideoCodecsEnum.VP8, 96)));
        connection.OnRtpPacketReceived += (_, kind, packet) =>
        {
            if (kind == SDPMediaTypesEnum.video)
                connection.SendRtpRaw(kind, packet.Payload, packet.Header.Timestamp, packet.Header.MarkerBit, packet.Header.PayloadType);
        };
        connection.OnReceiveReport += (_, kind, report) =>
        {
            // The browser that shows the video misses a key frame: the browser that sends it is asked for one.
            if (kind == SDPMediaTypesEnum.video && report.Feedback?.Header.PayloadFeedbackMessageType == PSFBFeedbackTypesEnum.PLI)
                AskForKeyFrame(connection);
        };
        connection.onconnectionstatechange += state =>
        {
            Console.WriteLine($"{state}{(connection.SelectedPair is { } pair ? $": {pair.Local.EndPoint} to {pair.Remote.EndPoint}" : "")}");
            if (state == RTCPeerConnectionState.connected)
                AskForKeyFrame(connection);
            else if (state == RTCPeerConnectionState.failed)
                connection.Close("the browser has gone");
        };
        SetDescriptionResultEnum result = connection.setRemoteDescription(new RTCSessionDescriptionInit { type = RTCSdpType.offer, sdp = offer });
        if (result != SetDescriptionResultEnum.OK)
        {
            connection.Close("the offer cannot be used");
            throw new InvalidOperationException($"The offer cannot be used: {result}.");
        }

        RTCSessionDescriptionInit answer = connection.createAnswer();
        await connection.setLocalDescription(answer);
        return answer.sdp;
    }

    private static void AskForKeyFrame(IcePeerConnection connection)
    {
        if (connection.VideoRemoteTrack is { Ssrc: not 0 } remote)
            connection.SendRtcpFeedback(SDPMediaTypesEnum.video, new RTCPFeedback(connection.VideoLocalTrack.Ssrc, remote.Ssrc, PSFBFeedbackTypesEnum.PLI));
    }
}
