using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Stun;

/// <summary>Comparison that takes equally long whatever the bytes are.</summary>
internal static class FixedTime
{
    /// <summary>Whether two values of the same, public, length are the same.</summary>
    // Its time does not depend on the bytes: which instructions run, and which addresses they read, is decided by the length alone. Every
    // byte goes into one sum of differences, and the only branch on that sum is the caller's, on the whole of it. The compiler has no
    // reason to leave the loop early, for no step of it looks at the sum; the method is not inlined, so that none can come from what a
    // caller does with the result. CryptographicOperations.FixedTimeEquals promises the same; it is compiled without optimization, which
    // makes it take ten times as long and more, a third of what verifying a whole check takes.
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool AreEqual(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (left.Length != right.Length)
            return false;
        ulong differences = 0;
        while (left.Length >= sizeof(ulong))
        {
            differences |= BinaryPrimitives.ReadUInt64LittleEndian(left) ^ BinaryPrimitives.ReadUInt64LittleEndian(right);
            left = left[sizeof(ulong)..];
            right = right[sizeof(ulong)..];
        }

        for (int index = 0; index < left.Length; index++)
            differences |= (uint)(left[index] ^ right[index]);
        return differences == 0;
    }
}
