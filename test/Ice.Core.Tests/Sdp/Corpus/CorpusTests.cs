using System.Text.Json;
using Ice.Testing;

namespace Ice.Core.Tests.Sdp.Corpus;

/// <summary>What other agents write is understood, and comes back byte for byte.</summary>
[Rfc(8839, "5.1")]
internal sealed class CorpusTests
{
    private const int Seed = 0xC0B5;
    private const int MutationsPerLine = 100;
    private const string CandidateAttribute = "a=candidate:";

    // The kinds of candidates that each program can write, and so must be found in its file.
    private static readonly Dictionary<string, string[]> s_expected = new()
    {
        ["aioice"] = ["host udp v4 1", "host udp v6 1", "host udp v4 2", "srflx udp v4 1", "srflx udp v4 2", "relay udp v4 1", "relay udp v4 2"],
        ["libnice"] =
        [
            "host UDP v4 1", "host UDP v6 1", "host UDP link-local 1", "host UDP v4 2", "host TCP v4 1 active", "host TCP v6 2 passive", "host TCP link-local 1 passive",
            "srflx UDP v4 1", "srflx UDP v4 2", "srflx TCP v4 1 active", "srflx TCP v4 2 passive", "relay UDP v4 1", "relay UDP v4 2",
        ],
        ["pion"] = ["host udp v4 1", "host udp v6 1", "host udp mdns 1", "host tcp v4 1 passive", "host tcp v6 1 passive", "srflx udp v4 1", "relay udp v4 1", "relay udp v4 2"],
        ["chromium"] = ["host udp v4 1", "host udp v6 1", "host udp mdns 1", "host tcp v4 1 active", "host tcp v6 1 active", "srflx udp v4 1", "relay udp v4 1"],
        ["firefox"] =
        [
            "host UDP v4 1", "host UDP v6 1", "host UDP mdns 1", "host UDP v4 2", "host UDP mdns 2", "host TCP v4 1 active", "host TCP v6 2 active", "host TCP mdns 1 active",
            "srflx UDP v4 1", "srflx UDP v4 2", "relay UDP v4 1", "relay UDP v4 2",
        ],
        ["rfc"] = ["host UDP v4 1", "host UDP link-local 1", "host TCP v4 1 so", "srflx TCP v4 1 so", "host udp v4 1"],
        ["legal"] = ["host udp v4 256", "prflx udp v4 1", "host DCCP v4 1", "host tcp v4 1 so"],
    };

    private static IEnumerable<CorpusSection> Sections => CorpusSection.All;

    // The lines written for the corpus have leading zeros, case and order that only the text can keep.
    private static IEnumerable<CorpusSection> Canonical => CorpusSection.All.Where(static section => section.Source != "legal");

    private static IEnumerable<CorpusSection> Descriptions => CorpusSection.All.Where(static section => section.Kind is "sdp" or "sections");

    private static IEnumerable<string> Sources => s_expected.Keys;

    [TestCaseSource(nameof(Sections))]
    public void Every_candidate_comes_back_byte_for_byte(CorpusSection section)
    {
        string[] texts = [.. Candidates(section)];
        Assert.That(texts, Is.Not.Empty);
        Assert.Multiple(() =>
        {
            foreach (string text in texts)
            {
                string bare = text.StartsWith("a=", StringComparison.Ordinal) ? text[2..] : text;
                Assert.That(IceCandidate.TryParse(text, out IceCandidate? candidate, out string? error), Is.True, error);
                Assert.That(candidate!.ToString(), Is.EqualTo(bare));
                Assert.That(candidate.Validate(), Is.Null);
            }
        });
    }

    [TestCaseSource(nameof(Canonical))]
    public void What_the_agents_write_is_what_the_values_alone_give(CorpusSection section)
    {
        // A copy knows nothing of the text that was read: were a field misread or lost, it could not be written.
        Assert.Multiple(() =>
        {
            foreach (string text in Candidates(section))
            {
                var candidate = IceCandidate.Parse(text);
                Assert.That("a=" + (candidate with { Foundation = candidate.Foundation }), Does.EndWith(text));
            }
        });
    }

    [TestCaseSource(nameof(Descriptions))]
    [Rfc(8840, "8")]
    public void Every_attribute_of_a_description_comes_back_in_its_place(CorpusSection section)
    {
        string start = section.Kind == "sdp" ? "" : "v=0\r\n";
        var sdp = IceSdp.Parse(start + string.Join("\r\n", section.Lines) + "\r\n");

        Assert.That(sdp.Refusals, Is.Empty);
        int firstMedia = section.Lines.TakeWhile(static line => !line.StartsWith("m=", StringComparison.Ordinal)).Count();
        Assert.That(sdp.GetSessionLines(), Is.EquivalentTo(section.Lines.Take(firstMedia).Where(IsOurs)));
        int at = firstMedia;
        foreach (IceSdpMedia media in sdp.Media)
        {
            Assert.That("m=" + media.MediaLine, Is.EqualTo(section.Lines[at]));
            string[] lines = [.. section.Lines.Skip(at + 1).TakeWhile(static line => !line.StartsWith("m=", StringComparison.Ordinal))];
            Assert.That(IceSdp.GetMediaLines(media), Is.EquivalentTo(lines.Where(IsOurs)));
            Assert.That(media.Candidates.Select(static candidate => "a=" + candidate), Is.EqualTo(lines.Where(IsCandidate)));
            at += 1 + lines.Length;
        }

        Assert.That(at, Is.EqualTo(section.Lines.Count));
    }

    [Test]
    public void An_empty_candidate_of_a_browser_is_no_candidate_and_the_refusal_says_what_it_means()
    {
        string[] ends = [.. CorpusSection.All.Where(static section => section.Kind == "json").SelectMany(AllJson).Where(static text => text.Length == 0)];

        Assert.That(ends, Is.Not.Empty, "Firefox signals the end of each stream's candidates so");
        Assert.That(IceCandidate.TryParse(ends[0], out _, out string? error), Is.False);
        Assert.That(error, Does.Contain("end-of-candidates"));
    }

    [TestCaseSource(nameof(Sources))]
    public void The_file_holds_every_kind_of_candidate_that_the_program_can_write(string source)
    {
        CorpusSection[] sections = [.. CorpusSection.All.Where(section => section.Source == source)];

        Assert.That(sections, Is.Not.Empty);
        Assert.That(sections.SelectMany(Candidates).Select(static text => Kind(IceCandidate.Parse(text))).Distinct(), Is.SupersetOf(s_expected[source]));
    }

    [Test]
    public void Every_file_is_known() =>
        Assert.That(CorpusSection.All.Select(static section => section.Source).Distinct(), Is.EquivalentTo(s_expected.Keys));

    [TestCaseSource(nameof(Sources))]
    public void No_mutation_of_a_line_makes_the_parser_throw(string source)
    {
        string[] texts = [.. CorpusSection.All.Where(section => section.Source == source).SelectMany(Candidates).Distinct()];
        var random = new Random(Seed);
        int accepted = 0;
        foreach (string text in texts)
        {
            for (int i = 0; i < MutationsPerLine; i++)
            {
                string mutation = Mutate(random, text, texts[random.Next(texts.Length)]);
                if (!IceCandidate.TryParse(mutation, out IceCandidate? candidate, out string? error))
                {
                    if (string.IsNullOrEmpty(error))
                        Assert.Fail($"seed {Seed}: refused without a reason: {mutation}");
                    continue;
                }

                accepted++;
                string written = candidate.ToString();
                if (!IceCandidate.TryParse(written, out IceCandidate? again) || again.ToString() != written)
                    Assert.Fail($"seed {Seed}: {mutation} became {written}");
            }
        }

        Assert.That(accepted, Is.InRange(texts.Length, (texts.Length * MutationsPerLine) - texts.Length), "the mutations exercise both ways");
    }

    private static IEnumerable<string> Candidates(CorpusSection section) => section.Kind switch
    {
        "json" => AllJson(section).Where(static text => text.Length > 0),
        "candidates" => section.Lines,
        _ => section.Lines.Where(IsCandidate),
    };

    private static IEnumerable<string> AllJson(CorpusSection section)
    {
        foreach (string line in section.Lines)
        {
            using var json = JsonDocument.Parse(line);
            yield return json.RootElement.GetProperty("candidate").GetString()!;
        }
    }

    private static bool IsCandidate(string line) => line.StartsWith(CandidateAttribute, StringComparison.Ordinal);

    private static bool IsOurs(string line) =>
        IsCandidate(line) || line.StartsWith("a=ice-", StringComparison.Ordinal) || line.StartsWith("a=mid:", StringComparison.Ordinal)
        || line.StartsWith("a=group:BUNDLE", StringComparison.Ordinal) || line is "a=end-of-candidates" or "a=rtcp-mux" or "a=rtcp-mux-only";

    private static string Kind(IceCandidate candidate)
    {
        string type = candidate.Type switch
        {
            IceCandidateType.Host => "host",
            IceCandidateType.ServerReflexive => "srflx",
            IceCandidateType.PeerReflexive => "prflx",
            _ => "relay",
        };
        string address = candidate.HostName is { } name ? name.EndsWith(".local", StringComparison.Ordinal) ? "mdns" : "name"
            : candidate.Address.ToIPAddress().IsIPv6LinkLocal ? "link-local"
            : candidate.Address.IsIPv6 ? "v6" : "v4";
        string tcp = candidate.TcpType switch
        {
            IceTcpType.Active => " active",
            IceTcpType.Passive => " passive",
            IceTcpType.SimultaneousOpen => " so",
            _ => "",
        };
        return $"{type} {candidate.TransportToken} {address} {candidate.Component}{tcp}";
    }

    // One of: a character changed, a character or a field taken out, a field doubled, the head of one line with the tail of another.
    private static string Mutate(Random random, string text, string other)
    {
        int at = random.Next(text.Length);
        List<string> fields = [.. text.Split(' ')];
        int field = random.Next(fields.Count);
        switch (random.Next(5))
        {
            case 0:
                return string.Concat(text.AsSpan(0, at), ((char)random.Next(1, 256)).ToString(), text.AsSpan(at + 1));
            case 1:
                return text.Remove(at, 1);
            case 2:
                fields.RemoveAt(field);
                return string.Join(' ', fields);
            case 3:
                fields.Insert(field, fields[field]);
                return string.Join(' ', fields);
            default:
                return string.Concat(text.AsSpan(0, at), other.AsSpan(random.Next(other.Length)));
        }
    }
}
