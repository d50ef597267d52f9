using Ice;
using IceTool.Bridge;

namespace IceTool.Tests;

internal sealed class SignalTextTests
{
    private const string Candidate = "candidate:1 1 udp 2130706431 192.0.2.1 50000 typ host";

    private static readonly IceParameters s_parameters = new("abcd", "abcdefghijklmnopqrstuv") { Options = ["ice2"] };

    [TestCase(true)]
    [TestCase(false)]
    public void A_line_comes_back_as_it_was(bool offer)
    {
        SignalText text = Make(offer);
        string line = text.Encode();
        Assert.That(line, Does.Match("^ice-(offer|answer):[A-Za-z0-9_-]+$"), "one word, for one double click");
        SignalText read = SignalText.Decode($"  {line}\r\n", offer);
        Assert.Multiple(() =>
        {
            Assert.That((read.IsOffer, read.Offer), Is.EqualTo((offer, text.Offer)));
            Assert.That((read.Parameters.UsernameFragment, read.Parameters.Password), Is.EqualTo((s_parameters.UsernameFragment, s_parameters.Password)));
            Assert.That(read.Parameters.Options, Is.EqualTo(s_parameters.Options));
            Assert.That(read.Candidates.Select(candidate => candidate.ToString()), Is.EqualTo(new[] { Candidate }));
        });
    }

    [Test]
    public void Thirty_candidates_fit_a_line_of_a_terminal()
    {
        IceCandidate[] candidates = [.. Enumerable.Range(1, 30).Select(i => IceCandidate.Parse($"candidate:{i * 7919} 1 udp {2130706431 - i} 2001:db8:{i}::{i * 31} {40000 + i * 131} typ srflx raddr 2001:db8:{i}::1 rport {50000 + i}"))];
        Assert.That(new SignalText(true, s_parameters, candidates, "").Encode(), Has.Length.LessThan(4095));
    }

    [Test]
    public void What_is_no_line_is_refused_with_what_to_do()
    {
        string offer = Make(offer: true).Encode();
        Assert.Multiple(() =>
        {
            Assert.That(() => SignalText.Decode("hello", offer: true), Throws.InstanceOf<FormatException>().With.Message.Contains("ice-offer:"));
            Assert.That(() => SignalText.Decode(offer, offer: false), Throws.InstanceOf<FormatException>().With.Message.Contains("one side runs 'ice bridge offer'"));
            Assert.That(() => SignalText.Decode(offer + "!", offer: true), Throws.InstanceOf<FormatException>().With.Message.Contains("cut off"));
            Assert.That(() => SignalText.Decode("ice-offer:", offer: true), Throws.InstanceOf<FormatException>().With.Message.Contains("cut off"));
            Assert.That(() => SignalText.Decode("ice-offer:" + new string('A', 40_000), offer: true), Throws.InstanceOf<FormatException>().With.Message.Contains("cut off"));
        });
    }

    [Test]
    public void A_line_cut_off_anywhere_or_changed_anywhere_is_read_or_refused()
    {
        string line = Make(offer: true).Encode();
        for (int i = SignalText.OfferPrefix.Length; i < line.Length; i++)
        {
            Read(line[..i]);
            Read(line[..i] + (line[i] == 'A' ? 'B' : 'A') + line[(i + 1)..]);
        }

        static void Read(string line)
        {
            try
            {
                _ = SignalText.Decode(line, offer: true);
            }
            catch (FormatException)
            {
                // Refused.
            }
        }
    }

    [Test]
    public void Text_that_unpacks_to_very_much_is_refused()
    {
        IceCandidate candidate = IceCandidate.Parse(Candidate);
        string bomb = new SignalText(true, s_parameters, [.. Enumerable.Repeat(candidate, 5000)], "").Encode();
        Assert.That(bomb, Has.Length.LessThan(32_000));
        Assert.That(() => SignalText.Decode(bomb, offer: true), Throws.InstanceOf<FormatException>());
    }

    private static SignalText Make(bool offer) => new(offer, s_parameters, [IceCandidate.Parse(Candidate)], offer ? "" : "efgh");
}
