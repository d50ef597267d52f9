using Ice.Testing;

namespace Ice.Core.Tests.Sdp;

[Rfc(8840, "9.2")]
internal sealed class SdpFragmentTests
{
    [Test]
    [Rfc(8840, "4.4")]
    public void The_INFO_body_of_RFC_8840_is_read()
    {
        var body = SdpFragment.Parse(SdpSamples.Rfc8840Info);

        Assert.That(body.Refusals, Is.Empty);
        Assert.That(body.UsernameFragment, Is.EqualTo("8hhY"));
        Assert.That(body.Password, Is.EqualTo("asd88fgpdd777uzjYhagZg"));
        Assert.That(body.Media.Select(static media => media.Mid), Is.EqualTo(new[] { "1", "2" }));
        Assert.That(body.Media.Select(static media => media.Candidates.Count), Is.EqualTo(new[] { 6, 6 }));
        Assert.That(body.Media.Select(static media => media.EndOfCandidates), Is.EqualTo(new[] { true, true }));
        Assert.That(body.EndOfCandidates, Is.False);
        Assert.That(body.FindMedia("2")!.Candidates[5].ToString(), Is.EqualTo("candidate:2 2 UDP 1694498815 192.0.2.3 6011 typ srflx raddr 192.0.2.1 rport 9998"));
    }

    [Test]
    [Rfc(9725, "4.3.2")]
    public void The_PATCH_body_of_WHIP_comes_back_byte_for_byte()
    {
        var body = SdpFragment.Parse(SdpSamples.WhipTrickle);

        Assert.That(body.Bundle, Is.EqualTo(new[] { "0", "1" }));
        Assert.That(body.GetParameters(body.Media[0], out _)!.UsernameFragment, Is.EqualTo("EsAw"));
        Assert.That(body.Media[0].Candidates[2].TcpType, Is.EqualTo(IceTcpType.Active));
        Assert.That(SdpFragment.Write(body), Is.EqualTo(SdpSamples.WhipTrickle));
    }

    [Test]
    [Rfc(9725, "4.3.3")]
    public void The_restart_answer_of_WHIP_comes_back_byte_for_byte()
    {
        var body = SdpFragment.Parse(SdpSamples.WhipRestartAnswer);

        Assert.That(body.Lite, Is.True);
        Assert.That(body.GetParameters(body.Media[0], out _)!.HasOption("trickle"), Is.True);
        Assert.That(SdpFragment.Write(body), Is.EqualTo(SdpSamples.WhipRestartAnswer));
    }

    [TestCaseSource(typeof(SdpSamples), nameof(SdpSamples.Fragments))]
    public void What_is_written_reads_the_same(string text)
    {
        var body = SdpFragment.Parse(text);

        SdpSamples.AssertSame(SdpFragment.Parse(SdpFragment.Write(body)), body);
    }

    [Test]
    [Rfc(8840, "4.4")]
    public void A_fragment_put_together_by_hand_has_the_default_media_line()
    {
        string text = SdpFragment.Write(new IceSdp
        {
            UsernameFragment = "8hhY",
            Password = "asd88fgpdd777uzjYhagZg",
            Media = [new IceSdpMedia { Mid = "0", Candidates = [IceCandidate.Parse("1 1 udp 1 192.0.2.1 1 typ host")], EndOfCandidates = true }],
        });

        Assert.That(text, Is.EqualTo("a=ice-ufrag:8hhY\r\na=ice-pwd:asd88fgpdd777uzjYhagZg\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\na=candidate:1 1 udp 1 192.0.2.1 1 typ host\r\na=end-of-candidates\r\n"));
    }

    [Test]
    public void End_of_candidates_before_the_first_section_ends_all_trickling()
    {
        var body = SdpFragment.Parse("a=end-of-candidates\r\nm=audio 9 RTP/AVP 0\r\na=mid:1\r\n");

        Assert.That(body.EndOfCandidates, Is.True);
        Assert.That(body.HasEndOfCandidates(body.Media[0]), Is.True);
    }

    [Test]
    public void Unknown_lines_are_ignored()
    {
        var body = SdpFragment.Parse("a=tool:x\r\ns=-\r\na=whatever\r\nnonsense\r\nm=audio 9 RTP/AVP 0\r\na=mid:1\r\na=rtcp-mux\r\na=rtcp-mux-only\r\na=rtcp:9 IN IP4 0.0.0.0\r\na=fingerprint:sha-256 AA\r\n");

        Assert.That(body.Refusals, Is.Empty);
        Assert.That(body.Media[0].RtcpMux, Is.True);
        Assert.That(body.Media[0].RtcpMuxOnly, Is.True);
    }

    [Test]
    [Rfc(8840, "4.4")]
    public void A_section_without_mid_is_refused_when_read_and_when_written()
    {
        Assert.That(SdpFragment.TryParse("m=audio 9 RTP/AVP 0\r\na=candidate:1 1 udp 1 192.0.2.1 1 typ host\r\n", out _, out string? error), Is.False);
        Assert.That(error, Does.Contain("a=mid"));
        Assert.That(() => SdpFragment.Write(new IceSdp { Media = [new IceSdpMedia()] }), Throws.InvalidOperationException);
        Assert.That(() => SdpFragment.Write(new IceSdp { Media = [new IceSdpMedia { Mid = "0", MediaLine = "audio\r\na=x" }] }), Throws.InvalidOperationException);
    }

    [Test]
    [Rfc(8840, "4.4")]
    public void Of_repeated_candidates_only_the_new_ones_are_left_in_their_order()
    {
        IceSdpMedia media = SdpFragment.Parse(SdpSamples.Rfc8840Info).Media[0];
        IceCandidate[] known = [media.Candidates[4], media.Candidates[0] with { Priority = 7, Foundation = "other" }, media.Candidates[1] with { Component = 1 }];

        Assert.That(media.CandidatesNotIn(known), Is.EqualTo(new[] { media.Candidates[1], media.Candidates[2], media.Candidates[3], media.Candidates[5] }));
        Assert.That(media.CandidatesNotIn(media.Candidates), Is.Empty);
        Assert.That(media.CandidatesNotIn([]), Is.EqualTo(media.Candidates));
    }

    [Test]
    [Rfc(8840, "4.4")]
    public void What_else_a_pseudo_media_line_says_is_ignored() =>
        Assert.That(SdpFragment.Parse("m=nonsense\r\na=mid:1\r\na=candidate:1 1 udp 1 192.0.2.1 1 typ host\r\n").Media[0].Candidates, Has.Count.EqualTo(1));

    [Test]
    public void An_empty_body_is_an_empty_fragment() => Assert.That(SdpFragment.Parse("").Media, Is.Empty);
}
