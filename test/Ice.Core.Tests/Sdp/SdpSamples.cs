namespace Ice.Core.Tests.Sdp;

/// <summary>The examples of the RFCs, unfolded ("lines folded for readability"), with CRLF line ends.</summary>
internal static class SdpSamples
{
    /// <summary>RFC 8839 §4.2.6.</summary>
    internal static readonly string Rfc8839 = Lines("""
        v=0
        o=jdoe 2890844526 2890842807 IN IP4 203.0.113.141
        s=
        c=IN IP4 192.0.2.3
        t=0 0
        a=ice-options:ice2
        a=ice-pacing:50
        a=ice-pwd:asd88fgpdd777uzjYhagZg
        a=ice-ufrag:8hhY
        m=audio 45664 RTP/AVP 0
        b=RS:0
        b=RR:0
        a=rtpmap:0 PCMU/8000
        a=candidate:1 1 UDP 2130706431 203.0.113.141 8998 typ host
        a=candidate:2 1 UDP 1694498815 192.0.2.3 45664 typ srflx raddr 203.0.113.141 rport 8998
        """);

    /// <summary>RFC 8840 figure 7.</summary>
    internal static readonly string Rfc8840Info = Lines("""
        a=ice-pwd:asd88fgpdd777uzjYhagZg
        a=ice-ufrag:8hhY
        m=audio 9 RTP/AVP 0
        a=mid:1
        a=candidate:1 1 UDP 2130706432 2001:db8:a0b:12f0::1 5000 typ host
        a=candidate:1 2 UDP 2130706432 2001:db8:a0b:12f0::1 5001 typ host
        a=candidate:1 1 UDP 2130706431 192.0.2.1 5010 typ host
        a=candidate:1 2 UDP 2130706431 192.0.2.1 5011 typ host
        a=candidate:2 1 UDP 1694498815 192.0.2.3 5010 typ srflx raddr 192.0.2.1 rport 8998
        a=candidate:2 2 UDP 1694498815 192.0.2.3 5011 typ srflx raddr 192.0.2.1 rport 8998
        a=end-of-candidates
        m=audio 9 RTP/AVP 0
        a=mid:2
        a=candidate:1 1 UDP 2130706432 2001:db8:a0b:12f0::1 6000 typ host
        a=candidate:1 2 UDP 2130706432 2001:db8:a0b:12f0::1 6001 typ host
        a=candidate:1 1 UDP 2130706431 192.0.2.1 6010 typ host
        a=candidate:1 2 UDP 2130706431 192.0.2.1 6011 typ host
        a=candidate:2 1 UDP 1694498815 192.0.2.3 6010 typ srflx raddr 192.0.2.1 rport 9998
        a=candidate:2 2 UDP 1694498815 192.0.2.3 6011 typ srflx raddr 192.0.2.1 rport 9998
        a=end-of-candidates
        """);

    /// <summary>RFC 8840 §6.</summary>
    internal static readonly string Rfc8840InfoRtcpMux = Lines("""
        a=ice-pwd:asd88fgpdd777uzjYhagZg
        a=ice-ufrag:8hhY
        m=audio 9 RTP/AVP 0
        a=mid:1
        a=rtcp-mux
        a=candidate:1 1 UDP 1658497382 2001:db8:a0b:12f0::4 6000 typ host
        """);

    /// <summary>RFC 8840 §7.</summary>
    internal static readonly string Rfc8840InfoBundle = Lines("""
        a=group:BUNDLE foo bar
        a=ice-pwd:asd88fgpdd777uzjYhagZg
        a=ice-ufrag:8hhY
        m=audio 9 RTP/AVP 0
        a=mid:foo
        a=rtcp-mux
        a=candidate:1 1 UDP 1658497328 2001:db8:a0b:12f0::3 5000 typ host
        """);

    /// <summary>RFC 8840 §7.</summary>
    internal static readonly string Rfc8840BundleOffer = Lines("""
        v=0
        o=alice 2890844526 2890844526 IN IP6 atlanta.example.com
        s=
        c=IN IP6 2001:db8:a0b:12f0::3
        t=0 0
        a=group:BUNDLE foo bar
        a=ice-pwd:777uzjYhagZgasd88fgpdd
        a=ice-ufrag:Yhh8
        m=audio 10000 RTP/AVP 0
        a=mid:foo
        a=rtcp-mux
        a=rtpmap:0 PCMU/8000
        a=extmap 1 urn:ietf:params:rtp-hdrext:sdes:mid
        a=candidate:1 1 UDP 1658497328 2001:db8:a0b:12f0::3 10000 typ host
        m=video 10002 RTP/AVP 31
        a=mid:bar
        a=rtcp-mux
        a=rtpmap:31 H261/90000
        a=extmap 1 urn:ietf:params:rtp-hdrext:sdes:mid
        """);

    /// <summary>RFC 9725 figure 3.</summary>
    internal static readonly string WhipTrickle = Lines("""
        a=group:BUNDLE 0 1
        m=audio 9 UDP/TLS/RTP/SAVPF 111
        a=mid:0
        a=ice-ufrag:EsAw
        a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1
        a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw network-id 1
        a=candidate:3471623853 1 udp 2122194687 198.51.100.2 61765 typ host generation 0 ufrag EsAw network-id 2
        a=candidate:473322822 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active generation 0 ufrag EsAw network-id 1
        a=candidate:2154773085 1 tcp 1518214911 198.51.100.2 9 typ host tcptype active generation 0 ufrag EsAw network-id 2
        a=end-of-candidates
        """);

    /// <summary>RFC 9725 figure 4.</summary>
    internal static readonly string WhipRestart = Lines("""
        a=ice-options:trickle ice2
        a=group:BUNDLE 0 1
        m=audio 9 UDP/TLS/RTP/SAVPF 111
        a=mid:0
        a=ice-ufrag:ysXw
        a=ice-pwd:vw5LmwG4y/e6dPP/zAP9Gp5k
        a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw network-id 1
        a=candidate:3471623853 1 udp 2122194687 198.51.100.2 61765 typ host generation 0 ufrag EsAw network-id 2
        a=candidate:473322822 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active generation 0 ufrag EsAw network-id 1
        a=candidate:2154773085 1 tcp 1518214911 198.51.100.2 9 typ host tcptype active generation 0 ufrag EsAw network-id 2
        """);

    /// <summary>RFC 9725 figure 4.</summary>
    internal static readonly string WhipRestartAnswer = Lines("""
        a=ice-lite
        a=ice-options:trickle ice2
        a=group:BUNDLE 0 1
        m=audio 9 UDP/TLS/RTP/SAVPF 111
        a=mid:0
        a=ice-ufrag:289b31b754eaa438
        a=ice-pwd:0b66f472495ef0ccac7bda653ab6be49ea13114472a5d10a
        a=candidate:1 1 udp 2130706431 198.51.100.1 39132 typ host
        a=end-of-candidates
        """);

    /// <summary>RFC 9725 §4.2.</summary>
    internal static readonly string WhipOffer = Lines("""
        v=0
        o=- 5228595038118931041 2 IN IP4 127.0.0.1
        s=-
        t=0 0
        a=group:BUNDLE 0 1
        a=extmap-allow-mixed
        a=ice-options:trickle ice2
        m=audio 9 UDP/TLS/RTP/SAVPF 111
        c=IN IP4 0.0.0.0
        a=rtcp:9 IN IP4 0.0.0.0
        a=ice-ufrag:EsAw
        a=ice-pwd:bP+XJMM09aR8AiX1jdukzR6Y
        a=fingerprint:sha-256 DA:7B:57:DC:28:CE:04:4F:31:79:85:C4:31:67:EB:27:58:29:ED:77:2A:0D:24:AE:ED:AD:30:BC:BD:F1:9C:02
        a=setup:actpass
        a=mid:0
        a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
        a=sendonly
        a=msid:d46fb922-d52a-4e9c-aa87-444eadc1521b ce326ecf-a081-453a-8f9f-0605d5ef4128
        a=rtcp-mux
        a=rtcp-mux-only
        a=rtpmap:111 opus/48000/2
        a=fmtp:111 minptime=10;useinbandfec=1
        m=video 0 UDP/TLS/RTP/SAVPF 96 97
        a=mid:1
        a=bundle-only
        a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
        a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id
        a=extmap:11 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id
        a=sendonly
        a=msid:d46fb922-d52a-4e9c-aa87-444eadc1521b 3956b460-40f4-4d05-acef-03abcdd8c6fd
        a=rtpmap:96 VP8/90000
        a=rtcp-fb:96 ccm fir
        a=rtcp-fb:96 nack
        a=rtcp-fb:96 nack pli
        a=rtpmap:97 rtx/90000
        a=fmtp:97 apt=96
        """);

    /// <summary>RFC 9725 §4.2.</summary>
    internal static readonly string WhipAnswer = Lines("""
        v=0
        o=- 1657793490019 1 IN IP4 127.0.0.1
        s=-
        t=0 0
        a=group:BUNDLE 0 1
        a=extmap-allow-mixed
        a=ice-lite
        a=ice-options:trickle ice2
        m=audio 9 UDP/TLS/RTP/SAVPF 111
        c=IN IP4 0.0.0.0
        a=rtcp:9 IN IP4 0.0.0.0
        a=ice-ufrag:38sdf4fdsf54
        a=ice-pwd:2e13dde17c1cb009202f627fab90cbec358d766d049c9697
        a=fingerprint:sha-256 F7:EB:F3:3E:AC:D2:EA:A7:C1:EC:79:D9:B3:8A:35:DA:70:86:4F:46:D9:2D:CC:D0:BC:81:9F:67:EF:34:2E:BD
        a=candidate:1 1 UDP 2130706431 198.51.100.1 39132 typ host
        a=setup:passive
        a=mid:0
        a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
        a=recvonly
        a=rtcp-mux
        a=rtcp-mux-only
        a=rtpmap:111 opus/48000/2
        a=fmtp:111 minptime=10;useinbandfec=1
        m=video 0 UDP/TLS/RTP/SAVPF 96 97
        c=IN IP4 0.0.0.0
        a=mid:1
        a=bundle-only
        a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
        a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id
        a=extmap:11 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id
        a=recvonly
        a=rtpmap:96 VP8/90000
        a=rtcp-fb:96 ccm fir
        a=rtcp-fb:96 nack
        a=rtcp-fb:96 nack pli
        a=rtpmap:97 rtx/90000
        a=fmtp:97 apt=96
        """);

    internal static string[] WholeDescriptions => [Rfc8839, Rfc8840BundleOffer, WhipOffer, WhipAnswer];

    internal static string[] Fragments => [Rfc8840Info, Rfc8840InfoRtcpMux, Rfc8840InfoBundle, WhipTrickle, WhipRestart, WhipRestartAnswer];

    internal static void AssertSame(IceSdp actual, IceSdp expected)
    {
        Assert.That(actual.UsernameFragment, Is.EqualTo(expected.UsernameFragment));
        Assert.That(actual.Password, Is.EqualTo(expected.Password));
        Assert.That(actual.Lite, Is.EqualTo(expected.Lite));
        Assert.That(actual.Options, Is.EqualTo(expected.Options));
        Assert.That(actual.PacingMilliseconds, Is.EqualTo(expected.PacingMilliseconds));
        Assert.That(actual.EndOfCandidates, Is.EqualTo(expected.EndOfCandidates));
        Assert.That(actual.Bundle, Is.EqualTo(expected.Bundle));
        Assert.That(actual.Media, Has.Count.EqualTo(expected.Media.Count));
        foreach ((IceSdpMedia mine, IceSdpMedia theirs) in actual.Media.Zip(expected.Media))
        {
            Assert.That(mine.MediaLine, Is.EqualTo(theirs.MediaLine));
            Assert.That(mine.Mid, Is.EqualTo(theirs.Mid));
            Assert.That(mine.UsernameFragment, Is.EqualTo(theirs.UsernameFragment));
            Assert.That(mine.Password, Is.EqualTo(theirs.Password));
            Assert.That(mine.Options, Is.EqualTo(theirs.Options));
            Assert.That(mine.Candidates.Select(static c => c.ToString()), Is.EqualTo(theirs.Candidates.Select(static c => c.ToString())));
            Assert.That(mine.RemoteCandidates, Is.EqualTo(theirs.RemoteCandidates));
            Assert.That((mine.Mismatch, mine.EndOfCandidates, mine.RtcpMux, mine.RtcpMuxOnly), Is.EqualTo((theirs.Mismatch, theirs.EndOfCandidates, theirs.RtcpMux, theirs.RtcpMuxOnly)));
        }
    }

    private static string Lines(string text) => text.ReplaceLineEndings("\r\n") + "\r\n";
}
