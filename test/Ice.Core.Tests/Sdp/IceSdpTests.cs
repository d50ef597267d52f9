using Ice.Testing;
using Stun;

namespace Ice.Core.Tests.Sdp;

internal sealed class IceSdpTests
{
    [Test]
    [Rfc(8839, "4.2.6")]
    public void The_example_of_RFC_8839_is_read()
    {
        var sdp = IceSdp.Parse(SdpSamples.Rfc8839);

        Assert.That(sdp.Refusals, Is.Empty);
        Assert.That(sdp.Options, Is.EqualTo(new[] { "ice2" }));
        Assert.That(sdp.PacingMilliseconds, Is.EqualTo(50));
        Assert.That(sdp.Lite, Is.False);
        Assert.That(sdp.Media, Has.Count.EqualTo(1));
        Assert.That(sdp.Media[0].MediaLine, Is.EqualTo("audio 45664 RTP/AVP 0"));
        Assert.That(sdp.Media[0].Candidates.Select(static c => c.ToString()), Is.EqualTo(new[]
        {
            "candidate:1 1 UDP 2130706431 203.0.113.141 8998 typ host",
            "candidate:2 1 UDP 1694498815 192.0.2.3 45664 typ srflx raddr 203.0.113.141 rport 8998",
        }));
        IceParameters? parameters = sdp.GetParameters(sdp.Media[0], out string? error);
        Assert.That(error, Is.Null);
        Assert.That(parameters!.UsernameFragment, Is.EqualTo("8hhY"));
        Assert.That(parameters.Password, Is.EqualTo("asd88fgpdd777uzjYhagZg"));
        Assert.That(parameters.Options, Is.EqualTo(new[] { "ice2" }));
        Assert.That(parameters.PacingMilliseconds, Is.EqualTo(50));
    }

    [Test]
    [Rfc(8839, "5.4")]
    public void A_value_at_media_level_takes_precedence_each_for_itself()
    {
        var sdp = IceSdp.Parse("""
            v=0
            a=ice-ufrag:sessionU
            a=ice-pwd:sessionPasswordOf22Char
            m=audio 9 RTP/AVP 0
            m=video 9 RTP/AVP 31
            a=ice-ufrag:mediaU
            a=ice-pwd:mediaPasswordOf22Chars0
            m=text 9 RTP/AVP 98
            a=ice-ufrag:textU
            """);

        Assert.That(sdp.Media.Select(media => sdp.GetParameters(media, out _)!.UsernameFragment), Is.EqualTo(new[] { "sessionU", "mediaU", "textU" }));
        Assert.That(sdp.Media.Select(media => sdp.GetParameters(media, out _)!.Password), Is.EqualTo(new[] { "sessionPasswordOf22Char", "mediaPasswordOf22Chars0", "sessionPasswordOf22Char" }));
    }

    [Test]
    [Rfc(8839, "5.4")]
    public void Missing_credentials_are_named()
    {
        var sdp = IceSdp.Parse("v=0\r\nm=audio 9 RTP/AVP 0\r\na=ice-ufrag:8hhY\r\n");

        Assert.That(sdp.GetParameters(sdp.Media[0], out string? error), Is.Null);
        Assert.That(error, Does.Contain("ice-pwd").And.Contain("m=audio 9 RTP/AVP 0"));
    }

    [Test]
    [Rfc(8839, "5.4")]
    public void Lengths_of_credentials_are_held_to_4_22_and_256()
    {
        Assert.That(Refusal("a=ice-ufrag:abc"), Does.StartWith("ice-ufrag:"));
        Assert.That(Refusal("a=ice-ufrag:" + new string('a', 4)), Is.Null);
        Assert.That(Refusal("a=ice-ufrag:" + new string('a', 256)), Is.Null);
        Assert.That(Refusal("a=ice-ufrag:" + new string('a', 257)), Does.StartWith("ice-ufrag:"));
        Assert.That(Refusal("a=ice-ufrag:ab-d"), Does.StartWith("ice-ufrag:"));
        Assert.That(Refusal("a=ice-pwd:" + new string('p', 21)), Does.StartWith("ice-pwd:").And.Not.Contain("ppp"));
        Assert.That(Refusal("a=ice-pwd:" + new string('p', 22)), Is.Null);
        Assert.That(Refusal("a=ice-pwd:" + new string('p', 257)), Does.StartWith("ice-pwd:"));
    }

    [Test]
    [Rfc(8839, "5.4")]
    public void A_username_fragment_of_more_than_32_characters_is_read_and_not_written()
    {
        var sdp = IceSdp.Parse("v=0\r\na=ice-ufrag:" + new string('u', 33));

        Assert.That(sdp.UsernameFragment, Has.Length.EqualTo(33));
        Assert.That(() => sdp.GetSessionLines(), Throws.InvalidOperationException.With.Message.Contains("32"));
        Assert.That(() => new IceSdp { UsernameFragment = new string('u', 32) }.GetSessionLines(), Throws.Nothing);
    }

    [Test]
    [Rfc(8839, "5.2")]
    public void Remote_candidates_are_read_from_one_line_or_several()
    {
        IceRemoteCandidate[] expected = [new(1, TransportAddress.Parse("192.0.2.3", 45664), 45664), new(2, TransportAddress.Parse("192.0.2.3", 45665), 45665)];

        Assert.That(Media("a=remote-candidates:1 192.0.2.3 45664", "a=remote-candidates:2 192.0.2.3 45665").RemoteCandidates, Is.EqualTo(expected));
        IceSdpMedia media = Media("a=remote-candidates:1 192.0.2.3 45664 2 192.0.2.3 45665");
        Assert.That(media.RemoteCandidates, Is.EqualTo(expected));
        Assert.That(IceSdp.GetMediaLines(media), Is.EqualTo(new[] { "a=remote-candidates:1 192.0.2.3 45664 2 192.0.2.3 45665" }));
        Assert.That(MediaRefusal("a=remote-candidates:1 192.0.2.3"), Does.StartWith("remote-candidates:"));
        Assert.That(MediaRefusal("a=remote-candidates:0 192.0.2.3 1"), Does.StartWith("remote-candidates:"));
    }

    [Test]
    [Rfc(8839, "5.3")]
    public void Lite_belongs_to_the_session_and_mismatch_to_a_stream()
    {
        var sdp = IceSdp.Parse("v=0\r\na=ice-lite\r\na=ice-mismatch\r\nm=audio 9 RTP/AVP 0\r\na=ice-mismatch\r\na=ice-lite\r\n");

        Assert.That(sdp.Lite, Is.True);
        Assert.That(sdp.Media[0].Mismatch, Is.True);
        Assert.That(sdp.Refusals.Select(static r => r.Line), Is.EqualTo(new[] { 3, 6 }));
        Assert.That(IceSdp.Parse("v=0\r\nm=audio 9 RTP/AVP 0\r\na=ice-lite\r\n").Lite, Is.False);
    }

    [Test]
    [Rfc(8839, "5.5")]
    public void Pacing_is_a_number_of_milliseconds_of_the_session()
    {
        Assert.That(IceSdp.Parse("v=0\r\na=ice-pacing:20").PacingMilliseconds, Is.EqualTo(20));
        Assert.That(IceSdp.Parse("v=0\r\na=ice-pacing:9999999999").PacingMilliseconds, Is.EqualTo(int.MaxValue));
        Assert.That(IceSdp.Parse("v=0").PacingMilliseconds, Is.Null);
        Assert.That(Refusal("a=ice-pacing:-5"), Does.StartWith("ice-pacing:"));
        Assert.That(Refusal("a=ice-pacing:12345678901"), Does.StartWith("ice-pacing:"));
        Assert.That(MediaRefusal("a=ice-pacing:50"), Does.StartWith("ice-pacing:"));
        Assert.That(new IceSdp { PacingMilliseconds = 20 }.GetSessionLines(), Is.EqualTo(new[] { "a=ice-pacing:20" }));
    }

    [Test]
    [Rfc(8839, "5.6")]
    public void Options_of_both_levels_count()
    {
        var sdp = IceSdp.Parse("v=0\r\na=ice-options:ice2 rtp+ecn\r\na=ice-ufrag:8hhY\r\na=ice-pwd:asd88fgpdd777uzjYhagZg\r\nm=audio 9 RTP/AVP 0\r\na=ice-options:trickle ice2\r\n");

        Assert.That(sdp.Options, Is.EqualTo(new[] { "ice2", "rtp+ecn" }));
        Assert.That(sdp.GetParameters(sdp.Media[0], out _)!.Options, Is.EqualTo(new[] { "ice2", "rtp+ecn", "trickle" }));
        Assert.That(Refusal("a=ice-options:"), Does.StartWith("ice-options:"));
    }

    [Test]
    [Rfc(8839, "5.1")]
    public void A_candidate_that_cannot_be_read_is_left_out_and_named_with_its_line()
    {
        var sdp = IceSdp.Parse("v=0\r\na=candidate:1 1 udp 1 192.0.2.1 1 typ host\r\nm=audio 9 RTP/AVP 0\r\na=candidate:1 1 UDP 2130706432 200a0b:12f0::1 5000 typ host\r\na=candidate:1 1 udp 1 192.0.2.1 1 typ host\r\n");

        Assert.That(sdp.Media[0].Candidates, Has.Count.EqualTo(1));
        Assert.That(sdp.Refusals.Select(static r => r.Line), Is.EqualTo(new[] { 2, 4 }));
        Assert.That(sdp.Refusals[1].Reason, Does.StartWith("connection-address:"));
    }

    [Test]
    [Rfc(8840, "9.2")]
    public void Names_of_the_older_attributes_are_read_in_any_case()
    {
        var sdp = IceSdp.Parse("v=0\na=ICE-UFRAG:8hhY\na=Ice-Pwd:asd88fgpdd777uzjYhagZg\na=ICE-LITE\nm=audio 9 RTP/AVP 0\na=CANDIDATE:1 1 udp 1 192.0.2.1 1 typ host\n");

        Assert.That(sdp.GetParameters(sdp.Media[0], out _), Is.Not.Null);
        Assert.That(sdp.Lite, Is.True);
        Assert.That(sdp.Media[0].Candidates, Has.Count.EqualTo(1));
    }

    [Test]
    [Rfc(8840, "8.1")]
    public void End_of_candidates_applies_to_the_session_or_to_its_section()
    {
        var sdp = IceSdp.Parse("v=0\r\nm=audio 9 RTP/AVP 0\r\na=end-of-candidates\r\nm=video 9 RTP/AVP 31\r\n");
        Assert.That(sdp.Media.Select(sdp.HasEndOfCandidates), Is.EqualTo(new[] { true, false }));

        sdp = IceSdp.Parse("v=0\r\na=end-of-candidates\r\nm=audio 9 RTP/AVP 0\r\nm=video 9 RTP/AVP 31\r\n");
        Assert.That(sdp.Media.Select(sdp.HasEndOfCandidates), Is.EqualTo(new[] { true, true }));
    }

    [TestCaseSource(typeof(SdpSamples), nameof(SdpSamples.WholeDescriptions))]
    public void What_is_written_reads_the_same(string text)
    {
        var sdp = IceSdp.Parse(text);
        Assert.That(sdp.Refusals, Is.Empty);

        var lines = new List<string> { "v=0" };
        lines.AddRange(sdp.GetSessionLines());
        foreach (IceSdpMedia media in sdp.Media)
        {
            lines.Add("m=" + media.MediaLine);
            lines.AddRange(IceSdp.GetMediaLines(media));
        }

        SdpSamples.AssertSame(IceSdp.Parse(string.Join("\r\n", lines)), sdp);
    }

    [Test]
    [Rfc(8839, "4.3.1")]
    public void The_parameters_of_an_agent_become_session_lines()
    {
        var parameters = new IceParameters("8hhY", "asd88fgpdd777uzjYhagZg") { Options = ["ice2", "trickle"], PacingMilliseconds = 20 };
        var media = new IceSdpMedia { Mid = "0", Candidates = [IceCandidate.Parse("1 1 udp 1 192.0.2.1 1 typ host")] };

        Assert.That(IceSdp.FromParameters(parameters, media).GetSessionLines(), Is.EqualTo(new[]
        {
            "a=ice-options:ice2 trickle", "a=ice-pacing:20", "a=ice-ufrag:8hhY", "a=ice-pwd:asd88fgpdd777uzjYhagZg",
        }));
        Assert.That(IceSdp.GetMediaLines(media), Is.EqualTo(new[] { "a=mid:0", "a=candidate:1 1 udp 1 192.0.2.1 1 typ host" }));
    }

    [Test]
    [Rfc(8839, "4.3.1")]
    [Rfc(8839, "4.2.1.4")]
    public void A_lite_agent_says_so_and_asks_for_no_pacing()
    {
        var parameters = new IceParameters("8hhY", "asd88fgpdd777uzjYhagZg") { Lite = true, PacingMilliseconds = 20 };

        Assert.That(IceSdp.FromParameters(parameters).GetSessionLines(), Is.EqualTo(new[] { "a=ice-lite", "a=ice-ufrag:8hhY", "a=ice-pwd:asd88fgpdd777uzjYhagZg" }));
    }

    [Test]
    [Rfc(8839, "4.4.1.1.1")]
    public void Credentials_that_move_to_another_level_stay_the_same()
    {
        var before = IceSdp.Parse("v=0\r\na=ice-ufrag:8hhY\r\na=ice-pwd:asd88fgpdd777uzjYhagZg\r\nm=audio 9 RTP/AVP 0\r\n");
        var after = IceSdp.Parse("v=0\r\na=ice-pwd:asd88fgpdd777uzjYhagZg\r\nm=audio 9 RTP/AVP 0\r\na=ice-ufrag:8hhY\r\n");

        IceParameters one = before.GetParameters(before.Media[0], out _)!;
        IceParameters other = after.GetParameters(after.Media[0], out _)!;
        Assert.That((other.UsernameFragment, other.Password), Is.EqualTo((one.UsernameFragment, one.Password)));
    }

    [Test]
    public void Text_that_is_no_description_is_refused_with_a_hint()
    {
        Assert.That(IceSdp.TryParse("{\"type\":\"offer\"}", out _, out string? error), Is.False);
        Assert.That(error, Does.Contain("escaped"));
        Assert.That(IceSdp.TryParse("a=ice-ufrag:8hhY", out _, out error), Is.False);
        Assert.That(error, Does.Contain(nameof(SdpFragment)));
        Assert.That(IceSdp.TryParse("", out _, out _), Is.False);
        Assert.That(IceSdp.TryParse(new string('v', IceSdp.MaxTextLength + 1), out _, out error), Is.False);
        Assert.That(() => IceSdp.Parse("nothing"), Throws.TypeOf<FormatException>());
    }

    [Test]
    public void Bounds_hold_whatever_the_text_repeats()
    {
        string candidates = string.Concat(Enumerable.Repeat("a=candidate:1 1 udp 1 192.0.2.1 1 typ host\n", IceSdp.MaxCandidatesPerMedia + 100));
        var sdp = IceSdp.Parse("v=0\nm=audio 9 RTP/AVP 0\n" + candidates);
        Assert.That(sdp.Media[0].Candidates, Has.Count.EqualTo(IceSdp.MaxCandidatesPerMedia));
        Assert.That(sdp.Refusals, Has.Count.EqualTo(IceSdp.MaxRefusals));

        Assert.That(IceSdp.TryParse("v=0\n" + string.Concat(Enumerable.Repeat("m=audio 9 RTP/AVP 0\n", IceSdp.MaxMedia + 1)), out _, out string? error), Is.False);
        Assert.That(error, Does.Contain("m= lines"));
    }

    [Test]
    public void A_line_end_in_a_value_is_refused_when_written()
    {
        Assert.That(() => IceSdp.GetMediaLines(new IceSdpMedia { Mid = "0\r\na=x" }), Throws.InvalidOperationException.With.Message.StartsWith("Mid"));
        Assert.That(() => new IceSdp { Options = ["a b"] }.GetSessionLines(), Throws.InvalidOperationException.With.Message.StartsWith("Options"));
        Assert.That(() => new IceSdp { Password = "short" }.GetSessionLines(), Throws.InvalidOperationException.With.Message.Not.Contains("short"));
        Assert.That(
            () => IceSdp.GetMediaLines(new IceSdpMedia { Candidates = [IceCandidate.Parse("1 1 udp 1 192.0.2.1 1 typ host") with { Foundation = "" }] }),
            Throws.InvalidOperationException.With.Message.Contains("foundation"));
    }

    [Test]
    public void Text_forms_do_not_show_the_password()
    {
        var sdp = IceSdp.Parse(SdpSamples.Rfc8839.Replace("m=audio", "a=ice-pwd:mediaPasswordOf22Chars0\r\nm=audio", StringComparison.Ordinal));

        Assert.That(sdp.ToString() + sdp.Media[0] + sdp.GetParameters(sdp.Media[0], out _), Does.Not.Contain("asd88fgpdd777uzjYhagZg").And.Not.Contain("mediaPasswordOf22Chars0"));
    }

    private static IceSdpMedia Media(params string[] lines) => IceSdp.Parse("v=0\r\nm=audio 9 RTP/AVP 0\r\n" + string.Join("\r\n", lines)).Media[0];

    private static string? Refusal(string line) => IceSdp.Parse("v=0\r\n" + line).Refusals is [var refusal] ? refusal.Reason : null;

    private static string? MediaRefusal(string line) => IceSdp.Parse("v=0\r\nm=audio 9 RTP/AVP 0\r\n" + line).Refusals is [var refusal] ? refusal.Reason : null;
}
