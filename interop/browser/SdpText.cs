using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace BrowserInterop;

/// <summary>The little SDP that a browser needs to start ICE; the fingerprint is made up, so DTLS never finishes.</summary>
internal static partial class SdpText
{
    public static string Offer(string ufrag, string password, IEnumerable<string> candidates, bool end) => Describe("0", "actpass", ufrag, password, candidates, end);

    public static string Answer(string offer, string ufrag, string password, IEnumerable<string> candidates, bool end) =>
        Describe(Value(offer, "mid"), "passive", ufrag, password, candidates, end);

    public static string Value(string sdp, string attribute) => Regex.Match(sdp, $@"^a={attribute}:(\S+)", RegexOptions.Multiline).Groups[1].Value;

    public static IEnumerable<string> Candidates(string sdp) => CandidateLine().Matches(sdp).Select(m => m.Groups[1].Value);

    private static string Describe(string mid, string setup, string ufrag, string password, IEnumerable<string> candidates, bool end)
    {
        string fingerprint = BitConverter.ToString(RandomNumberGenerator.GetBytes(32)).Replace('-', ':');
        string[] lines =
        [
            "v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0", $"a=group:BUNDLE {mid}", "m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "c=IN IP4 0.0.0.0",
            $"a=mid:{mid}", $"a=ice-ufrag:{ufrag}", $"a=ice-pwd:{password}", "a=ice-options:trickle", $"a=fingerprint:sha-256 {fingerprint}",
            $"a=setup:{setup}", "a=sctp-port:5000", "a=max-message-size:262144", .. candidates.Select(c => "a=" + c), .. (string[])(end ? ["a=end-of-candidates"] : []),
        ];
        return string.Concat(lines.Select(l => l + "\r\n"));
    }

    [GeneratedRegex(@"^a=(candidate:.*?)\r?$", RegexOptions.Multiline)]
    private static partial Regex CandidateLine();
}
