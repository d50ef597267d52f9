namespace Stun.Tests;

internal sealed class FixedTimeTests
{
    [Test]
    public void Equal_bytes_are_equal_and_every_single_bit_makes_a_difference()
    {
        Random random = Seed.Next();
        for (int length = 0; length <= 40; length++)
        {
            byte[] left = new byte[length];
            random.NextBytes(left);
            byte[] right = [.. left];
            Assert.That(FixedTime.AreEqual(left, right), Is.True, $"{length}");
            for (int bit = 0; bit < length * 8; bit++)
            {
                right[bit / 8] ^= (byte)(1 << (bit % 8));
                Assert.That(FixedTime.AreEqual(left, right), Is.False, $"{length}, bit {bit}");
                right[bit / 8] ^= (byte)(1 << (bit % 8));
            }
        }
    }

    [Test]
    public void Differences_do_not_cancel_each_other_out()
    {
        byte[] left = new byte[20];
        byte[] right = new byte[20];
        right[0] = right[8] = right[16] = right[19] = 0x80;
        Assert.That(FixedTime.AreEqual(left, right), Is.False);
    }

    [Test]
    public void Other_lengths_are_not_equal() => Assert.That(FixedTime.AreEqual(new byte[20], new byte[19]) || FixedTime.AreEqual(new byte[4], new byte[5]), Is.False);
}
