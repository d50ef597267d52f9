using Ice.Testing;

namespace Stun.Tests;

[Rfc(8489, "5")]
internal sealed class TransactionIdTests
{
    [Test]
    public void Bytes_survive_the_way_through_the_value()
    {
        byte[] bytes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255];
        var id = TransactionId.From(bytes);
        byte[] copy = new byte[12];
        id.CopyTo(copy);
        Assert.That(copy, Is.EqualTo(bytes));
        Assert.That(id.ToString(), Is.EqualTo("0102030405060708090a0bff"));
        Assert.That(id, Is.EqualTo(new TransactionId(bytes)));
        Assert.That(id.GetHashCode(), Is.EqualTo(new TransactionId(bytes).GetHashCode()));
    }

    [Test]
    public void Ids_that_differ_in_any_byte_differ()
    {
        for (int index = 0; index < 12; index++)
        {
            byte[] bytes = new byte[12];
            bytes[index] = 1;
            Assert.That(TransactionId.From(bytes) != default, Is.True);
        }
    }

    [Test]
    public void Every_bit_of_a_drawn_id_comes_from_the_entropy_source()
    {
        // 96 bits: over 64 draws each bit is seen as 0 and as 1, and no two ids are the same.
        byte[] ones = new byte[12];
        byte[] zeros = new byte[12];
        var seen = new HashSet<TransactionId>();
        byte[] bytes = new byte[12];
        for (int draw = 0; draw < 256; draw++)
        {
            var id = TransactionId.Create(EntropySource.Secure);
            Assert.That(seen.Add(id), Is.True);
            id.CopyTo(bytes);
            for (int index = 0; index < 12; index++)
            {
                ones[index] |= bytes[index];
                zeros[index] |= (byte)~bytes[index];
            }
        }

        Assert.That(ones, Is.All.EqualTo(255));
        Assert.That(zeros, Is.All.EqualTo(255));
    }

    [Test]
    public void The_same_entropy_gives_the_same_id() =>
        Assert.That(TransactionId.Create(new CountingEntropy()), Is.EqualTo(TransactionId.From([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])));

    [Test]
    public void Wrong_lengths_are_refused()
    {
        Assert.Throws<ArgumentException>(() => TransactionId.From(new byte[11]));
        Assert.Throws<ArgumentException>(() => default(TransactionId).CopyTo(new byte[11]));
    }

    private sealed class CountingEntropy : EntropySource
    {
        private byte _next;

        public override void Fill(Span<byte> destination)
        {
            foreach (ref byte value in destination)
                value = _next++;
        }
    }
}
