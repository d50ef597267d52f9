using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Stun.Tests;

/// <summary>Every way to the CRC-32 that this machine has, against the definition.</summary>
internal sealed class Crc32Tests
{
    internal delegate uint Way(ReadOnlySpan<byte> bytes);

    private static IEnumerable<TestCaseData> Ways()
    {
        yield return Named("chosen", Crc32.Compute);
        yield return Named("table", Crc32.ComputeByTable);
        if (Crc32.CanMultiply)
            yield return Named("multiplication", Crc32.ComputeByMultiplication);
        if (Crc32.HasInstruction)
            yield return Named("instruction", Crc32.ComputeByInstruction);
    }

    // No processor of these two kinds that .NET supports in practice lacks it: without this, a test of what is fast could get lost.
    [Test]
    public void A_processor_of_x64_or_Arm64_has_a_way_that_needs_no_table()
    {
        bool wanted = RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;
        Assert.That(Crc32.CanMultiply || Crc32.HasInstruction, Is.EqualTo(wanted));
    }

    [TestCaseSource(nameof(Ways))]
    public void The_check_value_comes_out(Way compute) => Assert.That(compute("123456789"u8), Is.EqualTo(0xCBF43926));

    [TestCaseSource(nameof(Ways))]
    public void Every_length_gives_what_the_definition_says(Way compute)
    {
        Random random = Seed.Next();
        byte[] bytes = new byte[1100 + 3];
        for (int length = 0; length <= 1100; length++)
        {
            random.NextBytes(bytes);
            // Not always at an address that is a multiple of something.
            ReadOnlySpan<byte> text = bytes.AsSpan(length % 4, length);
            if (compute(text) != ByDefinition(text))
                Assert.Fail($"{length} bytes");
        }
    }

    [TestCaseSource(nameof(Ways))]
    public void Every_single_bit_counts(Way compute)
    {
        byte[] bytes = new byte[84];
        uint zero = compute(bytes);
        for (int bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.That(compute(bytes), Is.EqualTo(ByDefinition(bytes)).And.Not.EqualTo(zero), $"bit {bit}");
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    private static uint ByDefinition(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32BigEndian(Messages.Fingerprint(bytes)) ^ 0x5354554E;

    private static TestCaseData Named(string name, Way compute) => new TestCaseData(compute).SetArgDisplayNames(name);
}
