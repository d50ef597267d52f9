using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Stun.Tests;

/// <summary>Our HMAC-SHA1 and the framework's are the same function, whichever of them a policy chooses.</summary>
internal sealed class HmacSha1Tests
{
    private const ushort LengthField = 0xA55A;

    // Shorter than a block, exactly one, and longer, which is hashed first.
    private static readonly int[] s_keyLengths = [0, 1, 20, 22, 63, 64, 65, 128, 200];

    private static IEnumerable<TestCaseData> Rfc2202()
    {
        yield return Vector(Repeat(0x0B, 20), "Hi There"u8.ToArray(), "b617318655057264e28bc0b6fb378c8ef146be00");
        yield return Vector("Jefe"u8.ToArray(), "what do ya want for nothing?"u8.ToArray(), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
        yield return Vector(Repeat(0xAA, 20), Repeat(0xDD, 50), "125d7342b9ac11cd91a39af48aa17b4f63f175d3");
        yield return Vector([.. Enumerable.Range(1, 25).Select(static value => (byte)value)], Repeat(0xCD, 50), "4c9007f4026250c6bc8414f9bf50c86c2d7235da");
        yield return Vector(Repeat(0x0C, 20), "Test With Truncation"u8.ToArray(), "4c1a03424b55e07fe7f27be1d58bb9324a9a5a04");
        yield return Vector(Repeat(0xAA, 80), "Test Using Larger Than Block-Size Key - Hash Key First"u8.ToArray(), "aa4ae5e15272d00e95705637ce8a3b55ed402112");
        yield return Vector(
            Repeat(0xAA, 80), "Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data"u8.ToArray(), "e8e99d0f45237d786d6bbaa7965c7808bbff1a91");
    }

    [TestCaseSource(nameof(Rfc2202))]
    public void The_vectors_of_RFC_2202_come_out(byte[] key, byte[] text, string expected)
    {
        ushort ownLength = BinaryPrimitives.ReadUInt16BigEndian(text.AsSpan(2));
        foreach ((string name, byte[] mac) in ComputeByAll(key, text, ownLength))
            Assert.That(Convert.ToHexStringLower(mac), Is.EqualTo(expected), name);
    }

    [Test]
    public void Every_length_gives_the_HMAC_of_the_framework()
    {
        Random random = Seed.Next();
        foreach (int keyLength in s_keyLengths)
        {
            byte[] key = new byte[keyLength];
            random.NextBytes(key);
            var kept = new HmacSha1(key);
            byte[] actual = new byte[Sha1.HashLength];
            for (int length = 4; length <= 1100; length++)
            {
                byte[] text = new byte[length];
                random.NextBytes(text);
                kept.Compute(text, LengthField, actual);
                if (!actual.AsSpan().SequenceEqual(Reference(key, text, LengthField)))
                    Assert.Fail($"a key of {keyLength} bytes, a text of {length}");
            }
        }
    }

    [Test]
    public void Random_keys_and_texts_give_the_same_in_every_way()
    {
        Random random = Seed.Next();
        for (int round = 0; round < 2000; round++)
        {
            byte[] key = new byte[random.Next(150)];
            byte[] text = new byte[random.Next(20, 2000)];
            random.NextBytes(key);
            random.NextBytes(text);
            var lengthField = (ushort)random.Next(ushort.MaxValue + 1);
            byte[] expected = Reference(key, text, lengthField);
            foreach ((string name, byte[] mac) in ComputeByAll(key, text, lengthField))
            {
                if (!mac.AsSpan().SequenceEqual(expected))
                    Assert.Fail($"round {round}, {name}: a key of {key.Length} bytes, a text of {text.Length}");
            }
        }
    }

    [Test]
    public void The_longest_message_gives_the_HMAC_of_the_framework()
    {
        byte[] text = new byte[StunMessage.MaxLength];
        Seed.Next().NextBytes(text);
        byte[] key = Encoding.ASCII.GetBytes(Vectors.Password);
        byte[] expected = Reference(key, text, LengthField);
        foreach ((string name, byte[] mac) in ComputeByAll(key, text, LengthField))
            Assert.That(mac, Is.EqualTo(expected), name);
    }

    [Test]
    public void What_is_computed_over_is_left_as_it_is()
    {
        byte[] text = new byte[200];
        Seed.Next().NextBytes(text);
        byte[] copy = [.. text];
        _ = ComputeByAll("key"u8.ToArray(), text, LengthField);
        Assert.That(text, Is.EqualTo(copy));
    }

    private static byte[] Reference(byte[] key, byte[] text, ushort lengthField)
    {
        byte[] replaced = [.. text];
        BinaryPrimitives.WriteUInt16BigEndian(replaced.AsSpan(2), lengthField);
#pragma warning disable CA5350 // MESSAGE-INTEGRITY is HMAC-SHA1: the protocol chose it
        return HMACSHA1.HashData(key, replaced);
#pragma warning restore CA5350
    }

    private static List<(string Name, byte[] Mac)> ComputeByAll(byte[] key, byte[] text, ushort lengthField)
    {
        byte[] kept = new byte[Sha1.HashLength];
        new StunKey(key, usesSystem: false).ComputeSha1(text, lengthField, kept);
        byte[] keptBySystem = new byte[Sha1.HashLength];
        new StunKey(key, usesSystem: true).ComputeSha1(text, lengthField, keptBySystem);
        byte[] once = new byte[Sha1.HashLength];
        MessageIntegrity.ComputeSha1(key, text, lengthField, once);
        byte[] onceBySystem = new byte[Sha1.HashLength];
        MessageIntegrity.ComputeBySystem(key, text, lengthField, onceBySystem, sha256: false);
        return [("a kept key", kept), ("a kept key by the system", keptBySystem), ("a key used once", once), ("a key used once by the system", onceBySystem)];
    }

    private static byte[] Repeat(byte value, int count) => [.. Enumerable.Repeat(value, count)];

    private static TestCaseData Vector(byte[] key, byte[] text, string mac) => new TestCaseData(key, text, mac).SetArgDisplayNames(mac);
}
