namespace Ice.Core.Tests.Sdp;

/// <summary>Nothing that a peer's signalling may hold makes a reader throw, and what was read can be written and read again.</summary>
internal sealed class SdpFuzzTests
{
    private const int Seed = 0x5DB0;
    private const int Mutations = 200_000;
    private const string Interesting = "\0\t\r\n  :=/+.-_%[]{}0129aAfFmvzZ\u007f\u00e9\u2028\ud800";

    private static readonly string[] s_seeds =
    [
        "candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw network-id 1",
        "a=candidate:2 1 UDP 1694498815 192.0.2.3 45664 typ srflx raddr 203.0.113.141 rport 8998",
        "candidate:5 1 TCP 1692401663 2001:db8::1 9 typ relay raddr fe80::1%eth0 rport 8998 tcptype passive",
        "1 1 udp 2113937151 4b6f8d1e-9c57-4f5c-8a54-1ef3a6c6a1c2.local 53124 typ host",
    ];

    [Test]
    public void No_mutation_of_a_candidate_makes_the_parser_throw()
    {
        TestContext.Out.WriteLine($"seed {Seed}");
        var random = new Random(Seed);
        int accepted = 0;
        for (int i = 0; i < Mutations; i++)
        {
            string text = Mutate(random, s_seeds[random.Next(s_seeds.Length)], s_seeds);
            if (!IceCandidate.TryParse(text, out IceCandidate? candidate, out string? error))
            {
                Check(error is { Length: > 0 and < 300 } && !error.AsSpan().ContainsAnyInRange('\0', '\u001f'), i, text);
                continue;
            }

            accepted++;
            Check(candidate.Validate() is null, i, text);
            string written = candidate.ToString();
            Check(IceCandidate.TryParse(written, out IceCandidate? again) && again.ToString() == written, i, text);
            // A related address that the type does not allow, or misses, is not kept when a zone forces the text to be written anew.
            Check(again! with { RelatedAddress = candidate.RelatedAddress } == candidate, i, text);
        }

        Assert.That(accepted, Is.InRange(Mutations / 20, Mutations - (Mutations / 20)), "the mutations exercise both ways");
    }

    [Test]
    public void No_mutation_of_a_description_makes_the_reader_throw()
    {
        TestContext.Out.WriteLine($"seed {Seed}");
        var random = new Random(Seed);
        string[] seeds = [.. SdpSamples.WholeDescriptions, .. SdpSamples.Fragments];
        int accepted = 0;
        for (int i = 0; i < Mutations / 10; i++)
        {
            string text = seeds[random.Next(seeds.Length)];
            for (int n = random.Next(1, 6); n > 0; n--)
                text = Mutate(random, text, seeds);
            _ = IceSdp.TryParse(text, out _, out _);
            if (!SdpFragment.TryParse(text, out IceSdp? sdp, out _))
                continue;

            accepted++;
            bool tooLong = sdp.Media.Select(static media => media.UsernameFragment).Append(sdp.UsernameFragment).Any(static ufrag => ufrag?.Length > 32);
            if (tooLong)
                continue;
            Check(SdpFragment.TryParse(SdpFragment.Write(sdp), out IceSdp? again, out _) && again.Media.Count == sdp.Media.Count && again.Refusals.Count == 0, i, text);
        }

        Assert.That(accepted, Is.GreaterThan(Mutations / 100), "the mutations exercise both ways");
    }

    private static void Check(bool holds, int iteration, string text)
    {
        if (!holds)
            Assert.Fail($"seed {Seed}, iteration {iteration}: {text}");
    }

    private static string Mutate(Random random, string text, string[] seeds)
    {
        int at = random.Next(text.Length + 1);
        int length = random.Next(Math.Min(16, text.Length - at) + 1);
        string other = seeds[random.Next(seeds.Length)];
        int from = random.Next(other.Length + 1);
        return random.Next(8) switch
        {
            0 => text.Remove(at, length),
            1 => text.Insert(at, Interesting[random.Next(Interesting.Length)].ToString()),
            2 => text.Remove(at, length).Insert(at, Interesting[random.Next(Interesting.Length)].ToString()),
            3 => text.Insert(at, text.Substring(at, length)),
            4 => string.Concat(text.AsSpan(0, at), other.AsSpan(from)),
            5 => text.Insert(at, new string(Interesting[random.Next(Interesting.Length)], random.Next(1, 40))),
            6 => text.Insert(at, random.NextInt64().ToString()),
            _ => text[..at],
        };
    }
}
