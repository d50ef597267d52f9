using System.Buffers.Binary;

namespace Stun;

/// <summary>The values of PASSWORD-ALGORITHMS and PASSWORD-ALGORITHM (RFC 8489 §14.11, §14.12).</summary>
public static class PasswordAlgorithmList
{
    /// <summary>Finds the first algorithm of a list that this library supports.</summary>
    /// <param name="value">The value of PASSWORD-ALGORITHMS.</param>
    /// <param name="algorithm">The algorithm.</param>
    /// <returns>False when the value is malformed or lists none that is supported.</returns>
    public static bool TryGetFirstSupported(ReadOnlySpan<byte> value, out PasswordAlgorithm algorithm)
    {
        algorithm = default;
        bool found = false;
        while (!value.IsEmpty)
        {
            if (!TryReadEntry(ref value, out PasswordAlgorithm entry, out int parametersLength))
                return false;
            if (!found && IsSupported(entry, parametersLength))
            {
                algorithm = entry;
                found = true;
            }
        }

        return found;
    }

    /// <summary>Reads the value of PASSWORD-ALGORITHM: one algorithm that this library supports.</summary>
    public static bool TryReadOne(ReadOnlySpan<byte> value, out PasswordAlgorithm algorithm) =>
        TryReadEntry(ref value, out algorithm, out int parametersLength) && value.IsEmpty && IsSupported(algorithm, parametersLength);

    /// <summary>Whether the value of PASSWORD-ALGORITHMS is well-formed and lists an algorithm.</summary>
    public static bool Contains(ReadOnlySpan<byte> value, PasswordAlgorithm algorithm)
    {
        bool found = false;
        while (!value.IsEmpty)
        {
            if (!TryReadEntry(ref value, out PasswordAlgorithm entry, out _))
                return false;
            found |= entry == algorithm;
        }

        return found;
    }

    /// <summary>Encodes a list in preferential order, as PASSWORD-ALGORITHMS holds it; with one entry it is a PASSWORD-ALGORITHM.</summary>
    public static byte[] Encode(params ReadOnlySpan<PasswordAlgorithm> algorithms)
    {
        byte[] value = new byte[4 * algorithms.Length];
        for (int index = 0; index < algorithms.Length; index++)
        {
            // RFC 8489 §18.5.1.2: "The key length is 32 bytes, and the parameters value is empty."
            BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(4 * index), (ushort)algorithms[index]);
        }

        return value;
    }

    private static bool IsSupported(PasswordAlgorithm algorithm, int parametersLength) =>
        algorithm is PasswordAlgorithm.Md5 or PasswordAlgorithm.Sha256 && parametersLength == 0;

    private static bool TryReadEntry(ref ReadOnlySpan<byte> value, out PasswordAlgorithm algorithm, out int parametersLength)
    {
        algorithm = default;
        parametersLength = 0;
        if (value.Length < 4)
            return false;
        algorithm = (PasswordAlgorithm)BinaryPrimitives.ReadUInt16BigEndian(value);
        parametersLength = BinaryPrimitives.ReadUInt16BigEndian(value[2..]);
        // RFC 8489 §14.11: "The parameters are padded to a 32-bit boundary, in the same manner as an attribute." The padding of the last
        // entry may be counted as the attribute's.
        if (4 + parametersLength > value.Length)
            return false;
        value = value[Math.Min(value.Length, 4 + StunMessage.Padded(parametersLength))..];
        return true;
    }
}
