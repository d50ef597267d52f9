using System.Text.RegularExpressions;
using Ice;

namespace DtlsInterop;

/// <summary>Our session description: ICE of the agent, DTLS of OpenSSL.</summary>
internal sealed record SessionText(IceAgent Agent, string Fingerprint, string Setup)
{
    /// <summary>An offer of one data channel.</summary>
    public string Offer() => Describe([("application", "0", null)]);

    /// <summary>The answer to an offer of a data channel, or of audio and video to receive.</summary>
    public string Answer(string offer) => Describe([.. IceSdp.Parse(offer).Media.Select(media =>
        (media.MediaLine.Split(' ')[0], media.Mid ?? "0", Codec(offer, media.MediaLine.Split(' ')[0])))]);

    /// <summary>An offer of what the browser has described, for an ICE restart.</summary>
    public string OfferAgain(string description) => Answer(description);

    /// <summary>The value of the first attribute of that name.</summary>
    public static string Value(string sdp, string attribute) => Regex.Match(sdp, $@"^a={attribute}:(.*?)\r?$", RegexOptions.Multiline).Groups[1].Value;

    private static (int Type, string Name)? Codec(string offer, string kind)
    {
        string? name = kind switch { "audio" => "opus/48000/2", "video" => "VP8/90000", _ => null };
        return name is null ? null : (int.Parse(Regex.Match(offer, $@"^a=rtpmap:(\d+) {name}", RegexOptions.Multiline).Groups[1].Value), name);
    }

    private string Describe(IReadOnlyList<(string Kind, string Mid, (int Type, string Name)? Codec)> sections)
    {
        string[] lines =
        [
            "v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0", $"a=group:BUNDLE {string.Join(' ', sections.Select(s => s.Mid))}",
            .. sections.SelectMany(Section),
        ];
        return string.Concat(lines.Select(line => line + "\r\n"));
    }

    private string[] Section((string Kind, string Mid, (int Type, string Name)? Codec) section) =>
    [
        section.Codec is { } codec ? $"m={section.Kind} 9 UDP/TLS/RTP/SAVPF {codec.Type}" : "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        "c=IN IP4 0.0.0.0",
        .. IceSdp.GetMediaLines(new IceSdpMedia
        {
            Mid = section.Mid,
            UsernameFragment = Agent.LocalParameters.UsernameFragment,
            Password = Agent.LocalParameters.Password,
            Candidates = Agent.LocalCandidates,
            EndOfCandidates = true,
            RtcpMux = section.Codec is not null,
        }),
        $"a=fingerprint:sha-256 {Fingerprint}",
        $"a=setup:{Setup}",
        .. section.Codec is { } used ? (string[])["a=recvonly", $"a=rtpmap:{used.Type} {used.Name}"] : ["a=sctp-port:5000", "a=max-message-size:262144"],
    ];
}
