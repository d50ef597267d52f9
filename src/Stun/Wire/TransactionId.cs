using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Stun;

/// <summary>The 96-bit transaction id of a STUN message, as a value (RFC 8489 §5).</summary>
public readonly struct TransactionId : IEquatable<TransactionId>
{
    /// <summary>The length of a transaction id in bytes.</summary>
    public const int Length = 12;

    private readonly ulong _high;
    private readonly uint _low;

    /// <summary>Takes the id from its 12 bytes in network order.</summary>
    /// <exception cref="ArgumentException"><paramref name="bytes"/> is not 12 bytes long.</exception>
    public TransactionId(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Length)
            throw new ArgumentException($"A transaction id has {Length} bytes, not {bytes.Length}.", nameof(bytes));
        _high = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _low = BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]);
    }

    /// <summary>Whether two ids are the same.</summary>
    public static bool operator ==(TransactionId left, TransactionId right) => left.Equals(right);

    /// <summary>Whether two ids differ.</summary>
    public static bool operator !=(TransactionId left, TransactionId right) => !left.Equals(right);

    /// <summary>Draws a new id.</summary>
    /// <param name="entropy">Where the 96 bits come from; <see cref="EntropySource.Secure"/> in production.</param>
    public static TransactionId Create(EntropySource entropy)
    {
        ArgumentNullException.ThrowIfNull(entropy);
        // RFC 8489 §5: "As such, the transaction ID MUST be uniformly and randomly chosen from the interval 0 .. 2**96-1 and MUST be
        // cryptographically random."
        Span<byte> bytes = stackalloc byte[Length];
        entropy.Fill(bytes);
        return new TransactionId(bytes);
    }

    /// <summary>Takes the id from its 12 bytes in network order.</summary>
    /// <exception cref="ArgumentException"><paramref name="bytes"/> is not 12 bytes long.</exception>
    public static TransactionId From(ReadOnlySpan<byte> bytes) => new(bytes);

    /// <summary>Writes the 12 bytes in network order.</summary>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    public void CopyTo(Span<byte> destination)
    {
        if (destination.Length < Length)
            throw new ArgumentException($"The destination needs {Length} bytes.", nameof(destination));
        BinaryPrimitives.WriteUInt64BigEndian(destination, _high);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], _low);
    }

    /// <inheritdoc/>
    public bool Equals(TransactionId other) => _high == other._high && _low == other._low;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is TransactionId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_high, _low);

    /// <summary>The id as 24 hexadecimal digits.</summary>
    public override string ToString() => $"{_high:x16}{_low:x8}";
}
