using System.Security.Cryptography;
using System.Text;

namespace Stun.Tests;

internal sealed class Sha1Tests
{
    // FIPS 180-4's examples.
    [TestCase("", "da39a3ee5e6b4b0d3255bfef95601890afd80709")]
    [TestCase("abc", "a9993e364706816aba3e25717850c26c9cd0d89d")]
    [TestCase("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1")]
    public void The_examples_of_the_standard_come_out(string text, string hash) =>
        Assert.That(Convert.ToHexStringLower(Hash(Encoding.ASCII.GetBytes(text))), Is.EqualTo(hash));

    [Test]
    public void A_million_times_the_letter_a_comes_out()
    {
        byte[] text = new byte[1_000_000];
        text.AsSpan().Fill((byte)'a');
        Assert.That(Convert.ToHexStringLower(Hash(text)), Is.EqualTo("34aa973cd4c4daa4f61eeb2bdbad27316534016f"));
    }

    [Test]
    public void Every_length_gives_the_hash_of_the_framework()
    {
        Random random = Seed.Next();
        for (int length = 0; length <= 1100; length++)
        {
            byte[] text = new byte[length];
            random.NextBytes(text);
            if (!IsRight(text))
                Assert.Fail($"{length} bytes");
        }
    }

    [Test]
    public void Random_texts_give_the_hash_of_the_framework()
    {
        Random random = Seed.Next();
        for (int round = 0; round < 20_000; round++)
        {
            byte[] text = new byte[random.Next(300)];
            random.NextBytes(text);
            if (!IsRight(text))
                Assert.Fail($"round {round}, {Convert.ToHexStringLower(text)}");
        }
    }

#pragma warning disable CA5350 // it is what MESSAGE-INTEGRITY needs
    private static bool IsRight(byte[] text) => Hash(text).AsSpan().SequenceEqual(SHA1.HashData(text));
#pragma warning restore CA5350

    private static byte[] Hash(byte[] text)
    {
        byte[] hash = new byte[Sha1.HashLength];
        Sha1.HashData(text, hash);
        return hash;
    }
}
